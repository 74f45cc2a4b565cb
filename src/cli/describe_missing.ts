import type { ChainDescription, CredentialDescription } from "../core/engine/describe.ts";
import { list } from "../core/chain/errors.ts";
import type { Hints } from "./hints.ts";
import type { Style } from "./style.ts";
import { type Way, waysToSupply } from "./ways.ts";
import { labelled, type Place, wrap } from "./wrap.ts";

/**
 * Formats the ways to supply credentials that no store has.
 *
 * @param missing The credentials.
 * @param description The description that they are part of.
 * @param hints What is known of the chain beside the description.
 * @param style How it is formatted.
 * @returns The lines, joined; credentials with the same ways are named together.
 */
export function supplyText(
  missing: readonly CredentialDescription[],
  description: ChainDescription,
  hints: Hints,
  style: Style,
): string {
  const groups = new Map<string, { readonly keys: string[]; readonly ways: readonly Way[] }>();
  for (const credential of missing) {
    const ways = waysToSupply(credential, description, hints);
    const id = JSON.stringify(ways);
    groups.set(id, { keys: [...groups.get(id)?.keys ?? [], credential.key], ways });
  }
  const told = new Map<string, string>();
  const label = labelWidth([...groups.values()].flatMap(({ ways }) => ways));
  return [...groups.values()].map(({ keys, ways }) => {
    const [own, others] = [[] as Way[], [] as string[]];
    for (const way of ways) {
      const id = JSON.stringify(way);
      if (way.names === undefined) others.push(`switch ${way.store} on`);
      else if (told.has(id)) others.push(`${way.store} as for ${told.get(id)}`);
      else own.push(way);
      if (!told.has(id)) told.set(id, keys[0]!);
    }
    return groupText({ keys, own, others }, style, label);
  }).join("\n");
}

interface Group {
  readonly keys: readonly string[];
  /** The ways that were not told before. */
  readonly own: readonly Way[];
  /** The ways that are told elsewhere. */
  readonly others: readonly string[];
}

function groupText({ keys, own, others }: Group, { paint, width }: Style, label: number): string {
  const heading = keys.join(", ");
  const beside = (text: string) => `  ${paint("strong", heading)}: ${paint("faint", text)}`;
  const fits = (text: string) => "  ".length + heading.length + ": ".length + text.length <= width;
  const [way, ...more] = own;
  const told = others.join(", ");
  if (way && told && more.length === 0) {
    const whole = `${told}, or in ${way.store}: ${way.names}`;
    if (fits(whole)) return beside(whole);
  }
  const above = way && told ? `${told}, or` : told;
  return [
    ...above && fits(above)
      ? [beside(above)]
      : [paint("strong", wrap(heading, width, "  ")), ...above ? [wrap(above, width, "    ")] : []],
    ...wayLines(own, { indent: "    ", label, width }),
  ].join("\n");
}

function labelWidth(ways: readonly Way[]): number {
  return Math.max(0, ...ways.filter(({ names }) => names !== undefined).map(({ store }) => store.length));
}

function wayLines(ways: readonly Way[], place: Place): readonly string[] {
  return ways.map(({ store, names }) => labelled(store, names ?? "switch it on", place));
}

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
  const needs = neededBy(name, description, hints).map((needed) => ({
    key: needed.key,
    stores: servedWhenOn(needed, description, hints),
    ways: needed.last?.error === "not_found" ? waysToSupply(needed, description, hints) : [],
  }));
  const covered = needs.flatMap(({ stores }) => stores).flatMap((store) => hints.switches[store]?.steps ?? []);
  const all = [
    ...hints.switches[name]!.steps.filter((step) => !covered.includes(step)),
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
    for (const { from } of neededBy(name, description, hints)) for (const { store } of from) all.add(store);
  }
  return all;
}

function neededBy(
  store: string,
  { credentials }: ChainDescription,
  { switches }: Hints,
): readonly CredentialDescription[] {
  const { needs = [] } = switches[store] ?? {};
  return credentials.filter(({ key }) => needs.includes(key));
}

/** Returns the stores to switch on for a credential that only stores which are off serve. */
function servedWhenOn(needed: CredentialDescription, description: ChainDescription, hints: Hints): readonly string[] {
  const ways = waysToSupply(needed, description, hints);
  const { last } = needed;
  return (!last || last.error === "not_found") && ways.every(({ names }) => names === undefined)
    ? ways.map(({ store }) => store)
    : [];
}
