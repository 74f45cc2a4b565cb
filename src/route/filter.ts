import type { ChainDescription } from "../core/engine/describe.ts";
import { type RatedCredential, STATUS_WORDS } from "../report/guidance/counts.ts";
import type { StatusWord } from "../report/guidance/credential_status.ts";

/** The longest text that is searched for, in UTF-16 code units. */
export const MAX_TEXT_LENGTH = 200;

/** Which credentials a page shows: all, unless it says otherwise. */
export interface Filter {
  /** Those with one of these statuses; all if there is none. */
  readonly statuses: readonly StatusWord[];
  /** Those that this store is asked for, if set. */
  readonly store?: string;
  /** Those with this text in their key, or in a name that is looked for. */
  readonly text: string;
}

/**
 * Reads a filter from the query of a page, and ignores what is not a status or a store of the chain.
 *
 * @param query The query.
 * @param description The description of the chain.
 * @returns The filter.
 */
export function filterOf(query: URLSearchParams, { stores }: ChainDescription): Filter {
  const words = query.getAll("status");
  const store = stores.find(({ name }) => name === query.get("store"))?.name;
  return {
    statuses: STATUS_WORDS.filter((word) => words.includes(word)),
    ...store !== undefined && { store },
    text: (query.get("q") ?? "").slice(0, MAX_TEXT_LENGTH).trim(),
  };
}

/** Whether a filter leaves anything out. */
export function isFiltering({ statuses, store, text }: Filter): boolean {
  return statuses.length > 0 || store !== undefined || text !== "";
}

/** Whether a page with a filter shows a credential. */
export function isShown({ statuses, store, text }: Filter, { credential, status }: RatedCredential): boolean {
  const { key, from } = credential;
  const contains = (name: string) => name.toLowerCase().includes(text.toLowerCase());
  return (statuses.length === 0 || statuses.includes(status.word)) &&
    (store === undefined || from.some((source) => source.store === store)) &&
    (contains(key) || from.some(({ reads }) => reads.some(contains)));
}

/** Returns the query of the page with these statuses added to the filter, or removed if it has them all. */
export function toggled(filter: Filter, words: readonly StatusWord[]): string {
  const { statuses, store, text } = filter;
  const others = statuses.filter((word) => !words.includes(word));
  const chosen = hasAll(filter, words) ? others : [...others, ...words];
  const query = new URLSearchParams([
    ...STATUS_WORDS.filter((word) => chosen.includes(word)).map((word) => ["status", word]),
    ...store === undefined ? [] : [["store", store]],
    ...text === "" ? [] : [["q", text]],
  ]);
  return `?${query}`;
}

/** Whether a filter names each of these statuses. */
export function hasAll({ statuses }: Filter, words: readonly StatusWord[]): boolean {
  return words.every((word) => statuses.includes(word));
}
