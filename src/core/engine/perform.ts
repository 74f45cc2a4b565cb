import type { MaybePromise } from "../chain/eventually.ts";
import type { Refusal } from "../chain/outcome.ts";
import { LookUp } from "../source/look_up.ts";
import type { Ask, RawLook } from "../source/reader.ts";
import { internals } from "./internals.ts";
import type { PlannedSource } from "./verdict.ts";

/**
 * Does something else with the look-up of a store, with the time, the needs and the safety of a reading.
 *
 * @param resolver The resolver that the store is used by.
 * @param source The store, as a credential has it; it is on.
 * @param run What is done.
 * @returns What came of it, or the store's refusal.
 */
export async function perform<T>(
  resolver: object,
  { store: plan }: PlannedSource,
  run: (look: RawLook, ask: Ask) => MaybePromise<T | Refusal>,
): Promise<T | Refusal> {
  const { store, deps } = internals(resolver);
  const { open } = store(plan.name);
  if (open.state !== "on") throw new TypeError("Expected a store that is on");
  const { answer } = await new LookUp(plan, deps).run((ask) => run(open.look, ask), {});
  return answer;
}
