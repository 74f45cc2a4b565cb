import type { MaybePromise } from "../../eventually.ts";
import { ANSWERS } from "./answers.ts";
import { FAILURES } from "./failures.ts";
import type { ConformanceCheck, ConformanceLimit, StoreHarness } from "./harness.ts";

/**
 * Lists what every store must do, its failures included, as checks for any test runner.
 *
 * @param kind What kind of store it is, for the checks' names.
 * @param open Makes the store with the place that it reads, anew for every check.
 * @param cannot What the place can't do; the checks that want it are not in the list.
 * @returns The checks; each rejects where the store fails.
 *
 * @example
 * ```ts
 * import { memory } from "@alphaswarm/credentials";
 * import { conformance } from "@alphaswarm/credentials/testing";
 *
 * const checks = conformance("memory", () => {
 *   const values: Record<string, string | undefined> = {};
 *   return {
 *     store: (options) => memory({ ...options, values }),
 *     from: { prefix: "" },
 *     put: (some) => void Object.assign(values, { user: undefined, password: undefined, note: undefined }, some),
 *     remove: () => Object.keys(values).forEach((name) => delete values[name]),
 *   };
 * }, ["deny", "break", "disconnect", "stall"]);
 *
 * for (const { run } of checks) await run(); // or a test of your runner's for each, by its name
 * ```
 * @category Testing
 */
export function conformance(
  kind: string,
  open: () => MaybePromise<StoreHarness>,
  cannot: readonly ConformanceLimit[] = [],
): readonly ConformanceCheck[] {
  const possible = [...ANSWERS, ...FAILURES].filter(({ wants = [] }) => !wants.some((want) => cannot.includes(want)));
  return possible.map(({ name, run }) => ({
    name: `${kind} ${name}`,
    run: async () => {
      const harness = await open();
      try {
        await run(harness);
      } finally {
        await harness.close?.();
      }
    },
  }));
}
