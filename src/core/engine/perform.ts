import type { MaybePromise } from "../chain/eventually.ts";
import type { Refusal } from "../chain/outcome.ts";
import { LookUp } from "../source/look_up.ts";
import type { LookUpContext, UntypedLook } from "../source/reader.ts";
import { internals } from "./internals.ts";
import type { PlannedSource } from "./verdict.ts";

/**
 * Runs an operation on a store's look-up, with the timeout, the needs and the error handling of a reading.
 *
 * @param resolver The resolver.
 * @param source The source of a credential; its store must be on.
 * @param run The operation.
 * @returns Its result, or a refusal.
 */
export async function perform<T>(
  resolver: object,
  { store: plan }: PlannedSource,
  run: (look: UntypedLook, context: LookUpContext) => MaybePromise<T | Refusal>,
): Promise<T | Refusal> {
  const { store, deps } = internals(resolver);
  const { open } = store(plan.name);
  if (open.state !== "on") throw new TypeError("Expected a store that is on");
  const { answer } = await new LookUp(plan, deps).run((context) => run(open.look, context), {});
  return answer;
}
