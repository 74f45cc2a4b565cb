import type { Chain, Mapping } from "./chain.ts";
import { CompiledResolver } from "./compiled_resolver.ts";
import type { Credential } from "./credential.ts";
import type { ChainDescription } from "./describe.ts";
import type { Default, Fields } from "./field.ts";
import { ambient, type Host } from "./host.ts";
import type { Store, Stores } from "./stores/store.ts";

/** How a caller waits. @category Resolver */
export interface FindOptions {
  /** Ends this caller's wait, with the signal's reason; never a request that others share. */
  readonly signal?: AbortSignal | undefined;
  /** How long this caller waits in all, in milliseconds; 10,000 unless this says otherwise. */
  readonly budget?: number | undefined;
  /** On workerd, `(promise) => ctx.waitUntil(promise)`: lets a renewal finish that this request started. */
  readonly waitUntil?: ((promise: Promise<unknown>) => void) | undefined;
}

/** How a caller waits, and what it takes where no store has anything. @category Resolver */
export interface ResolveOptions<F = Fields> extends FindOptions {
  /** A whole identity, which serves where every store said that it has none. */
  readonly default?: Default<F> | undefined;
}

/** The keys of a chain's credentials. @category Resolver */
export type KeyOf<C> = keyof C & string;

/** What a chain compiles to. @category Resolver */
export interface Resolver<C = Record<string, Fields>> {
  /**
   * Gives a credential: of the highest store that has it, else the caller's default. Ask each time; as long as nothing
   * changed it is the same object, and costs a look-up in a map.
   *
   * @throws {CredentialError} Where no store can give it and no default may serve.
   */
  resolve<K extends keyof C & string>(key: K, options?: ResolveOptions<C[K]>): Promise<Credential<C[K], K>>;
  /**
   * Gives a credential, or `undefined` where every store said that it has none.
   *
   * @throws {CredentialError} Where a store has it and can't give it.
   */
  find<K extends keyof C & string>(key: K, options?: FindOptions): Promise<Credential<C[K], K> | undefined>;
  /** Gives the credential that is held, at once and without asking anybody; never an expired one. */
  peek<K extends keyof C & string>(key: K): Credential<C[K], K> | undefined;
  /** Says that a credential was refused: unless there is a newer one already, it is obtained anew. */
  invalidate(what: (keyof C & string) | Pick<Credential, "key" | "source">): void;
  /** Tells a listener each new credential that a `resolve` or a `persist` notices, until it is disposed of. */
  onChange<K extends keyof C & string>(key: K, listener: (credential: Credential<C[K], K>) => void): Disposable;
  /**
   * Adds a store to the chain, at its own priority, until it is disposed of.
   *
   * @throws {ChainError} Where the name or the priority is taken, or the store would need itself.
   */
  install<S extends Store>(name: string, store: S, from: { readonly [K in keyof C]?: Mapping<S, C[K]> }): Disposable;
  /** The chain and what is held, without any value. It asks nobody. */
  describe(): ChainDescription;
  /** Forgets everything; later calls fail with `closed`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Compiles a chain into a resolver of one's own.
 *
 * @param chain The declaration.
 * @param host What is ambient, where the runtime's own won't do.
 * @returns The resolver; nothing is read yet.
 * @throws {ChainError} Everything that is wrong with the chain.
 * @category Resolver
 */
export function createResolver<S extends Stores, C>(chain: Chain<S, C>, host?: Host): Resolver<C> {
  return new CompiledResolver(chain as never, ambient(host)) as Resolver<never> as Resolver<C>;
}
