import type { Ambient } from "../host.ts";
import { isRefusal } from "../outcome.ts";
import type { StorePlan } from "../plan.ts";
import { isReference, readText, type Reference } from "../reference.ts";
import type { Permissions } from "../stores/store.ts";

/** What a text option that refers to a variable is taken for. */
export type Substitute = (reference: Reference) => string | undefined;

/** What a store needs of the runtime when its references stand for these texts. */
export function permissionsOf(
  { spec, options }: StorePlan,
  reads: readonly string[],
  substitute: Substitute,
): Permissions {
  const values = Object.entries(options).map(([name, option]) => [
    name,
    isReference(option) ? substitute(option as Reference) : option,
  ]);
  try {
    return spec.permissions?.(reads, Object.fromEntries(values)) ?? {};
  } catch {
    // Hint: a store may take apart what only is a text once its variable is set.
    return {};
  }
}

/** What references stand for now; nothing for those that stand for nothing. */
export function currentText({ variable }: Pick<Ambient, "variable">): Substitute {
  return (reference) => {
    const text = readText(reference, variable);
    return isRefusal(text) ? undefined : text;
  };
}
