import type { Answered } from "./answer.ts";
import type { Options, Reference } from "./reference.ts";

/** The name of a shape. @category Stores */
export type ShapeName = "variables" | "document" | "token";

/** A credential's fields in a store of variables. @category Stores */
export interface VariableMapping<Name extends string = string> {
  /** Prefix of each field's name; stores of environment variables upper-case the name. */
  readonly prefix?: string;
  /** Full names of fields that are named differently, in order of preference. Without a prefix, only these are mapped. */
  readonly fields?: { readonly [N in Name]?: string | readonly string[] };
}

/** A credential's fields in a JSON document. @category Stores */
export interface DocumentMapping<Name extends string = string> {
  /** The document's name. */
  readonly document: string;
  /** Absent: the document is JSON. */
  readonly text?: undefined;
  /**
   * Where each field is: a member (`"client_id"`), a JSON Pointer (RFC 6901, `"/credentials/clientId"`), or a template
   * of them (`"{client_id}:{client_secret}"`). The locators at one index belong to one form of the document; forms
   * are never mixed.
   */
  readonly fields: { readonly [N in Name]?: string | readonly string[] };
}

/**
 * A credential's fields in a document that is one plain text, such as a token. A blank one is a miss.
 *
 * @example
 * ```ts
 * import { defineChain, file, required } from "@alphaswarm/credentials";
 *
 * const chain = defineChain({
 *   stores: { file: file({ priority: 100, directory: "state" }) },
 *   credentials: {
 *     "github:api": {
 *       fields: { token: required() },
 *       from: { file: { document: "github-token.txt", text: true, fields: { token: "" } } },
 *     },
 *   },
 * });
 * ```
 * @category Stores
 */
export interface TextMapping<Name extends string = string> {
  /** The document's name. */
  readonly document: string;
  /** The text is taken as it is and never parsed; only stores that can give one. */
  readonly text: true;
  /** The whole text, `""`, for each field that it is. */
  readonly fields: { readonly [N in Name]?: "" };
}

/** A credential's fields in the answer of a token store. @category Stores */
export interface TokenFields<Name extends string = string> {
  /** The member of the answer for each field; without this, the member with the field's own name. */
  readonly fields?: { readonly [N in Name]?: string };
  /** Values of fields that the answer does not have: a string or a reference. */
  readonly with?: { readonly [N in Name]?: string | Reference };
}

/** The answer of a token store: values, and how long they are valid. @category Stores */
export interface Token {
  /** The answer's members. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Its lifetime in seconds from the start of the request (RFC 6749, section 5.1); a string of digits counts. */
  readonly expiresIn?: unknown;
  /** When it expires, in milliseconds since 1970; takes precedence over `expiresIn`. */
  readonly expiresAt?: number | undefined;
  /**
   * `"never"` for one that does not expire, whatever the others say: it is asked for again after the store's `recheck`,
   * 300,000 ms unless set, and used, `degraded`, while the store is `unavailable`.
   */
  readonly expires?: "never" | undefined;
}

/** The mapping, the request and the answer of each shape. @category Stores */
export interface Shapes<Name extends string = string, Identity extends string = string, Request = unknown> {
  /** Maps a name to a string. */
  readonly variables: {
    readonly mapping: VariableMapping<Name>;
    readonly request: string;
    readonly answer: string | Answered<string>;
  };
  /** Maps a name to a JSON document. */
  readonly document: {
    readonly mapping: string | DocumentMapping<Name> | TextMapping<Name>;
    readonly request: string;
    readonly answer: unknown;
  };
  /** Maps a request to values with an expiry. */
  readonly token: {
    readonly mapping: true | (Options<Request> & TokenFields<Identity>);
    readonly request: Request;
    readonly answer: Token;
  };
}

/** One of the three shapes: `variables`, `document` or `token`. @category Stores */
export interface ShapeOf<S extends ShapeName = ShapeName> {
  /** Its name. */
  readonly name: S;
}
