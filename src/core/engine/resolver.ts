import type { Mapping } from "../chain/chain.ts";
import type { Credential } from "../chain/credential.ts";
import type { Default, Fields } from "../chain/field.ts";
import type { Store } from "../chain/store.ts";
import type { ChainDescription } from "./describe.ts";

/**
 * How a caller waits.
 *
 * @example As long as a request takes, and for two seconds at most
 * ```ts
 * import type { FindOptions } from "@alphaswarm/credentials";
 *
 * const request = new Request("https://reports.example/");
 * const options: FindOptions = { signal: request.signal, budget: 2_000 };
 * ```
 * @category Resolver
 */
export interface FindOptions {
  /** Ends this caller's wait, with the signal's reason; a request that others share goes on. */
  readonly signal?: AbortSignal | undefined;
  /**
   * How long this caller waits in all, in milliseconds. Unless set, 10,000, or 15,000 for what depends on a shared
   * token, plus what the `timeout` of each store that may be asked exceeds 5,000. At its end, a held token that is
   * still valid is given.
   */
  readonly budget?: number | undefined;
  /** On workerd, `(promise) => ctx.waitUntil(promise)`: lets a renewal finish that this request started. */
  readonly waitUntil?: ((promise: Promise<unknown>) => void) | undefined;
}

/**
 * How a caller waits, and its default.
 *
 * @typeParam F The credential's fields.
 *
 * @example What a developer's machine uses when nothing is configured
 * ```ts
 * import { createResolver, defineChain, env, required } from "@alphaswarm/credentials";
 * import type { ResolveOptions } from "@alphaswarm/credentials";
 *
 * const fields = { user: required(), password: required() };
 * const local: ResolveOptions<typeof fields> = {
 *   default: { user: "neo4j", password: "not-a-secret" },
 * };
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: { "neo4j:basic": { fields, from: { env: { prefix: "NEO4J_" } } } },
 * });
 * const { source } = await createResolver(chain, { env: {} }).resolve("neo4j:basic", local);
 * console.log(source); // "default"
 * ```
 * @category Resolver
 */
export interface ResolveOptions<F = Fields> extends FindOptions {
  /** A whole identity, used if every store says `miss` or `off`. */
  readonly default?: Default<F> | undefined;
}

/**
 * The keys of a chain's credentials.
 *
 * @typeParam C The fields of each credential, by key.
 *
 * @example A function for each credential of any chain
 * ```ts
 * import type { KeyOf, Resolver } from "@alphaswarm/credentials";
 *
 * async function sourceOf<C>(resolver: Resolver<C>, key: KeyOf<C>): Promise<string> {
 *   return (await resolver.resolve(key)).source;
 * }
 * ```
 * @category Resolver
 */
export type KeyOf<C> = keyof C & string;

/**
 * What a chain compiles to. `resolve` and `find` reject with a {@linkcode CredentialError}, even for a key that the
 * chain does not have (`unknown_key`); `install` throws a {@linkcode ChainError}.
 *
 * @typeParam C The fields of each credential, by key.
 *
 * @example A service refused the credential: the next `resolve` asks for another one
 * ```ts
 * import { createResolver, defineChain, env, required } from "@alphaswarm/credentials";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "trino:api": { fields: { token: required() }, from: { env: { prefix: "TRINO_" } } },
 *   },
 * });
 * const variables = { TRINO_TOKEN: "first" };
 * const resolver = createResolver(chain, { env: variables });
 * using watching = resolver.onChange("trino:api", ({ generation }) => {
 *   console.log(generation); // 2
 * });
 * const refused = await resolver.resolve("trino:api");
 * variables.TRINO_TOKEN = "second";
 * resolver.invalidate(refused);
 * await resolver.resolve("trino:api");
 * ```
 * @category Resolver
 */
export interface Resolver<C = Record<string, Fields>> {
  /**
   * Resolves a credential: that of the store with the highest priority that has it, else the caller's default. Ask each
   * time: as long as nothing changes it is the same object, and costs a look-up in a map.
   *
   * @throws {CredentialError} If no store can give it and no default may be used.
   */
  resolve<K extends keyof C & string>(key: K, options?: ResolveOptions<C[K]>): Promise<Credential<C[K], K>>;
  /**
   * Resolves a credential, or `undefined` if every store says `miss` or `off`.
   *
   * @throws {CredentialError} If a store has it and cannot give it.
   */
  find<K extends keyof C & string>(key: K, options?: FindOptions): Promise<Credential<C[K], K> | undefined>;
  /** Returns the held credential synchronously, without asking a store; never an expired one. */
  peek<K extends keyof C & string>(key: K): Credential<C[K], K> | undefined;
  /** Reports that a service refused a credential: unless there is already a newer one, it is obtained again. */
  invalidate(what: (keyof C & string) | Pick<Credential, "key" | "source">): void;
  /** Calls a listener with each new credential that a `resolve` or a `persist` notices, until it is disposed of. */
  onChange<K extends keyof C & string>(key: K, listener: (credential: Credential<C[K], K>) => void): Disposable;
  /**
   * Adds a store to the chain, at its own priority, until it is disposed of.
   *
   * @throws {ChainError} If the name or the priority is taken, or the store would need itself.
   */
  install<S extends Store>(name: string, store: S, from: { readonly [K in keyof C]?: Mapping<S, C[K]> }): Disposable;
  /** Describes the chain and what is held, without any value. It asks no store. */
  describe(): ChainDescription;
  /** Forgets everything that is held; later calls fail with `closed`. */
  [Symbol.asyncDispose](): Promise<void>;
}
