import type { Answered } from "./answer.ts";
import type { Options, Reference } from "./reference.ts";

/**
 * The name of a shape.
 *
 * @example Stores whose credentials expire
 * ```ts
 * import type { Resolver, ShapeName } from "@alphaswarm/credentials";
 *
 * const issues: ShapeName = "token";
 * function tokenStores(resolver: Resolver): readonly string[] {
 *   return resolver.describe().stores.filter(({ shape }) => shape === issues).map((
 *     { name },
 *   ) => name);
 * }
 * ```
 * @category Writing a store
 */
export type ShapeName = "variables" | "document" | "token";

/**
 * A credential's fields in a store of variables.
 *
 * @typeParam Name The names of the credential's fields.
 *
 * @example A prefix, and a field whose variable has another name
 * ```ts
 * import { createResolver, defineChain, env, required } from "@alphaswarm/credentials";
 * import type { VariableMapping } from "@alphaswarm/credentials";
 *
 * const mapping: VariableMapping<"user" | "password"> = {
 *   prefix: "NEO4J_",
 *   fields: { user: "NEO4J_USERNAME" },
 * };
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "neo4j:basic": {
 *       fields: { user: required(), password: required() },
 *       from: { env: mapping },
 *     },
 *   },
 * });
 * const [credential] = createResolver(chain).describe().credentials;
 * console.log(credential?.from[0]?.reads); // ["NEO4J_USERNAME", "NEO4J_PASSWORD"]
 * ```
 * @category Chain
 */
export interface VariableMapping<Name extends string = string> {
  /** Prefix of each field's name; stores of environment variables upper-case the name. */
  readonly prefix?: string;
  /** Full names of fields that are named differently, in order of preference. Without a prefix, only these are mapped. */
  readonly fields?: { readonly [N in Name]?: string | readonly string[] };
}

/**
 * A credential's fields in a JSON document.
 *
 * @typeParam Name The names of the credential's fields.
 *
 * @example Two forms of a document: our own, and Polaris's answer
 * ```ts
 * import { defineChain, type DocumentMapping, file, required } from "@alphaswarm/credentials";
 *
 * const mapping: DocumentMapping<"client_id" | "client_secret"> = {
 *   document: "polaris-principal.json",
 *   fields: {
 *     client_id: ["client_id", "/credentials/clientId"],
 *     client_secret: ["client_secret", "/credentials/clientSecret"],
 *   },
 * };
 * const chain = defineChain({
 *   stores: { file: file({ priority: 200, directory: "data/bootstrap" }) },
 *   credentials: {
 *     "polaris:oauth": {
 *       fields: { client_id: required(), client_secret: required() },
 *       from: { file: mapping },
 *     },
 *   },
 * });
 * ```
 * @category Chain
 */
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
 * A credential's fields in a document that is plain text, such as a token. A blank one is a miss.
 *
 * @typeParam Name The names of the credential's fields.
 *
 * @example A file that holds a token and nothing else
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
 * @category Chain
 */
export interface TextMapping<Name extends string = string> {
  /** The document's name. */
  readonly document: string;
  /** The text is used as it is, never parsed; only for stores that can give plain text. */
  readonly text: true;
  /** `""`, the whole text, for each field that has it as its value. */
  readonly fields: { readonly [N in Name]?: "" };
}

/**
 * A credential's fields in the answer of a token store.
 *
 * @typeParam Name The names of the credential's fields.
 *
 * @example The token of the answer, and a user that the server does not return
 * ```ts
 * import { fromEnv, type TokenFields } from "@alphaswarm/credentials";
 *
 * const mapping: TokenFields<"user" | "token"> = {
 *   fields: { token: "access_token" },
 *   with: { user: fromEnv("TRINO_USER", "reader") },
 * };
 * ```
 * @category Chain
 */
export interface TokenFields<Name extends string = string> {
  /** The member of the answer for each field; without this, the member with the field's own name. */
  readonly fields?: { readonly [N in Name]?: string };
  /** Values of fields that the answer does not have: a string or a reference. */
  readonly with?: { readonly [N in Name]?: string | Reference };
}

/**
 * The answer of a token store: values, and how long they are valid.
 *
 * @example A server's answer as it is, and one that says when it expires
 * ```ts
 * import type { Token } from "@alphaswarm/credentials";
 *
 * const answered = { access_token: "not-a-secret", expires_in: 300 };
 * const oauth: Token = { values: answered, expiresIn: answered.expires_in };
 * const sts: Token = {
 *   values: { session: "not-a-secret" },
 *   expiresAt: Date.parse("2026-01-01T01:00:00Z"),
 * };
 * const apiKey: Token = { values: { key: "not-a-secret" }, expires: "never" };
 * ```
 * @category Writing a store
 */
export interface Token {
  /** The answer's members. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Its lifetime in seconds from the start of the request (RFC 6749, section 5.1); a string of digits counts. */
  readonly expiresIn?: unknown;
  /** When it expires, in milliseconds since 1970; takes precedence over `expiresIn`. */
  readonly expiresAt?: number | undefined;
  /**
   * `"never"` for one that does not expire, whatever the other members say: it is asked for again after the store's
   * `recheck`, 300,000 ms unless set, and used, `degraded`, while the store is `unavailable`.
   */
  readonly expires?: "never" | undefined;
}

/**
 * The mapping, the request and the answer of each shape.
 *
 * @typeParam Name The names of the credential's fields.
 * @typeParam Identity The names of its identity fields.
 * @typeParam Request What a token store can be asked for.
 *
 * @example What a look-up of variables may return for a name
 * ```ts
 * import { answer, type Shapes } from "@alphaswarm/credentials";
 *
 * const plain: Shapes["variables"]["answer"] = "reader";
 * const versioned: Shapes["variables"]["answer"] = answer("reader", { version: 3 });
 * ```
 * @category Writing a store
 */
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

/**
 * One of the three shapes: `variables`, `document` or `token`.
 *
 * @typeParam S Its name.
 *
 * @example A test for every store of a shape
 * ```ts
 * import { env, type ShapeName, type ShapeOf, type Store, token } from "@alphaswarm/credentials";
 *
 * const hasShape = (store: Store, { name }: ShapeOf<ShapeName>) =>
 *   store.shape.name === name;
 * console.log(hasShape(env({ priority: 100 }), token)); // false
 * ```
 * @category Writing a store
 */
export interface ShapeOf<S extends ShapeName = ShapeName> {
  /** Its name. */
  readonly name: S;
}
