import type { Credential } from "./credential.ts";
import type { FindOptions, KeyOf, Resolver } from "./resolver.ts";

/**
 * A client that is built anew when, and only when, its credential is a new one.
 *
 * @typeParam T The client.
 * @param resolver Where the credential comes from.
 * @param key Which one.
 * @param build Makes the client.
 * @returns What gives the client for the credential of the moment.
 *
 * @example
 * ```ts
 * import { perCredential, type Credential, type Resolver } from "@alphaswarm/credentials";
 *
 * function catalog<C>(resolver: Resolver<C>, key: keyof C & string) {
 *   return perCredential(resolver, key, (credential) => ({ user: credential.source }));
 * }
 * ```
 * @category Resolver
 */
export function perCredential<C, K extends KeyOf<C>, T>(
  resolver: Resolver<C>,
  key: K,
  build: (credential: Credential<C[K], K>) => T,
): (options?: FindOptions) => Promise<T> {
  let current: { readonly credential: object; readonly client: T } | undefined;
  return async (options) => {
    const credential = await resolver.resolve(key, options);
    if (current?.credential !== credential) current = { credential, client: build(credential) };
    return current.client;
  };
}
