import type { CredentialError } from "../chain/errors.ts";
import { unknownKeyError } from "./failure.ts";
import { internals } from "./internals.ts";
import type { FindOptions, KeyOf, Resolver } from "./resolver.ts";
import { isUnused } from "./unused.ts";

/**
 * A credential that could not be resolved.
 *
 * @typeParam K The chain's keys.
 *
 * @example Why a service is not ready
 * ```ts
 * import type { Resolver, WarmFailure } from "@alphaswarm/credentials";
 * import { warm } from "@alphaswarm/credentials";
 *
 * const line = ({ key, error }: WarmFailure) => `${key}: ${error.code}`;
 * async function reasons<C>(resolver: Resolver<C>): Promise<readonly string[]> {
 *   return (await warm(resolver)).map(line); // such as "polaris:rest: unavailable"
 * }
 * ```
 * @category Resolver
 */
export interface WarmFailure<K extends string = string> {
  /** Its key. */
  readonly key: K;
  /** Why it could not be resolved. */
  readonly error: CredentialError;
}

/**
 * Resolves what a service needs before it says that it is ready: concurrently, and within one budget. What is not there
 * by then is still obtained, and held for the next caller.
 *
 * @typeParam C The chain's credentials.
 * @param resolver The resolver; what it resolves is held as usual.
 * @param keys The keys of the credentials; all of the chain's unless given. In that case, a credential that only
 * switched-off stores serve or need is not reported. One that relies on a caller's default fails with `not_found`.
 * @param options How long to wait, as for `resolve`: `budget` in milliseconds for all of them together, and `signal`.
 * @returns What could not be resolved, in the order of the keys, each with its error; empty if everything is held.
 * @throws {CredentialError} If the chain has no such credential (`unknown_key`); nothing is asked then.
 * @throws The reason of `signal`, once that is aborted.
 *
 * @example Before a service says that it is ready
 * ```ts
 * import { createResolver, defineChain, env, required, warm } from "@alphaswarm/credentials";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "neo4j:basic": { fields: { user: required() }, from: { env: { prefix: "NEO4J_" } } },
 *   },
 * });
 * const failed = await warm(createResolver(chain, { env: {} }), ["neo4j:basic"]);
 * for (const { key, error } of failed) console.log(key, error.code);
 * // "neo4j:basic", "not_found"
 * ```
 * @category Resolver
 */
export async function warm<C>(
  resolver: Resolver<C>,
  keys?: readonly (keyof C & string)[],
  options?: FindOptions,
): Promise<readonly WarmFailure<keyof C & string>[]> {
  const { plan, deps: { store } } = internals(resolver);
  const { credentials } = plan;
  const unknownKey = keys?.find((key) => !credentials.has(key));
  if (unknownKey !== undefined) throw unknownKeyError(credentials.keys(), unknownKey);
  const failures = await Promise.all(
    Array.from(new Set(keys ?? credentials.keys() as Iterable<KeyOf<C>>), (key) => failureOf(resolver, key, options)),
  );
  const counts = (key: string) => keys || !isUnused(plan, (name) => store(name).open, credentials.get(key)!);
  return failures.filter((failure) => failure !== undefined).filter(({ key }) => counts(key));
}

async function failureOf<C>(
  resolver: Resolver<C>,
  key: KeyOf<C>,
  options?: FindOptions,
): Promise<WarmFailure<KeyOf<C>> | undefined> {
  try {
    await resolver.resolve(key, options);
  } catch (error) {
    // Hint: the resolver may come from another copy of this package; any other error is the caller's own.
    if ((error as Error).name !== "CredentialError") throw error;
    return { key, error: error as CredentialError };
  }
}
