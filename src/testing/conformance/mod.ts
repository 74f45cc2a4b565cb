import type { MaybePromise } from "../../core/chain/eventually.ts";
import { ANSWER_CHECKS } from "./answers.ts";
import { FAILURE_CHECKS } from "./failures.ts";
import { CLOSING_CHECKS } from "./closing.ts";
import { type Fixture, type Run, runs, STALL_TIMEOUT_MS } from "./fixture.ts";
import { KNOWLEDGE_CHECKS } from "./knowledge.ts";
import { NEED_CHECKS } from "./needs.ts";
import { Needed } from "./needed.ts";
import { PERMISSION_CHECKS } from "./permissions.ts";
import { READ_CHECKS } from "./reads.ts";
import { TEXT_CHECKS } from "./texts.ts";
import { WRITE_CHECKS } from "./writes.ts";
import type { ConformanceCheck, ConformanceLimit, ConformanceOptions, StoreHarness } from "./harness.ts";

// Hint: a busy machine answers late, and a longer limit costs nothing if a look-up is in time.
const TIMEOUT_MS = 2_000;

/**
 * Lists the checks that every store must pass, for any test runner. Most follow from what the store itself declares: if
 * it has a `read`, a `close`, `text`, `needs`, `binds`, `permissions` or a `write`, they check what each of those must do.
 *
 * @param kind The kind of the store, which begins the checks' names.
 * @param open Creates the store and the place that it reads, for each check.
 * @param cannot What the place cannot do; checks that require it are left out.
 * @param options How long each look-up may take.
 * @returns The checks, each of which rejects if the store fails it.
 *
 * @example A store in memory
 * ```ts
 * import { memory } from "@alphaswarm/credentials";
 * import { conformance } from "@alphaswarm/credentials/testing";
 *
 * const checks = conformance("memory", () => {
 *   const values: Record<string, string | undefined> = {};
 *   return {
 *     store: (options) => memory({ ...options, values }),
 *     from: { prefix: "" },
 *     put: (some) =>
 *       void Object.assign(values, {
 *         user: undefined,
 *         password: undefined,
 *         note: undefined,
 *       }, some),
 *     remove: () => Object.keys(values).forEach((name) => delete values[name]),
 *   };
 * }, ["deny", "break", "disconnect", "stall"]);
 *
 * // Or register one test with your runner for each, by its name.
 * for (const { run } of checks) await run();
 * ```
 * @category Testing
 */
export function conformance(
  kind: string,
  open: () => MaybePromise<StoreHarness>,
  cannot: readonly ConformanceLimit[] = [],
  options: ConformanceOptions = {},
): readonly ConformanceCheck[] {
  const { timeout = TIMEOUT_MS } = options;
  const checks = [
    ...ANSWER_CHECKS,
    ...FAILURE_CHECKS,
    ...KNOWLEDGE_CHECKS,
    ...READ_CHECKS,
    ...TEXT_CHECKS,
    ...NEED_CHECKS,
    ...CLOSING_CHECKS,
    ...PERMISSION_CHECKS,
    ...WRITE_CHECKS,
  ];
  const possible = checks.filter(({ requires = [] }) => !requires.some((ability) => cannot.includes(ability)));
  return possible.map(({ name, run }) => ({
    name: `${kind} ${name}`,
    run: async () => {
      const harness = await open();
      const fixtures: Fixture[] = [];
      try {
        const needed = await Needed.credentials(harness.needs);
        const state: Run = { timeout, isTooLong: false, needed, cannot, fixtures };
        runs.set(harness, state);
        await run(harness).catch((error) => {
          if (!state.isTooLong) throw error;
          throw new Error(
            `${error.message}: a look-up reached the conformance kit's limit of ${timeout} ms (option timeout)`,
            { cause: error },
          );
        });
      } finally {
        await Promise.all(fixtures.map((fixture) => fixture.close(STALL_TIMEOUT_MS)));
        await harness.close?.();
      }
    },
  }));
}
