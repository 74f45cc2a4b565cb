import type { MaybePromise } from "../eventually.ts";
import type { Refusal } from "../outcome.ts";
import type { Reference } from "../reference.ts";
import type { Keep } from "../renewal.ts";

/** The shape's name. @category Stores */
export type ShapeName = "variables" | "document" | "token";

/** A credential's fields in a store of variables. @category Stores */
export interface VariableMapping<Name extends string = string> {
  /** What stands before each field's name; stores of environment variables upper-case the name. */
  readonly prefix?: string;
  /** Whole names for fields whose name differs, in order of preference. Without a prefix, only these are mapped. */
  readonly fields?: { readonly [N in Name]?: string | readonly string[] };
}

/** A credential's fields in a JSON document. @category Stores */
export interface DocumentMapping<Name extends string = string> {
  /** The document's name. */
  readonly document: string;
  /**
   * Where each field is: a member (`"client_id"`), a JSON Pointer (RFC 6901, `"/credentials/clientId"`), or a template
   * of them (`"{client_id}:{client_secret}"`). The locators at one index belong to one form of the document; forms
   * are never mixed.
   */
  readonly fields: { readonly [N in Name]?: string | readonly string[] };
}

/** A credential's fields in what a token store answers. @category Stores */
export interface TokenFields<Name extends string = string> {
  /** Which member of the answer is which field; a member of the field's own name where left out. */
  readonly fields?: { readonly [N in Name]?: string };
  /** Fields that the answer doesn't have: a text or a reference. */
  readonly with?: { readonly [N in Name]?: string | Reference };
}

/** What a token store answers: values, and for how long they are good. @category Stores */
export interface Token {
  /** The answer's members. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Its lifetime in seconds from the start of the request (RFC 6749, section 5.1); a string of digits counts. */
  readonly expiresIn?: unknown;
  /** When it expires, in milliseconds since 1970; counts before `expiresIn`. */
  readonly expiresAt?: number;
}

/** What each shape takes as a mapping, asks a store for, and gets. @category Stores */
export interface Shapes<Name extends string = string, Identity extends string = string, Request = unknown> {
  /** A name gives a string. */
  readonly variables: {
    readonly mapping: VariableMapping<Name>;
    readonly request: string;
    readonly answer: string;
  };
  /** A name gives a JSON document. */
  readonly document: {
    readonly mapping: string | DocumentMapping<Name>;
    readonly request: string;
    readonly answer: unknown;
  };
  /** A request gives values with an expiry. */
  readonly token: {
    readonly mapping: true | (Request & TokenFields<Identity>);
    readonly request: Request;
    readonly answer: Token;
  };
}

/** What a look-up is asked with, besides the name. */
export interface Ask {
  /** Ends when the look-up's time is up. */
  readonly signal: AbortSignal;
  /** Reads what a mapping refers to. */
  readonly text: (reference: Reference) => string | Refusal;
}

/** A store's look-up, as a shape calls it. */
export type RawLook = (what: unknown, ask: Ask) => unknown;

/** Field values as a store has them, by the field's index; `undefined` is an absence. */
export interface Raw {
  readonly values: readonly unknown[];
  /** Under which declared name each field was looked for. */
  readonly names: readonly (string | undefined)[];
  /** Declared names that a template lacked while it had others. */
  readonly torn?: readonly string[];
}

/** What a mapping compiles to. */
export interface Reader {
  /** Every declared name that it reads. */
  readonly reads: readonly string[];
  /** Which fields it maps, by the field's index. */
  readonly maps: readonly boolean[];
  /** For each field its preferred name. */
  readonly names: readonly (string | undefined)[];
  /** What a token store is asked for. */
  readonly request?: unknown;
  /** Reads the fields with these indices. */
  read(look: RawLook, ask: Ask, wanted: readonly number[]): MaybePromise<Raw | Refusal>;
}

/** What a mapping is compiled for. */
export interface Target {
  readonly fields: readonly { readonly name: string; readonly identity: boolean; readonly schema?: unknown }[];
  /** A variable's name for a field without one of its own. */
  readonly variable: (prefix: string, field: string) => string;
}

/** Takes a mistake in a mapping: where, below the mapping, and what would be right. */
export type Complain = (path: string, message: string) => void;

/** One of the three shapes: `variables`, `document` or `token`. @category Stores */
export interface ShapeOf<S extends ShapeName = ShapeName> {
  /** Its name. */
  readonly name: S;
}

/** How a shape's mappings compile and read: what the three constants are within the package. */
export interface Shape<S extends ShapeName = ShapeName> extends ShapeOf<S> {
  /** Compiles a mapping; mistakes are complained of. */
  compile(mapping: unknown, target: Target, complain: Complain): Reader;
  /** Keeps answers that expire, for the shape that has them. */
  readonly keep?: Keep;
}

/** A value that counts: neither absent nor blank. */
export function present(value: unknown): boolean {
  return value !== undefined && value !== null && (typeof value !== "string" || value.trim() !== "");
}

/** One or several names as a list. */
export function several(names: string | readonly string[]): readonly string[] {
  return typeof names === "string" ? [names] : names;
}

/** Complains of members that nobody asked for. */
export function onlyMembers(object: object, known: readonly string[], path: string, complain: Complain): void {
  for (const name of Object.keys(object)) {
    if (!known.includes(name)) complain(`${path}.${name}`, `Unknown member "${name}": expected ${known.join(", ")}`);
  }
}
