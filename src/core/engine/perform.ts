import type { MaybePromise } from "../chain/eventually.ts";
import type { Refusal } from "../chain/outcome.ts";
import { LookUp } from "../source/look_up.ts";
import type { LookUpContext, UntypedLook } from "../source/reader.ts";
import { internals } from "./internals.ts";
import type { PlannedSource } from "./verdict.ts";

/** Runs an operation on the look-up of a store. */
export type Perform = <T>(
  run: (look: UntypedLook, context: LookUpContext) => MaybePromise<T | Refusal>,
) => Promise<T | Refusal>;

/**
 * Returns a function that runs operations on a store's look-up, with the timeout, the needs and the error handling of a
 * reading, even after the store was uninstalled.
 *
 * @param resolver The resolver.
 * @param source The source of a credential; its store must be on.
 */
export function performOn(resolver: object, { store: plan }: PlannedSource): Perform {
  const { deps, run: runCall } = internals(resolver);
  const { open } = deps.store(plan.name);
  if (open.state !== "on") throw new TypeError("Expected a store that is on");
  const lookUp = new LookUp(plan, deps);
  return async (run) => (await runCall((call) => lookUp.run((context) => run(open.look, context), call))).answer;
}
