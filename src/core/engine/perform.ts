import type { MaybePromise } from "../chain/eventually.ts";
import type { Refusal } from "../chain/outcome.ts";
import { LookUp } from "../source/look_up.ts";
import type { Ask, RawLook } from "../source/reader.ts";
import { internals } from "./internals.ts";
import type { PlannedSource } from "./verdict.ts";

/** Does something else with a look-up, with the time, the needs and the safety of a reading. */
export type Perform = <T>(run: (look: RawLook, ask: Ask) => MaybePromise<T | Refusal>) => Promise<T | Refusal>;

/**
 * Returns what uses the look-up of a store for something else than a reading, also after the store was uninstalled.
 *
 * @param resolver The resolver that the store is used by.
 * @param source The store, as a credential has it; it is on.
 */
export function performOn(resolver: object, { store: plan }: PlannedSource): Perform {
  const { store, deps } = internals(resolver);
  const { open } = store(plan.name);
  if (open.state !== "on") throw new TypeError("Expected a store that is on");
  const lookUp = new LookUp(plan, deps);
  return async (run) => (await lookUp.run((ask) => run(open.look, ask), {})).answer;
}
