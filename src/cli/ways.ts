import { list } from "../core/chain/errors.ts";
import type { ChainDescription, CredentialDescription } from "../core/engine/describe.ts";
import type { Hints } from "./hints.ts";
import { groupNames, membersOf } from "./names.ts";

/** One way to supply a credential. */
export interface Way {
  /** The store that would give it. */
  readonly store: string;
  /** What to put there; nothing for a store that is to be switched on. */
  readonly names?: string;
}

/**
 * Lists the ways to supply a credential that no store has, a store that is off included.
 *
 * @param credential The credential.
 * @param description The description that it is part of.
 * @param hints What is known of the chain beside the description.
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
    const isSwitched = hints.plan ? name in hints.switches : references.some(({ option }) => option === "enabled");
    if (isOff && !isSwitched) return [];
    if (shape === "token") return isOff ? [{ store: name }] : [];
    const names = namesText(namesIn(credential, name, hints), hints.directories[name]);
    return names === "" ? [] : [{ store: name, names: isOff ? `${names}, once it is switched on` : names }];
  });
}

interface Names {
  /** All of these are needed. */
  readonly all: readonly string[];
  /** And one of these, where there are any. */
  readonly oneOf: readonly string[];
}

function namesIn({ key, from, last }: CredentialDescription, store: string, { plan }: Hints): Names {
  const credential = plan?.credentials.get(key);
  const source = credential?.sources.find((source) => source.store.name === store);
  if (!credential || !source) {
    const { reads } = from.find((source) => source.store === store)!;
    return { all: reads.filter((name) => last?.missing?.includes(name)), oneOf: [] };
  }
  const named = (fields: readonly number[]) => fields.flatMap((at) => source.reader.names[at] ?? []);
  const { required, anyOf, identity } = credential;
  return { all: named(required), oneOf: named(required.length + anyOf.length > 0 ? anyOf : identity) };
}

function namesText({ all, oneOf }: Names, directory: string | undefined): string {
  const names = [...all, ...oneOf.slice(0, 1)];
  const others = oneOf.slice(1).map((name) => ` or ${membersOf(name.slice(name.indexOf("#") + 1)).join(" and ")}`);
  const isDocument = names.some((name) => name.includes("#"));
  return `${isDocument ? groupNames(names, directory) : list(names)}${others.join("")}`;
}
