import { list } from "../core/chain/errors.ts";
import type { ChainDescription, CredentialDescription } from "../core/engine/describe.ts";
import { labelWidth, wayLines } from "./describe_supply.ts";
import type { Hints } from "./hints.ts";
import type { Style } from "./style.ts";
import { settingText } from "./switches.ts";
import { neededBy, type Way, waysToSupply } from "./ways.ts";
import { labelled, wrap } from "./wrap.ts";

/**
 * Formats all that it takes to switch stores on.
 *
 * @param names The stores; of these, those that are off.
 * @param description The description that they are part of.
 * @param hints What is known of the chain beside the description.
 * @param style How it is formatted.
 * @returns The lines, joined; nothing if none of these stores can be switched on.
 */
export function switchesText(
  names: ReadonlySet<string>,
  description: ChainDescription,
  hints: Hints,
  { paint, width }: Style,
): string {
  const stores = description.stores.map(({ name }) => name)
    .filter((name) => names.has(name) && name in hints.switches);
  const switches = stores.map((name) => switchOf(name, description, hints));
  const way = Math.max(
    labelWidth(switches.flatMap(({ supplied }) => supplied.flatMap(({ ways }) => ways))),
    ...stores.map(({ length }) => length - 2),
  );
  return switches.flatMap(({ name, set, supplied }) => {
    const text = labelled(name, set, { indent: "  ", label: way + 2, width });
    return [
      text.replace(name, (name) => paint("strong", name)),
      ...supplied.flatMap(({ key, ways }) => [
        ...supplied.length > 1 ? [wrap(`${key} by`, width, "    ")] : [],
        ...wayLines(ways, { indent: "    ", label: way, width }),
      ]),
    ];
  }).join("\n");
}

interface SwitchHint {
  readonly name: string;
  /** All that it takes, in a line. */
  readonly set: string;
  /** The credentials that are part of it, and how to supply each. */
  readonly supplied: readonly { readonly key: string; readonly ways: readonly Way[] }[];
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

/** Returns the stores with these names, and those that their needs could come from, at any depth. */
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
