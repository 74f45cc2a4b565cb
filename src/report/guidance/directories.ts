import type { ChainDescription } from "../../core/engine/describe.ts";
import type { AnyChain } from "../../core/chain/chain.ts";
import { isRefusal } from "../../core/chain/outcome.ts";
import { isReference } from "../../core/chain/reference.ts";
import { partsOf } from "../../core/chain/store_kind.ts";
import { pathOption } from "../../core/source/file_path.ts";

/** The directory in which each store keeps its documents, by store: a path, or `$NAME` for a variable. */
export type Directories = Readonly<Record<string, string>>;

/** Collects what is known by store, without a prototype, since a store may be named `constructor`. */
export function byStore<T>(entries: readonly (readonly [store: string, known: T])[]): Readonly<Record<string, T>> {
  return Object.assign(Object.create(null), Object.fromEntries(entries));
}

/**
 * Lists the directories in which the stores of a chain keep their documents.
 *
 * @param chain The chain.
 * @param description Its description, which says which variables are set.
 * @returns The directory of each store that has one: the path in the chain, or `$NAME` if a variable gives it.
 */
export function directoriesOf({ stores }: AnyChain, description: ChainDescription): Directories {
  return byStore(description.stores.flatMap(({ name, references }) => {
    const directory = partsOf(stores[name])?.options.directory;
    if (directory === undefined) return [];
    if (!isReference(directory)) {
      const path = pathOption("directory", directory as string | URL);
      return isRefusal(path) ? [] : [[name, path]];
    }
    const isUnset = references.some(({ option, set, unreadable }) => option === "directory" && !set && !unreadable);
    const fallback = "fallback" in directory && isUnset ? directory.fallback : undefined;
    return [[name, fallback || `$${directory.variable}`]];
  }));
}
