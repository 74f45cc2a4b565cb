// Deno, Bun and Node: answers questions about an engine, a line of JSON each, by the connection that the documentation has.
import process from "node:process";
import { createInterface } from "node:readline";
import type { OpenRegister } from "../../../../src/core/chain/share.ts";
import { openPostgres } from "../../../../src/share/engines/postgres.ts";
import { openRedis } from "../../../../src/share/engines/redis.ts";
import { engineConformance } from "../../../../src/testing/mod.ts";

const [engine, snippet, url, token] = process.argv.slice(2);
const { share } = await import(snippet!);
const credential = { get: (name: string) => ({ url, token })[name] };
const open = (): Promise<OpenRegister> =>
  engine === "redis" ? openRedis(credential as never, share) : openPostgres(credential as never, share);
let register: OpenRegister | undefined;

/** What this program answers. */
const answers: Readonly<Record<string, () => Promise<unknown>>> = {
  conformance: async () => {
    const checks = engineConformance("it", open);
    const results = await Promise.allSettled(checks.map(({ run }) => run()));
    const failed = results.flatMap((result, at) =>
      result.status === "fulfilled" ? [] : [`${checks[at]!.name}: ${result.reason?.message ?? result.reason?.detail}`]
    );
    return { failed, passed: checks.length - failed.length };
  },
  get: async () => {
    register ??= await open();
    const { now } = await register.get("one");
    return { now };
  },
  getSoon: () => answers.get!(),
  close: async () => {
    await register?.close?.();
    register = undefined;
  },
  // Hint: as a resolver that is disposed of, it does not wait for the server.
  leave: () => Promise.resolve(void answers.close!().catch(() => {})),
  measure: async () => {
    const it = register ??= await open();
    let version = await it.swap(`measured-${crypto.randomUUID()}`, undefined, "x".repeat(2_048), 60_000);
    const name = `measured-${crypto.randomUUID()}`;
    version = undefined;
    const gets = await times(300, () => it.get(name));
    let at = 0;
    const swaps = await times(300, async () => {
      version = await it.swap(name, version, `${at++}`.padEnd(2_048, "x"), 60_000);
    });
    return { get: gets, swap: swaps };
  },
};

/** Returns the median of how long something takes, in milliseconds, and the 99th percentile. */
async function times(count: number, run: () => Promise<unknown>): Promise<readonly number[]> {
  const all: number[] = [];
  for (let at = 0; at < count; at++) {
    const start = performance.now();
    await run();
    all.push(performance.now() - start);
  }
  all.sort((a, b) => a - b);
  return [0.5, 0.99].map((part) => Number(all[Math.floor(count * part)]!.toFixed(2)));
}

let left = false;
for await (const line of createInterface({ input: process.stdin })) {
  let timer;
  const ms = line === "getSoon" ? 1_000 : 60_000;
  const late = new Promise((resolve) => timer = setTimeout(() => resolve({ late: true }), ms));
  const answer = answers[line]!().catch((error) => ({ refused: error?.outcome, detail: error?.detail }));
  console.log(JSON.stringify(await Promise.race([answer, late]) ?? {}));
  clearTimeout(timer);
  left = line === "leave";
  if (left) break;
}
// Hint: a program that left its server ends by itself.
if (left) process.stdin.destroy();
else process.exit();
