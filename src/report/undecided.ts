import type { Step } from "../core/chain/outcome.ts";
import type { CredentialDescription } from "../core/engine/describe.ts";

/** The result of a walk in which some stores were not asked. */
export interface Undecided {
  /** The stores that were not asked and may decide the walk; if there are none, those that may give settings. */
  readonly unasked: readonly string[];
  /** The step that decides the walk if those stores have nothing. */
  readonly otherwise: Step | undefined;
}

/** Returns what the last walk of a credential leaves open. */
export function undecidedOf({ from, last }: CredentialDescription): Undecided {
  const trace = last?.trace ?? [];
  const otherwise = trace.find(isDecisive);
  const names = from.map(({ store }) => store);
  const unasked = names.filter((name) => trace.every(({ store }) => store !== name));
  const above = unasked.filter((name) => !otherwise || names.indexOf(name) < names.indexOf(otherwise.store));
  return { unasked: above.length > 0 ? above : unasked, otherwise };
}

/** Whether a walk ends at a step. */
export function isDecisive({ role }: Step): boolean {
  return role === "winner" || role === "stopped";
}
