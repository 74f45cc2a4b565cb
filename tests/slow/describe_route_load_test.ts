import { assert, assertEquals, assertGreater } from "@std/assert";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describeRoute } from "../../src/route/mod.ts";
import { openLoad } from "../support/route/load.ts";
import { harness, mount, TOKEN } from "../support/route/route_harness.ts";

const REQUESTS = 100_000;
const SOCKETS = 64;
const SECONDS = 10;
const MEGABYTE = 1024 * 1024;

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

Deno.test("100,000 unauthenticated requests ask no store, and leave memory as it was", async () => {
  const { resolver, store } = harness();
  await resolver.resolve("db:basic");
  const app = mount(resolver, { auth: { token: TOKEN }, needed: ["db:basic"] });
  const { length } = store.asked;
  const ask = async (count: number) => {
    for (let request = 0; request < count; request++) {
      const path = request % 3 === 0 ? "/health" : request % 3 === 1 ? "" : "/db/basic";
      const headers = request % 2 === 0 ? {} : { Authorization: `Bearer wrong-${request}` };
      const answer = await app.fetch(new Request(`http://localhost/credentials${path}`, { headers }));
      await answer.body?.cancel();
    }
  };
  await ask(10_000);
  const before = heapUsed();
  const began = performance.now();
  await ask(REQUESTS);
  const rate = REQUESTS / (performance.now() - began) * 1_000;
  const grown = (heapUsed() - before) / MEGABYTE;
  console.log(`app.fetch: ${Math.round(rate)} requests a second, heap ${grown.toFixed(1)} MiB larger`);
  assertEquals(store.asked.length, length);
  assert(grown < 4, `the heap has grown by ${grown} MiB`);
});

Deno.test("64 sockets that ask as fast as they can ask no store, and resolves go on", async () => {
  const { resolver, store } = harness();
  const later = (value: string) => () => new Promise<string>((resolve) => setTimeout(() => resolve(value), 1));
  Object.assign(store.answers, { db_user: later("reader"), db_password: later("not-a-secret") });
  const route = describeRoute(resolver, { auth: { token: TOKEN } });
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (c) => route.fetch(c));
  const warm = () => resolver.resolve("db:basic");
  const anew = () => {
    resolver.invalidate("db:basic");
    return resolver.resolve("db:basic");
  };
  await warm();
  const quiet = await resolveFor(3, warm, anew);
  const before = heapUsed();
  const asked = store.asked.length;
  const load = await openLoad(server.addr.port, { sockets: SOCKETS, seconds: SECONDS });
  const busy = await resolveFor(SECONDS, warm, anew);
  const answered = await load.answered;
  const grown = (heapUsed() - before) / MEGABYTE;
  console.log(
    `${SOCKETS} sockets: ${Math.round(answered / SECONDS)} requests a second, heap ${grown.toFixed(1)} MiB larger`,
  );
  console.log(`p99 of a warm resolve: ${show(quiet.warm)} before, ${show(busy.warm)} during`);
  console.log(`p99 of a resolve that asks a store for 1 ms: ${show(quiet.anew)} before, ${show(busy.anew)} during`);
  assertGreater(answered, 0);
  assertEquals(store.asked.length - asked, 2 * busy.rounds, "each of the test's own walks asks for two fields");
  assert(grown < 16, `the heap has grown by ${grown} MiB`);
});

interface Latency {
  readonly rounds: number;
  /** Percentiles 99, in milliseconds. */
  readonly warm: number;
  readonly anew: number;
}

async function resolveFor(
  seconds: number,
  warm: () => Promise<unknown>,
  anew: () => Promise<unknown>,
): Promise<Latency> {
  const times = { warm: [] as number[], anew: [] as number[] };
  for (const end = performance.now() + seconds * 1_000; performance.now() < end;) {
    times.warm.push(await timed(warm));
    times.anew.push(await timed(anew));
  }
  return { rounds: times.anew.length, warm: percentile99(times.warm), anew: percentile99(times.anew) };
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await run();
  return performance.now() - began;
}

function percentile99(times: number[]): number {
  return times.sort((a, b) => a - b)[Math.floor(times.length * 0.99)]!;
}

function show(ms: number): string {
  return `${ms.toFixed(3)} ms`;
}

function heapUsed(): number {
  collectGarbage();
  return Deno.memoryUsage().heapUsed;
}
