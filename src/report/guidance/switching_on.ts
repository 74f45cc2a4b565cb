import { list } from "../../core/chain/errors.ts";
import type { ChainDescription, CredentialDescription } from "../../core/engine/describe.ts";
import type { Hints } from "./hints.ts";
import { settingText } from "./switches.ts";
import { neededBy, type Way, waysToSupply } from "./ways.ts";

/** What it takes to switch on a store that is off. */
export interface SwitchHint {
  readonly name: string;
  /** All that it takes, in one line. */
  readonly set: string;
  /** The credentials that are part of it, and how to supply each. */
  readonly supplied: readonly { readonly key: string; readonly ways: readonly Way[] }[];
}

/**
 * Lists all that it takes to switch stores on.
 *
 * @param names The stores; only those that are off and can be switched on count.
 * @param description The description that they are part of.
 * @param hints What is known about the chain besides the description.
 * @returns What it takes for each, in the order in which the stores are asked.
 */
export function waysToSwitchOn(
  names: ReadonlySet<string>,
  description: ChainDescription,
  hints: Hints,
): readonly SwitchHint[] {
  return description.stores.map(({ name }) => name)
    .filter((name) => names.has(name) && name in hints.switches)
    .map((name) => switchOf(name, description, hints));
}

function switchOf(name: string, description: ChainDescription, hints: Hints): SwitchHint {
  const needs = neededWhenOn(name, description, hints).map((needed) => ({
    key: needed.key,
    stores: servedWhenOn(needed, description, hints),
    ways: needed.last?.error === "not_found" ? waysToSupply(needed, description, hints) : [],
  }));
  const covered = needs.flatMap(({ stores }) => stores).flatMap((store) => stepsOf(store, hints));
  const all = [
    ...stepsOf(name, hints).filter((step) => !covered.includes(step)),
    ...needs.map(({ key, stores }) => stores.length > 0 ? list(stores, "or") : key),
  ];
  return {
    name,
    set: all.length > 1 ? `${all.slice(0, -1).join(", ")}, and ${all.at(-1)}` : all.join(),
    supplied: needs.filter(({ stores, ways }) => stores.length === 0 && ways.length > 0),
  };
}

/** Returns the names of these stores, and of those that their needs could come from, at any depth. */
export function withNeeded(
  names: Iterable<string>,
  description: ChainDescription,
  hints: Hints,
): ReadonlySet<string> {
  const all = new Set(names);
  for (const name of all) {
    for (const { from } of neededWhenOn(name, description, hints)) for (const { store } of from) all.add(store);
  }
  return all;
}

function neededWhenOn(store: string, description: ChainDescription, hints: Hints): readonly CredentialDescription[] {
  return neededBy(store, description, hints).filter(({ key }) => hints.switches[store]?.needs.includes(key));
}

function stepsOf(store: string, { switches }: Hints): readonly string[] {
  return switches[store]?.steps.map(settingText) ?? [];
}

/** Returns the stores to switch on for a credential that only stores which are off serve. */
function servedWhenOn(needed: CredentialDescription, description: ChainDescription, hints: Hints): readonly string[] {
  const ways = waysToSupply(needed, description, hints);
  const { last } = needed;
  return (!last || last.error === "not_found") && ways.every(({ names }) => names === undefined)
    ? ways.map(({ store }) => store)
    : [];
}
