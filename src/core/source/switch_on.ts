import { combineRefusals, list } from "../chain/errors.ts";
import { isRefusal, type Refusal } from "../chain/outcome.ts";
import { type Flag, isFlag, readFlag, type ReadVariable, REFERENCE } from "../chain/reference.ts";
import type { Parts } from "../chain/store_kind.ts";
import { present } from "./mapping.ts";
import { readOptions } from "./references.ts";

/** One step that switches a store on. */
export interface SwitchStep {
  /** The variables, one of which must be set, or the option of the chain to set. */
  readonly variables: readonly string[];
  /** The flag that must be true; `false` if the chain itself disables the store. */
  readonly flag?: Flag | boolean;
  /** Whether the variable is set, but cannot be read. */
  readonly unreadable?: boolean;
}

/**
 * Lists, by their text, the steps that switch a store on and supply what it lacks then; no step if it is on. Returns a
 * refusal if a flag cannot be read.
 */
export function stepsToSwitchOn(
  store: Pick<Parts, "spec" | "options">,
  read: ReadVariable,
): ReadonlyMap<string, SwitchStep> | Refusal {
  const steps = new Map<string, SwitchStep>();
  const refusals: Refusal[] = [];
  let isOff = false;
  for (const flag of [store.options.enabled ?? true].flat() as readonly (boolean | Flag)[]) {
    const on = isFlag(flag) ? readFlag(flag, read) : flag;
    if (on === true) continue;
    if (isRefusal(on)) refusals.push(on);
    else isOff = true;
    const { variable = "enabled", [REFERENCE]: kind } = flag as Partial<Flag>;
    steps.set(`set ${variable}${kind === "set" ? "" : " to true"}`, { variables: [variable], flag });
  }
  if (!isOff) return refusals.length > 0 ? combineRefusals(refusals) : steps;
  for (const variables of readOptions(store, read).lacking.values()) {
    const unreadable = present(read(variables[0]!));
    steps.set(unreadable ? `make ${variables} readable` : `set ${list(variables, "or")}`, { variables, unreadable });
  }
  return steps;
}
