import type { MaybePromise } from "../../core/chain/eventually.ts";
import type { OpenRegister } from "../../core/chain/share.ts";
import type { ConformanceCheck } from "../conformance/harness.ts";
import { ENGINE_CHECKS } from "./checks.ts";

/** How long an engine may take to remove a text, on a busy machine. */
const TIMEOUT_MS = 5_000;

/**
 * The options of `engineConformance`.
 *
 * @example An engine that removes texts late
 * ```ts
 * import type { OpenRegister } from "@alphaswarm/credentials/share";
 * import { engineConformance, type EngineConformanceOptions } from "@alphaswarm/credentials/testing";
 *
 * const options: EngineConformanceOptions = { timeout: 30_000 };
 * export const checksOf = (open: () => OpenRegister) =>
 *   engineConformance("etcd", open, options);
 * ```
 * @category Testing
 */
export interface EngineConformanceOptions {
  /** How long a text may outlive its ttl before the check fails, in milliseconds; default 5,000. */
  readonly timeout?: number;
}

/**
 * Lists the checks that your own engine must pass before a fleet shares tokens by it, for any test runner. They take
 * two seconds of real time, mostly to wait for texts that lapse. The names that they use are random, and stay in the
 * engine for a minute.
 *
 * @param kind The kind of the engine, which begins the checks' names.
 * @param open Opens a connection to the engine, always the same engine: each check opens two, as two machines would.
 * @param options How long the checks wait.
 * @returns The checks, each of which rejects if the engine fails it.
 *
 * @example An engine in memory
 * ```ts
 * import { engineConformance } from "@alphaswarm/credentials/testing";
 *
 * const texts = new Map<string, { text: string; end: number }>();
 * const held = (name: string) => {
 *   const found = texts.get(name);
 *   return found && Date.now() < found.end ? found.text : undefined;
 * };
 * const checks = engineConformance("map", () => ({
 *   get: (name) =>
 *     Promise.resolve({ now: Date.now(), text: held(name), version: held(name) }),
 *   swap: (name, before, text, ttl) => {
 *     if (held(name) !== before) return Promise.resolve(undefined);
 *     texts.set(name, { text, end: Date.now() + ttl });
 *     return Promise.resolve(text);
 *   },
 * }));
 *
 * // Or register one test with your runner for each, by its name.
 * for (const { run } of checks) await run();
 * ```
 * @category Testing
 */
export function engineConformance(
  kind: string,
  open: () => MaybePromise<OpenRegister>,
  options: EngineConformanceOptions = {},
): readonly ConformanceCheck[] {
  const { timeout = TIMEOUT_MS } = options;
  return ENGINE_CHECKS.map(({ name, run }) => ({
    name: `${kind} ${name}`,
    run: async () => {
      const one = await open();
      try {
        const other = await open();
        try {
          await run({ one, other, timeout });
        } finally {
          await other.close?.();
        }
      } finally {
        await one.close?.();
      }
    },
  }));
}
