import type { Ambient } from "../core/chain/host.ts";
import { isRefusal } from "../core/chain/outcome.ts";
import { readText, type Reference } from "../core/chain/reference.ts";
import type { Permissions } from "../core/chain/store_spec.ts";
import { replaceReferences } from "../core/source/references.ts";
import type { StorePlan } from "../core/source/source.ts";

/** Returns the text for an option that is a reference. */
export type Substitute = (reference: Reference) => string | undefined;

/** Returns the permissions that a store needs when its references have these values. */
export function permissionsOf(
  { spec, options }: StorePlan,
  reads: readonly string[],
  substitute: Substitute,
): Permissions {
  const values = Object.entries(options).map(([name, option]) => [
    name,
    replaceReferences(option, (reference) => substitute(reference as Reference) || undefined, name),
  ]);
  try {
    return spec.permissions?.(reads, Object.fromEntries(values)) ?? {};
  } catch {
    // Hint: a store may fail to parse an option that has no value until its variable is set.
    return {};
  }
}

/** Returns the current values of references. */
export function currentText({ variable }: Pick<Ambient, "variable">): Substitute {
  return (reference) => {
    const text = readText(reference, variable);
    return isRefusal(text) ? undefined : text;
  };
}
