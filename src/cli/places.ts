import type { ChainDescription } from "../describe.ts";
import type { AnyChain } from "../insides.ts";
import { isReference } from "../reference.ts";
import { inside } from "../stores/store.ts";

/** Where each store keeps its documents, as the chain writes it. */
export type Places = Readonly<Record<string, string>>;

/**
 * Where the stores of a chain keep their documents, as the chain writes it.
 *
 * @param chain The chain.
 * @param description Its description, which knows what variables are set.
 * @returns For each such store its directory: a text of the chain, or `$NAME` for what a variable says.
 */
export function placesOf({ stores }: AnyChain, description: ChainDescription): Places {
  return Object.fromEntries(description.stores.flatMap(({ name, references }) => {
    const directory = inside(stores[name])?.options.directory;
    if (typeof directory === "string") return [[name, directory]];
    if (!isReference(directory)) return [];
    const isSet = references.some(({ option, set }) => option === "directory" && set);
    const fallback = "fallback" in directory && !isSet ? directory.fallback : undefined;
    return [[name, fallback ?? `$${directory.variable}`]];
  }));
}
