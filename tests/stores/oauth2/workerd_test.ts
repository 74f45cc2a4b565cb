import { assert, assertEquals, assertLess } from "@std/assert";
import { OwnTime } from "../../support/fixtures/own_time.ts";
import { until } from "../../support/fixtures/until.ts";
import { startOidcProvider } from "../../support/servers/oidc_provider.ts";
import { bundleProgram } from "../../support/tokens/bundle_program.ts";
import { startWorker } from "../../support/tokens/worker_process.ts";

/** How long a follower waits before it takes over from a request that ended, in milliseconds. */
const TAKE_OVER_MS = 2_000;
/** How much longer a busy machine may take, in milliseconds. */
const GRACE_MS = 3_000;

const CASES = [
  { compatibilityDate: "2024-06-01", still: "false" },
  { compatibilityDate: "2026-04-01", still: "false" },
  { compatibilityDate: "2026-04-01", still: "true" },
];

Deno.test("on workerd, a request that ends before its renewal is complete does not keep other requests from the token", async (t) => {
  using program = await bundleProgram("worker");
  for (const { compatibilityDate, still } of CASES) {
    const clock = still === "true" ? "a clock that stops between I/O" : "a clock that runs";
    for (const [path, requests] of [["begin-and-end", 2], ["begin-and-wait", 1]] as const) {
      await t.step(`${path}, with the compatibility date ${compatibilityDate} and ${clock}`, async () => {
        await using oidc = await startOidcProvider();
        const { clientId, clientSecret } = oidc.clients.basic;
        await using worker = await startWorker({
          bundle: program.path,
          workerd: `${program.modules}/.bin/workerd`,
          compatibilityDate,
          bindings: {
            TOKEN_URL: oidc.tokenEndpoint,
            M2M_CLIENT_ID: clientId,
            M2M_CLIENT_SECRET: clientSecret,
            STILL: still,
          },
        });
        const get = async (path: string) => {
          const answer = await fetch(`${worker.url}/${path}`);
          return [answer.status, await answer.text()] as const;
        };
        await oidc.hold();
        assertEquals(await get(path), [200, "ended"]);
        await until("a request", async () => await oidc.tokenRequests() > 0 || undefined);
        using time = new OwnTime();
        const others = Promise.all(Array.from({ length: 20 }, () => get("resolve")));
        await oidc.release();
        const tokens = new Set((await others).map(([status, text]) => `${status} ${text}`));
        assertLess(time.ms, TAKE_OVER_MS + GRACE_MS);
        assertEquals(tokens.size, 1, [...tokens].join("\n"));
        assert([...tokens][0]!.startsWith("200 ey"), [...tokens][0]);
        assertEquals(await oidc.tokenRequests(), requests);
        assertEquals(`200 ${(await get("resolve"))[1]}`, [...tokens][0]);
      });
    }
  }
});
