import type { Need } from "./answer.ts";
import type { Deps, StorePlan } from "./source.ts";

/** Where a credential was found: its `source`. If that is a token store, the need's `generation` has what it was obtained with. */
export interface Origin {
  readonly store: StorePlan;
  /** The options that the store was opened with: their references were read. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Its mapping in that store, as the chain has it: its references were not read. */
  readonly mapping: unknown;
}

/** Returns where a needed credential was found; nothing where that store is gone, or where it was not found. */
export function originOf({ key, credential }: Need, { chain, store }: Deps): Origin | undefined {
  const { source } = Object(credential) as { readonly source?: string };
  const found = source === undefined ? undefined : store(source);
  const options = found?.open.options;
  const mapping = chain().credentials[key]?.from[source!];
  return found && options && mapping !== undefined ? { store: found.plan, options, mapping } : undefined;
}
