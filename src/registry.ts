import type { Chain } from "./chain.ts";
import type { Host } from "./host.ts";
import { createResolver, type Resolver } from "./resolver.ts";
import type { Stores } from "./stores/store.ts";

let resolvers = new WeakMap<object, unknown>();

/**
 * The process-wide resolver of a chain, made when it is first asked for.
 *
 * @param chain The declaration; the same object gives the same resolver.
 * @param host What is ambient, where the runtime's own won't do. The first call's counts.
 * @returns The resolver.
 * @throws {ChainError} Everything that is wrong with the chain.
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
  if (known !== undefined) return known as Resolver<C>;
  const resolver = createResolver(chain, host);
  resolvers.set(chain, resolver);
  return resolver;
}

/**
 * Forgets the process-wide resolver of a chain, or of every chain; for tests, mostly.
 *
 * @param chain The declaration; all of them where left out.
 * @category Resolver
 */
export function resetResolver(chain?: object): void {
  if (chain === undefined) resolvers = new WeakMap();
  else resolvers.delete(chain);
}
