import type { Field, Fields, IdentityFields, Presence } from "./field.ts";
import type { Flag } from "./reference.ts";
import type { Shapes } from "./shape.ts";
import type { Store, Stores } from "./store.ts";

/**
 * A credential's key: a service and a purpose, for example `"polaris:oauth"`.
 *
 * @example A key without a purpose does not compile
 * ```ts
 * import type { Key } from "@alphaswarm/credentials";
 *
 * const key: Key = "polaris:oauth";
 * // @ts-expect-error: the purpose is missing
 * const other: Key = "polaris";
 * ```
 * @category Chain
 */
export type Key = `${string}:${string}`;

// Hint: a compile error spells out a `keyof`; of an alias it would print the whole chain.
/**
 * How one credential's fields are found in one store: the mapping of the store's shape.
 *
 * @typeParam T The store.
 * @typeParam F The credential's fields.
 *
 * @example A prefix, and two names for one of the fields
 * ```ts
 * import { env, type Mapping, required } from "@alphaswarm/credentials";
 *
 * const fields = { user: required(), password: required() };
 * const mapping: Mapping<ReturnType<typeof env>, typeof fields> = {
 *   prefix: "NEO4J_",
 *   fields: { user: ["NEO4J_USERNAME", "NEO4J_USER"] }, // the first that is set counts
 * };
 * ```
 * @category Chain
 */
export type Mapping<T, F> = T extends Store<infer S, string, infer Request>
  ? Shapes<keyof F & string, keyof IdentityFields<F> & string, Request>[S]["mapping"]
  : never;

/**
 * One credential of a chain.
 *
 * @typeParam S The chain's stores.
 * @typeParam F The credential's fields.
 *
 * @example A credential that is declared apart from its chain
 * ```ts
 * import { type Declaration, defineChain, env, optional } from "@alphaswarm/credentials";
 *
 * const stores = { env: env({ priority: 100 }) };
 * const fields = { token: optional(), password: optional() };
 * const trino: Declaration<typeof stores, typeof fields> = {
 *   fields,
 *   anyOf: ["token", "password"], // one of them is enough
 *   from: { env: { prefix: "TRINO_" } },
 * };
 * const chain = defineChain({ stores, credentials: { "trino:api": trino } });
 * ```
 * @category Chain
 */
export interface Declaration<S, F> {
  /** Its fields, by name. */
  readonly fields: F & { readonly [N in keyof F]: Field<Presence, unknown, unknown, keyof S & string> };
  /** At least one of these identity fields must be present. */
  readonly anyOf?: readonly (keyof IdentityFields<F> & string)[];
  /** Its mapping in each store that may have it. */
  readonly from: { readonly [N in keyof S]?: Mapping<S[N], F> };
}

/**
 * Whether a caller's default may be used: always, never, or not while a flag is set.
 *
 * @example In production a default is an error, `default_forbidden`
 * ```ts
 * import { defineChain, env, flag, required } from "@alphaswarm/credentials";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "neo4j:basic": {
 *       fields: { password: required() },
 *       from: { env: { prefix: "NEO4J_" } },
 *     },
 *   },
 *   defaults: { forbidWhen: flag("PRODUCTION") },
 * });
 * ```
 * @category Chain
 */
export type DefaultPolicy = "allow" | "forbid" | { readonly forbidWhen: Flag };

/**
 * Where credentials come from: stores, their priorities, and a field map per credential.
 *
 * @typeParam S The stores by name.
 * @typeParam C The fields of each credential, by key.
 *
 * @example What a function can do with any chain
 * ```ts
 * import { type Chain, defineChain, env, required, type Stores } from "@alphaswarm/credentials";
 *
 * function keysOf<S extends Stores, C>({ credentials }: Chain<S, C>): readonly string[] {
 *   return Object.keys(credentials);
 * }
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "neo4j:basic": {
 *       fields: { password: required() },
 *       from: { env: { prefix: "NEO4J_" } },
 *     },
 *   },
 * });
 * console.log(keysOf(chain)); // ["neo4j:basic"]
 * ```
 * @category Chain
 */
export interface Chain<S extends Stores = Stores, C = Record<string, Fields>> {
  /** The stores by name; the one with the highest priority is asked first. */
  readonly stores: S;
  /** The credentials by key. */
  readonly credentials: { readonly [K in keyof C]: Declaration<S, C[K]> };
  /** Whether a caller's default may be used; `"allow"` unless set. */
  readonly defaults?: DefaultPolicy;
}

/** A chain whose types do not matter. */
export type AnyChain = Chain<Stores, Record<string, Fields>>;

/**
 * What must be consistent in a chain: needs name its credentials, and every key has a purpose.
 *
 * @typeParam S The chain's stores.
 * @typeParam C The fields of each credential, by key.
 *
 * @example The compiler finds what is not
 * ```ts
 * import { defineChain, env, required } from "@alphaswarm/credentials";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     // @ts-expect-error: a credential key is "service:purpose"
 *     neo4j: { fields: { password: required() }, from: { env: { prefix: "NEO4J_" } } },
 *   },
 * });
 * ```
 * @category Chain
 */
export interface Consistent<S, C> {
  /** A credential that a store needs is one of the chain. */
  readonly stores: { readonly [N in keyof S]: { readonly needs: readonly (keyof C & string)[] } };
  /** Every key names a service and a purpose. */
  readonly credentials: {
    readonly [K in keyof C]: K extends Key ? unknown : 'a credential key is "service:purpose"';
  };
}

/**
 * Declares a chain. This opens nothing and holds no secret. {@linkcode getResolver} compiles it, and reports every
 * mistake in it.
 *
 * @typeParam S The stores.
 * @typeParam C The credentials' fields.
 * @param chain The declaration.
 * @returns The same object, with its types.
 *
 * @example Files before variables
 * ```ts
 * import { defineChain, env, file, required } from "@alphaswarm/credentials";
 *
 * const chain = defineChain({
 *   stores: {
 *     file: file({ priority: 200, directory: "data/bootstrap" }),
 *     env: env({ priority: 100 }),
 *   },
 *   credentials: {
 *     "neo4j:basic": {
 *       fields: { user: required(), password: required() },
 *       from: { file: "neo4j-credentials.json", env: { prefix: "NEO4J_" } },
 *     },
 *   },
 * });
 * ```
 * @category Chain
 */
export function defineChain<const S extends Stores, C extends { [K in keyof C]: Fields }>(
  chain: Chain<S, C> & Consistent<S, NoInfer<C>>,
): Chain<S, C> {
  return chain;
}
