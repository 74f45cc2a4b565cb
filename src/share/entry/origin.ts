import type { Need } from "../../core/source/answer.ts";
import type { Deps, StorePlan } from "../../core/source/source.ts";

/** Where a credential was found. If that is a token store, the need's `generation` has what it was obtained with. */
export interface Origin {
  readonly store: StorePlan;
  /** The options that the store was opened with, with their references read. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Its mapping in that store, as the chain has it, with references unread. */
  readonly mapping: unknown;
}

/** Returns where a needed credential was found; `undefined` if its store was uninstalled meanwhile. */
export function originOf({ key, credential }: Need, { plan, store }: Deps): Origin | undefined {
  const { chain, stores } = plan();
  const found = stores.find(({ name }) => name === Object(credential).source);
  if (!found) return;
  const { options } = store(found.name).open;
  return options && { store: found, options, mapping: chain.credentials[key]?.from[found.name] };
}
