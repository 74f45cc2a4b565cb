import type { Credential } from "../core/chain/credential.ts";
import { CredentialError, list } from "../core/chain/errors.ts";
import type { Default, Fields, Values } from "../core/chain/field.ts";
import type { HeldCredential } from "../core/engine/held_credential.ts";

/**
 * The credentials of a chain that have the fields that a client needs. The key of any other is a compile error.
 *
 * In a signature, spell out `keyof Having<…>`: an alias for it would print the whole chain in compile errors.
 *
 * @typeParam C The fields of the chain's credentials, by key.
 * @typeParam V The values that the client needs, by field.
 *
 * @example A function that takes the keys with a token
 * ```ts
 * import type { KeyOf, Resolver } from "@alphaswarm/credentials";
 * import { credentialFetch, type Having, type TokenField } from "@alphaswarm/credentials/clients/fetch";
 *
 * export function jsonOf<C, K extends keyof Having<C, TokenField> & KeyOf<C>>(
 *   resolver: Resolver<C>,
 *   key: K,
 * ) {
 *   const send = credentialFetch(resolver, key);
 *   return async (url: string): Promise<unknown> => {
 *     const answer = await send(url);
 *     if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
 *     return await answer.json();
 *   };
 * }
 * ```
 * @category Clients
 */
export type Having<C, V> = { readonly [K in keyof C as Values<C[K]> extends V ? K : never]: C[K] };

/**
 * How an adapter resolves its credential, each time that its client needs it.
 *
 * @typeParam F The credential's fields.
 *
 * @example A Worker, whose requests end before a renewal does
 * ```ts
 * import { defineChain, env, getResolver, required } from "@alphaswarm/credentials";
 * import { credentialFetch } from "@alphaswarm/credentials/clients/fetch";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "polaris:rest": {
 *       fields: { token: required() },
 *       from: { env: { prefix: "POLARIS_" } },
 *     },
 *   },
 * });
 * export const polarisIn = (ctx: { waitUntil(promise: Promise<unknown>): void }) =>
 *   credentialFetch(getResolver(chain), "polaris:rest", {
 *     budget: 2_000,
 *     waitUntil: (promise) => ctx.waitUntil(promise),
 *   });
 * ```
 * @category Clients
 */
export interface ClientOptions<F = Fields> {
  /** A complete identity, used if every store reports that it has none. */
  readonly default?: Default<F> | undefined;
  /** How long the client waits for the credential, in milliseconds; default 10,000. */
  readonly budget?: number | undefined;
  /** On workerd, `(promise) => ctx.waitUntil(promise)`, so that a renewal can finish after its request. */
  readonly waitUntil?: ((promise: Promise<unknown>) => void) | undefined;
}

/** Reads the named fields of a credential, without those that it does not have. */
export function valuesOf<V>(credential: object, names: readonly (keyof V & string)[]): V {
  const held = credential as HeldCredential;
  const present = names.filter((name) => held.fields.includes(name));
  return Object.fromEntries(present.map((name) => [name, held.get(name)])) as V;
}

/** Creates the error for a credential without the optional fields of which a client needs one; `use` says what for. */
export function incompleteError(
  { key, source, trace }: Credential<never>,
  missing: readonly string[],
  use = "",
): CredentialError {
  const reason = `"${source}" gave no value for the field ${list(missing, "or")}${use}`;
  return new CredentialError("incomplete", reason, { key, trace, missing });
}
