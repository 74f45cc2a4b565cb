import type { AnyChain } from "../core/chain/chain.ts";
import { list } from "../core/chain/errors.ts";
import type { ChainDescription } from "../core/engine/describe.ts";
import { byStore, type Directories } from "./directories.ts";
import { groupNames } from "./names.ts";

/** What a store that is on and not configured lacks besides, by store: how to supply each credential that it needs. */
export type UnmetNeeds = Readonly<Record<string, readonly string[]>>;

/**
 * Lists the credentials that stores which are not configured will need next, and that no store has.
 *
 * @param chain The chain.
 * @param description Its description, after its local stores were asked.
 * @param directories The directories in which stores keep their documents.
 * @returns What to supply, by store.
 */
export function unmetNeeds(
  { stores }: AnyChain,
  { stores: described, credentials }: ChainDescription,
  directories: Directories,
): UnmetNeeds {
  return byStore(
    described.filter(({ state }) => state === "invalid").map(({ name }) => [
      name,
      credentials.filter(({ key, last }) =>
        stores[name]!.needs.includes(key) && ["not_found", "incomplete"].includes(last?.error ?? "")
      )
        .map(({ key, from, last }) => {
          const ways = from.flatMap(({ store, reads }) => {
            const names = reads.filter((read) => last!.missing?.includes(read));
            return names.length > 0 ? [`${groupNames(names, directories[store])} in ${store}`] : [];
          });
          return `supply "${key}" too${ways.length > 0 ? `: ${list(ways, "or")}` : ""}`;
        }),
    ]),
  );
}
