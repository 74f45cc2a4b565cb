import type { MaybePromise } from "../../core/chain/eventually.ts";
import { ANSWER_CHECKS } from "./answers.ts";
import { FAILURE_CHECKS } from "./failures.ts";
import { limits } from "./fixture.ts";
import type { ConformanceCheck, ConformanceLimit, ConformanceOptions, StoreHarness } from "./harness.ts";

// Hint: a busy machine answers late, and a look-up that is in time costs no more for a longer limit.
const TIMEOUT_MS = 2_000;

/**
 * Lists the checks that every store must pass, for any test runner. They cover reading only: test a `write` of your own
 * with `persist`, also over a version that another writer has replaced meanwhile, where it must return `false`.
 *
 * @param kind The kind of the store, which begins the checks' names.
 * @param open Creates the store and the place that it reads, for each check.
 * @param cannot What the place cannot do; checks that require it are left out.
 * @param options How long each look-up may take.
 * @returns The checks, each of which rejects if the store fails it.
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
 * for (const { run } of checks) await run(); // or one test of your runner for each, by its name
 * ```
 * @category Testing
 */
export function conformance(
  kind: string,
  open: () => MaybePromise<StoreHarness>,
  cannot: readonly ConformanceLimit[] = [],
  { timeout = TIMEOUT_MS }: ConformanceOptions = {},
): readonly ConformanceCheck[] {
  const possible = [...ANSWER_CHECKS, ...FAILURE_CHECKS].filter(({ requires = [] }) =>
    !requires.some((ability) => cannot.includes(ability))
  );
  return possible.map(({ name, run }) => ({
    name: `${kind} ${name}`,
    run: async () => {
      const harness = await open();
      const limit = { timeout, isReached: false };
      limits.set(harness, limit);
      try {
        await run(harness);
      } catch (error) {
        if (!limit.isReached) throw error;
        const { message } = error as Error;
        throw new Error(
          `${message}: a look-up reached the conformance kit's limit of ${timeout} ms (option timeout)`,
          { cause: error },
        );
      } finally {
        await harness.close?.();
      }
    },
  }));
}
