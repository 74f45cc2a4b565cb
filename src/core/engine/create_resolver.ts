import type { AnyChain, Chain } from "../chain/chain.ts";
import { list } from "../chain/errors.ts";
import { callSafely } from "../chain/eventually.ts";
import type { Host } from "../chain/host.ts";
import type { Stores } from "../chain/store.ts";
import { ambient } from "../runtime/ambient.ts";
import { Engine } from "./engine.ts";
import type { Resolver } from "./resolver.ts";

/**
 * Compiles a chain into a new resolver, which nobody else shares.
 *
 * @typeParam S The chain's stores, by name.
 * @typeParam C The fields of each credential, by key.
 * @param chain The declaration.
 * @param host Replaces parts of the runtime: variables, files, `fetch`, clock.
 * @returns The resolver; nothing is read yet.
 * @throws {ChainError} Lists every mistake in the chain.
 *
 * @example A resolver for one test, which forgets everything at its end
 * ```ts
 * import { createResolver, defineChain, env, required } from "@alphaswarm/credentials";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "neo4j:basic": { fields: { user: required() }, from: { env: { prefix: "NEO4J_" } } },
 *   },
 * });
 * await using resolver = createResolver(chain, { env: { NEO4J_USER: "reader" } });
 * console.log((await resolver.resolve("neo4j:basic")).get("user")); // "reader"
 * ```
 * @category Resolver
 */
export function createResolver<S extends Stores, C>(chain: Chain<S, C>, host?: Host): Resolver<C> {
  return new Engine(chain as unknown as AnyChain, ambient(host)) as unknown as Resolver<C>;
}

/** A process-wide resolver, and the host that it was created with. */
interface ProcessWide {
  readonly resolver: unknown;
  readonly host: Host | undefined;
}

let resolvers = new WeakMap<object, ProcessWide>();

/**
 * Returns the process-wide resolver of a chain, compiled when it is first asked for.
 *
 * @typeParam S The chain's stores, by name.
 * @typeParam C The fields of each credential, by key.
 * @param chain The declaration; the same object gives the same resolver.
 * @param host Replaces parts of the runtime: variables, files, `fetch`, clock. Only the host of the first call is used; a
 * later one with other files, another `fetch` or another clock is logged as `ignored`.
 * @returns The resolver.
 * @throws {ChainError} Lists every mistake in the chain.
 *
 * @example A credential that may be absent
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

// Hint: a Worker passes a new host object with each request, with the same parts.
function reportIgnored(host: Host, used: Host = {}): void {
  const parts = (["files", "fetch", "clock"] as const).filter((part) => (host[part] ?? used[part]) !== used[part]);
  if (parts.length === 0) return;
  const event = { type: "ignored", detail: `getResolver uses the ${list(parts)} of its first call` } as const;
  for (const log of new Set([used.log, host.log])) callSafely(() => log?.(event));
}

/**
 * Forgets the process-wide resolver of a chain, or of every chain; mostly for tests.
 *
 * @param chain The declaration; every chain if it is left out.
 *
 * @example Each test has a resolver of its own
 * ```ts
 * import { defineChain, env, getResolver, required, resetResolver } from "@alphaswarm/credentials";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "neo4j:basic": { fields: { user: required() }, from: { env: { prefix: "NEO4J_" } } },
 *   },
 * });
 * const before = getResolver(chain);
 * resetResolver(chain);
 * console.log(getResolver(chain) === before); // false
 * ```
 * @category Resolver
 */
export function resetResolver(chain?: object): void {
  if (chain === undefined) resolvers = new WeakMap();
  else resolvers.delete(chain);
}
