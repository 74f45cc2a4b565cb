import type { Credential } from "../chain/credential.ts";
import { isThenable } from "../chain/eventually.ts";
import type { ResolveOptions, Resolver } from "./resolver.ts";

/**
 * Keeps a client for a credential, and builds another one when, and only when, the credential is a new one.
 *
 * @typeParam T The client, or a promise of it; after a promise that rejects, the next call builds another one.
 * @param resolver Where the credential comes from.
 * @param key Its key.
 * @param build Creates the client.
 * @returns A function that gives the client for the current credential; it takes the options of `resolve`.
 *
 * @example A driver that is built again when its credential changes
 * ```ts
 * import { createResolver, defineChain, env, perCredential, required } from "@alphaswarm/credentials";
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
 * const driver = perCredential(
 *   createResolver(chain),
 *   "neo4j:basic",
 *   (credential) => ({ user: credential.get("user") }),
 * );
 * const { user } = await driver({ default: { user: "neo4j", password: "not-a-secret" } });
 * console.log(user);
 * ```
 * @category Resolver
 */
export function perCredential<C, K extends keyof C & string, T>(
  resolver: Resolver<C>,
  key: K,
  build: (credential: Credential<C[K], K>) => T,
): (options?: ResolveOptions<C[K]>) => Promise<T> {
  let current: { readonly credential: object; readonly client: T } | undefined;
  return async (options) => {
    const credential = await resolver.resolve(key, options);
    if (current?.credential === credential) return current.client;
    const client = build(credential);
    const mine = current = { credential, client };
    if (isThenable(client)) {
      client.then(undefined, () => {
        if (current === mine) current = undefined;
      });
    }
    return client;
  };
}
