import { Run } from "../support/reentrancy/run.ts";

/** How many random chains there are, and how many things happen on each. */
const CHAINS = 5_000;
const STEPS = 100;

Deno.test("callers, listeners and logs may do anything at any time: every call gets its answer, and each change is told once", async () => {
  const unhandled: unknown[] = [];
  const collect = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    unhandled.push(event.reason);
  };
  addEventListener("unhandledrejection", collect);
  // Hint: a failure names its seed, and `FUZZ_SEED` repeats that chain first.
  const first = Number(Deno.env.get("FUZZ_SEED") ?? crypto.getRandomValues(new Uint32Array(1))[0]! >>> 1);
  try {
    for (let seed = first; seed < first + CHAINS; seed++) {
      const run = new Run(seed);
      for (let step = 0; step < STEPS; step++) await run.step();
      await run.end();
      if (unhandled.length > 0) run.fail(`nothing handled ${unhandled}`);
    }
  } finally {
    removeEventListener("unhandledrejection", collect);
  }
});
