import { assertEquals } from "@std/assert";
import type { StoreDescription } from "../../mod.ts";
import { runCli, tooWide } from "../support/programs/run_cli.ts";

/** Runs `describe --url` for a process with these stores. */
async function describeRemote(stores: readonly Partial<StoreDescription>[]): Promise<string> {
  const m2m = { name: "m2m", kind: "oauth2", shape: "token", priority: 3, state: "on", references: [] };
  const body = {
    version: 1,
    stores: stores.map((store, at) => ({ ...m2m, name: `m2m${at}`, ...store })),
    credentials: [],
  };
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => Response.json(body));
  const flags = ["--allow-env", "--allow-read", "--allow-net=127.0.0.1"];
  const { code, out } = await runCli(["describe", "--url", `http://127.0.0.1:${server.addr.port}/`], { flags });
  assertEquals([code, tooWide(out)], [0, []]);
  return out;
}

Deno.test("describe --url says of a store by which engine it shares, whether that works, and with whom, in one line", async () => {
  const share = { engine: "redis", entries: [], minted: 0, received: 0 };
  const entries = ["1a2b3c4d"];
  const many = Array.from({ length: 7 }, (_, at) => `${at}a2b3c4d`);
  const out = await describeRemote([
    { share },
    { share: { ...share, state: "on", entries, minted: 1, received: 30 } },
    { share: { ...share, state: "refused", entries, minted: 2 } },
    { share: { ...share, engine: "postgres", state: "misunderstood", entries: many, minted: 12, received: 7 } },
    { share, state: "off", reason: "set M2M_ENABLED to true" },
    {},
  ]);
  assertEquals(
    /^Stores[^\n]*\n([^]*)Fields:/m.exec(out)![1],
    `  on   m2m0  oauth2  3  share: redis (not asked yet)
  on   m2m1  oauth2  3  share: redis (on), minted 1, received 30, entry 1a2b3c4d
  on   m2m2  oauth2  3
    share  redis (refused), minted 2, received 0, entry 1a2b3c4d
  on   m2m3  oauth2  3
    share  postgres (misunderstood), minted 12, received 7, entries 0a2b3c4d,
           1a2b3c4d, 2a2b3c4d, 3a2b3c4d, 4a2b3c4d, 5a2b3c4d, 6a2b3c4d
  off  m2m4  oauth2  3  set M2M_ENABLED to true; share: redis
  on   m2m5  oauth2  3
`,
  );
});
