import type { AnyChain } from "../core/chain/chain.ts";
import { list } from "../core/chain/errors.ts";
import { isReference } from "../core/chain/reference.ts";
import { partsOf } from "../core/chain/store_kind.ts";
import { byStore } from "./directories.ts";
import type { ChainDescription, StoreDescription } from "../core/engine/describe.ts";

/** What is missing before a store that is off can be asked. */
export interface Switch {
  /** What to set, such as `set M2M_ENABLED to true`. */
  readonly steps: readonly string[];
  /** The keys of the credentials that it needs, and that no store has given. */
  readonly needs: readonly string[];
}

/** What switches the stores on that are off, by store; a store that this runtime cannot have is left out. */
export type Switches = Readonly<Record<string, Switch>>;

/**
 * Lists what is still missing to switch on the stores of a chain that are off.
 *
 * @param chain The chain.
 * @param description Its description, after its local stores were asked.
 * @returns What is missing, by store.
 */
export function switchesOf({ stores }: AnyChain, { stores: described, credentials }: ChainDescription): Switches {
  const isHeld = (key: string) => credentials.some((credential) => credential.key === key && credential.held);
  return byStore(
    described.filter(({ state }) => state === "off").flatMap(({ name, references }) => {
      const { options } = partsOf(stores[name]) ?? { options: {} as Record<string, unknown> };
      const { enabled } = options;
      if (enabled !== false && !isReference(enabled)) return [];
      const hasFallback = (option: string) => Object(options[option]).fallback !== undefined;
      const unset = references.filter(({ option, set }) => option !== "enabled" && !set && !hasFallback(option));
      const variables = new Set(
        unset.map(({ variable, unreadable }) => unreadable ? `make ${variable} readable` : `set ${variable}`),
      );
      const steps = [`set ${isReference(enabled) ? enabled.variable : "enabled"} to true`, ...variables];
      return [[name, { steps, needs: stores[name]!.needs.filter((key) => !isHeld(key)) }]];
    }),
  );
}

/** Returns the stores, each with a reason for being off that names only what is missing. */
export function withSwitches(stores: readonly StoreDescription[], switches: Switches): readonly StoreDescription[] {
  return stores.map((store) => {
    const known = switches[store.name];
    if (!known) return store;
    return { ...store, reason: list([...known.steps, ...known.needs.map((key) => `supply "${key}"`)]) };
  });
}
