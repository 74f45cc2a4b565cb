import type { AnyChain, Chain } from "../chain/chain.ts";
import { list } from "../chain/errors.ts";
import type { Host } from "../chain/host.ts";
import type { Stores } from "../chain/store.ts";
import { ambient } from "../runtime/ambient.ts";
import { asyncDispose } from "./disposable.ts";
import { Engine } from "./engine.ts";
import { INTERNALS, type Internals } from "./internals.ts";
import type { Resolver } from "./resolver.ts";

/**
 * Compiles a chain into a resolver of your own.
 *
 * @param chain The declaration.
 * @param host Replaces parts of the runtime: variables, files, `fetch`, clock.
 * @returns The resolver; nothing is read yet.
 * @throws {ChainError} Lists every mistake in the chain.
 * @category Resolver
 */
export function createResolver<S extends Stores, C>(chain: Chain<S, C>, host?: Host): Resolver<C> {
  return resolverOf(new Engine(chain as unknown as AnyChain, ambient(host))) as unknown as Resolver<C>;
}

/** The engine's methods that are a resolver's, and those that have a symbol for a name. */
interface Methods
  extends Pick<Engine, "resolve" | "find" | "peek" | "invalidate" | "onChange" | "install" | "describe"> {
  [asyncDispose](): Promise<void>;
  [INTERNALS](): Internals;
}

// Hint: an object and no class, since bundlers keep every class that has methods with computed names.
function resolverOf(engine: Engine): Methods {
  return {
    resolve: (key, options) => engine.resolve(key, options),
    find: (key, options) => engine.find(key, options),
    peek: (key) => engine.peek(key),
    invalidate: (what) => engine.invalidate(what),
    onChange: (key, listener) => engine.onChange(key, listener),
    install: (name, store, from) => engine.install(name, store, from),
    describe: () => engine.describe(),
    [asyncDispose]: () => engine.dispose(),
    [INTERNALS]: () => engine.internals(),
  };
}

/** A resolver, and the host that it was created with. */
interface Shared {
  readonly resolver: unknown;
  readonly host: Host | undefined;
}

let resolvers = new WeakMap<object, Shared>();

/**
 * Returns the process-wide resolver of a chain, compiled when it is first asked for.
 *
 * @param chain The declaration; the same object gives the same resolver.
 * @param host Replaces parts of the runtime: variables, files, `fetch`, clock. Only the host of the first call is used; a
 * later one with other files, another `fetch` or another clock is logged as `ignored`.
 * @returns The resolver.
 * @throws {ChainError} Lists every mistake in the chain.
 *
 * @example
 * ```ts
 * import { defineChain, env, getResolver, required } from "@alphaswarm/credentials";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "neo4j:basic": {
 *       fields: { user: required(), password: required() },
 *       from: { env: { prefix: "NEO4J_" } },
 *     },
 *   },
 * });
 * const credential = await getResolver(chain).find("neo4j:basic");
 * console.log(credential?.source ?? "nowhere");
 * ```
 * @category Resolver
 */
export function getResolver<S extends Stores, C>(chain: Chain<S, C>, host?: Host): Resolver<C> {
  const known = resolvers.get(chain);
  if (known) {
    if (host && host !== known.host) reportIgnored(host, known.host);
    return known.resolver as Resolver<C>;
  }
  const resolver = createResolver(chain, host);
  resolvers.set(chain, { resolver, host });
  return resolver;
}

// Hint: a Worker's host is a new object for each request, with the same parts.
function reportIgnored(host: Host, used: Host = {}): void {
  const parts = (["files", "fetch", "clock"] as const).filter((part) => (host[part] ?? used[part]) !== used[part]);
  const event = { type: "ignored", detail: `getResolver uses the ${list(parts)} of its first call` } as const;
  if (parts.length === 0) return;
  for (const each of host.log === used.log ? [used] : [used, host]) ambient(each).log?.(event);
}

/**
 * Forgets the process-wide resolver of a chain, or of every chain; for tests, mostly.
 *
 * @param chain The declaration; every chain where it is left out.
 * @category Resolver
 */
export function resetResolver(chain?: object): void {
  if (chain === undefined) resolvers = new WeakMap();
  else resolvers.delete(chain);
}
