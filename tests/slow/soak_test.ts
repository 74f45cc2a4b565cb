import { assert, assertEquals } from "@std/assert";
import { runProgram } from "../support/programs/run_program.ts";
import type { SoakReport } from "../support/soak/soak.ts";

/** How many simulated hours there are, each with faults of its own. */
const HOURS = 8;
/** How much more heap may be in use at a mark of ten minutes than at the second one: compiled code, not what is kept. */
const MAX_GROWTH_BYTES = 1_000_000;
/** How many timers may be pending at once: two for each call of the longest wait. */
const MAX_TIMERS = 2 * 40 * 10;

Deno.test("an hour of 200 credentials with faults at random fails no call that can be answered, asks no more than the rules allow and keeps nothing", async () => {
  const first = Number(Deno.env.get("FUZZ_SEED") ?? crypto.getRandomValues(new Uint32Array(1))[0]! >>> 1);
  for (let seed = first; seed < first + HOURS; seed++) {
    const printed = await runProgram("soak.ts", [String(seed)], { permissions: ["--v8-flags=--expose-gc"] });
    const report: SoakReport = JSON.parse(printed);
    const named = `FUZZ_SEED=${seed}`;
    assertEquals(report.broken, [], named);
    for (const [store, [asked, bound]] of Object.entries(report.asked)) {
      assert(asked <= bound, `${named}: Expected at most ${bound} requests at ${store}, found ${asked}`);
    }
    assert(report.timers <= MAX_TIMERS, `${named}: Expected at most ${MAX_TIMERS} timers, found ${report.timers}`);
    assertEquals(report.timersLeft, 0, named);
    const [, second = 0, ...later] = report.heap;
    const growth = Math.max(...later) - second;
    assert(growth <= MAX_GROWTH_BYTES, `${named}: Expected a flat heap, found ${report.heap}`);
    // Hint: with fewer, nothing would have been tried.
    assert(report.failed > 10 && report.degraded > 1_000, `${named}: Expected faults, found ${printed}`);
  }
});
