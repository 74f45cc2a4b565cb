import { list } from "../../core/chain/errors.ts";
import type { ChainDescription, CredentialDescription } from "../../core/engine/describe.ts";
import { namesToSupply } from "../../core/engine/failure.ts";
import type { Hints } from "./hints.ts";
import { groupNames, groupsOf, membersOf } from "./names.ts";

/** One way to supply a credential. */
export interface Way {
  /** The store that would give it. */
  readonly store: string;
  /** What to put there; absent for a store that only has to be switched on. */
  readonly names?: string;
}

/**
 * Lists the ways to supply a credential that no store has, including stores that are off; if a store has part of it,
 * what that store lacks.
 *
 * @param credential The credential.
 * @param description The description that it is part of.
 * @param hints What is known about the chain besides the description.
 * @returns The ways, in the order in which the stores are asked.
 */
export function waysToSupply(
  credential: CredentialDescription,
  { stores }: ChainDescription,
  hints: Hints,
): readonly Way[] {
  return credential.from.flatMap(({ store: name }): readonly Way[] => {
    const store = stores.find((store) => store.name === name);
    if (!store) return [];
    const { shape, references } = store;
    const isOff = store.state === "off";
    if (isOff && credential.last?.error === "incomplete") return [];
    const isSwitched = hints.plan ? name in hints.switches : references.some(({ option }) => option === "enabled");
    if (isOff && !isSwitched) return [];
    if (shape === "token") return isOff ? [{ store: name }] : [];
    const names = namesText(namesIn(credential, name, hints), hints.directories[name]);
    return names === "" ? [] : [{ store: name, names: isOff ? `${names}, once it is switched on` : names }];
  });
}

/** Returns the credentials that a store needs, as far as known. */
export function neededBy(
  store: string,
  { credentials }: ChainDescription,
  { plan }: Pick<Hints, "plan">,
): readonly CredentialDescription[] {
  const needs = plan?.stores.find(({ name }) => name === store)?.store.needs ?? [];
  return credentials.filter(({ key }) => needs.includes(key));
}

/** Returns the credentials that a store uses for its requests: all that it needs except those for its `share`. */
export function loginsOf(
  store: string,
  description: ChainDescription,
  { plan }: Pick<Hints, "plan">,
): readonly CredentialDescription[] {
  const { needs = [], options } = plan?.stores.find(({ name }) => name === store) ?? {};
  const keys = needs.map((need) => options![need]);
  return description.credentials.filter(({ key }) => keys.includes(key));
}

interface Names {
  /** All of these are needed. */
  readonly all: readonly string[];
  /** And one of these, if there are any. */
  readonly oneOf: readonly string[];
}

function namesIn({ key, from, last }: CredentialDescription, store: string, { plan }: Hints): Names {
  const credential = plan?.credentials.get(key);
  const source = credential?.sources.find((source) => source.store.name === store);
  if (!credential || !source) {
    const { reads } = from.find((source) => source.store === store)!;
    return { all: reads.filter((name) => last?.missing?.includes(name)), oneOf: [] };
  }
  const fewest = namesToSupply(credential, source);
  const every = namesToSupply(credential, source, Infinity);
  const all = every.length > fewest.length ? fewest.slice(0, -1) : fewest;
  const isLacking = (name: string) => last?.error !== "incomplete" || last.missing?.includes(name);
  return { all: all.filter(isLacking), oneOf: every.slice(all.length).filter(isLacking) };
}

/** Says which names are needed, such as `a and b`, `a or b` or `a, and b or c`, after the document that they are in. */
function namesText({ all, oneOf }: Names, directory: string | undefined): string {
  const { document } = groupsOf([...all, ...oneOf], directory)[0] ?? {};
  const members = oneOf.map(membersOf);
  const either = members.some(({ length }) => length > 1)
    ? members.map((each) => list(each)).join(", or ")
    : list(members.flat(), "or");
  if (oneOf.length === 0) return document === undefined ? list(all) : groupNames(all, directory);
  const both = [...all.flatMap(membersOf), all.length > 0 ? `and ${either}` : either].join(", ");
  return document === undefined ? both : `${document}: ${both}`;
}
