import { assertEquals, assertLessOrEqual } from "@std/assert";
import { withinOwnTime } from "../support/fixtures/own_time.ts";
import { until } from "../support/fixtures/until.ts";
import { documentedProbe } from "../support/route/kubelet.ts";
import { Pod } from "../support/route/pod.ts";
import { startOidcProvider } from "../support/servers/oidc_provider.ts";
import { bundleProgram } from "../support/tokens/bundle_program.ts";
import { startWorker } from "../support/tokens/worker_process.ts";

const SECOND = 1_000;

/** Asks for a path as a client that gives up, and returns the status. */
function probeOf(url: string, timeoutMs: number): Promise<number> {
  return withinOwnTime(timeoutMs, async (signal) => {
    const answer = await fetch(url, { signal });
    await answer.body?.cancel();
    return answer.status;
  });
}

Deno.test("a client that gives up after a second has every answer, although the OAuth server hangs", async () => {
  await using oidc = await startOidcProvider();
  await using pod = new Pod(oidc, {}, Date.now);
  const { path, timeoutMs } = documentedProbe("readinessProbe");
  const probe = () => probeOf(`${pod.url}${path}`, timeoutMs);
  await oidc.hold();
  assertEquals(await Promise.all(Array.from({ length: 50 }, probe)), Array(50).fill(503));
  assertEquals(await probe(), 503);
  assertEquals(await oidc.tokenRequests(), 1);
  await oidc.release();
  await until("the pod to be ready", async () => await probe() === 200 || undefined);
  assertEquals(await oidc.tokenRequests(), 1, "what the first probe asked for is what the last one has");
});

Deno.test("on workerd, probes of many requests share one resolve, and none waits for one that was cut off", async () => {
  using program = await bundleProgram("ready_worker");
  await using oidc = await startOidcProvider();
  const { clientId, clientSecret } = oidc.clients.basic;
  await using worker = await startWorker({
    bundle: program.path,
    workerd: `${program.modules}/.bin/workerd`,
    compatibilityDate: "2026-04-01",
    bindings: { TOKEN_URL: oidc.tokenEndpoint, M2M_CLIENT_ID: clientId, M2M_CLIENT_SECRET: clientSecret },
  });
  const url = `${worker.url}/ready`;
  const probe = () => probeOf(url, SECOND);
  await (await fetch(`${worker.url}/live`)).body?.cancel();
  await oidc.hold();
  const cut = new AbortController();
  const isCutOff = fetch(url, { signal: cut.signal }).catch(({ name }) => name);
  await until("a request for the token", async () => await oidc.tokenRequests() > 0 || undefined);
  const others = Promise.all(Array.from({ length: 20 }, probe));
  cut.abort();
  assertEquals(await others, Array(20).fill(503));
  assertEquals([await isCutOff, await oidc.tokenRequests()], ["AbortError", 1]);
  await oidc.release();
  await until("the Worker to be ready", async () => await probe() === 200 || undefined);
  assertLessOrEqual(await oidc.tokenRequests(), 2, "the request of the probe that was cut off may be lost");
});
