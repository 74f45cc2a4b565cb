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

Deno.test("100,000 unauthenticated requests ask no store and leak no memory", async () => {
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
  const start = performance.now();
  await ask(REQUESTS);
  const rate = REQUESTS / (performance.now() - start) * 1_000;
  const grown = (heapUsed() - before) / MEGABYTE;
  console.log(`app.fetch: ${Math.round(rate)} requests a second, heap grown by ${grown.toFixed(1)} MiB`);
  assertEquals(store.asked.length, length);
  assert(grown < 4, `the heap has grown by ${grown} MiB`);
});

Deno.test("64 sockets that send requests continuously ask no store, and do not stop resolves", async () => {
  const { resolver, store } = harness();
  const later = (value: string) => () => new Promise<string>((resolve) => setTimeout(() => resolve(value), 1));
  Object.assign(store.answers, { db_user: later("reader"), db_password: later("not-a-secret") });
  const route = describeRoute(resolver, { auth: { token: TOKEN } });
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (c) => route.fetch(c));
  const warm = () => resolver.resolve("db:basic");
  const again = () => {
    resolver.invalidate("db:basic");
    return resolver.resolve("db:basic");
  };
  await warm();
  const idle = await resolveFor(3, warm, again);
  const before = heapUsed();
  const asked = store.asked.length;
  const load = await openLoad(server.addr.port, { sockets: SOCKETS, seconds: SECONDS });
  const busy = await resolveFor(SECONDS, warm, again);
  const answered = await load.answered;
  const grown = (heapUsed() - before) / MEGABYTE;
  console.log(
    `${SOCKETS} sockets: ${Math.round(answered / SECONDS)} requests a second, heap grown by ${grown.toFixed(1)} MiB`,
  );
  console.log(`p99 of a warm resolve: ${show(idle.warm)} before, ${show(busy.warm)} during`);
  console.log(`p99 of a resolve that asks a store for 1 ms: ${show(idle.again)} before, ${show(busy.again)} during`);
  assertGreater(answered, 0);
  assertEquals(store.asked.length - asked, 2 * busy.rounds, "each walk of the test asks for two fields");
  assert(grown < 16, `the heap has grown by ${grown} MiB`);
});

interface Latency {
  readonly rounds: number;
  /** The 99th percentiles, in milliseconds. */
  readonly warm: number;
  readonly again: number;
}

async function resolveFor(
  seconds: number,
  warm: () => Promise<unknown>,
  again: () => Promise<unknown>,
): Promise<Latency> {
  const times = { warm: [] as number[], again: [] as number[] };
  for (const end = performance.now() + seconds * 1_000; performance.now() < end;) {
    times.warm.push(await timed(warm));
    times.again.push(await timed(again));
  }
  return { rounds: times.again.length, warm: percentile99(times.warm), again: percentile99(times.again) };
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
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
