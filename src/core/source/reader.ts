import type { MaybePromise } from "../chain/eventually.ts";
import type { Refusal } from "../chain/outcome.ts";
import type { Reference } from "../chain/reference.ts";
import type { Nothing, Values } from "./answer.ts";

/** The context of a look-up, as a shape sees it. */
export interface Ask {
  /** Aborted when the look-up's time is up. */
  readonly signal: AbortSignal;
  /** Reads what a mapping refers to. */
  readonly text: (reference: Reference) => string | Refusal;
}

/** A store's look-up, as a shape calls it. */
export type RawLook = (what: unknown, ask: Ask) => unknown;

/** A compiled mapping. */
export interface Reader {
  /** Every declared name that it reads. */
  readonly reads: readonly string[];
  /** Which fields it maps, by the field's index. */
  readonly maps: readonly boolean[];
  /** The preferred name of each field. */
  readonly names: readonly (string | undefined)[];
  /** What a token store is asked for. */
  readonly request?: unknown;
  /** The document that it reads, and its locators for each field, in order of preference. */
  readonly document?: { readonly name: string; readonly locators: readonly (readonly string[])[] };
  /** Reads the fields with these indices. */
  read(look: RawLook, ask: Ask, wanted: readonly number[]): MaybePromise<Nothing | Values | Refusal>;
}

/** What a mapping is compiled for. */
export interface Target {
  readonly fields: readonly { readonly name: string; readonly identity: boolean; readonly schema?: unknown }[];
  /** Builds a variable's name for a field that is not named in the mapping. */
  readonly variable: (prefix: string, field: string) => string;
}

/** Reports a mistake in a mapping: its path below the mapping, and what was expected. */
export type Complain = (path: string, message: string) => void;

/** Whether a value counts: it is neither absent nor blank. */
export function present(value: unknown): boolean {
  return value !== undefined && value !== null && (typeof value !== "string" || value.trim() !== "");
}

/** Returns one or several names as a list. */
export function several(names: string | readonly string[]): readonly string[] {
  return typeof names === "string" ? [names] : names;
}

/** Reports the members of an object that are not known. */
export function onlyMembers(object: object, known: readonly string[], path: string, complain: Complain): void {
  for (const name of Object.keys(object)) {
    if (!known.includes(name)) complain(`${path}.${name}`, `Unknown member "${name}": expected ${known.join(", ")}`);
  }
}
