/**
 * A `fetch` that authenticates each request with the current credential.
 *
 * Use it for any HTTP API that takes a token or a key in a header, and for clients that accept a `fetch`.
 *
 * More: [Clients](https://github.com/alphaswarm/credentials/blob/main/src/clients/README.md).
 *
 * @example A bearer token
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
 * const polaris = credentialFetch(getResolver(chain), "polaris:rest", {
 *   refreshOn: [401, 403],
 * });
 * // await polaris("https://polaris.example/api/catalog/v1/config")
 * ```
 *
 * @module
 */
import type { Credential } from "../core/chain/credential.ts";
import { ambientOf } from "../core/engine/internals.ts";
import type { KeyOf, Resolver } from "../core/engine/resolver.ts";
import { type ClientOptions, type Having, incompleteError } from "./having.ts";
import { isSingleUse, requestOf } from "./redirect.ts";
import { type Header, sendWithHeader } from "./send_with_header.ts";

export type { ClientOptions, Having, Header };

/**
 * The field of a credential that is a bearer token.
 *
 * @example Map what OAuth calls access_token
 * ```ts
 * import { defineChain, env, getResolver, required } from "@alphaswarm/credentials";
 * import { credentialFetch } from "@alphaswarm/credentials/clients/fetch";
 * import { oauth2 } from "@alphaswarm/credentials/oauth2";
 *
 * const m2m = oauth2({
 *   priority: 200,
 *   tokenEndpoint: "https://sso.example/token",
 *   client: "m2m:client",
 * });
 * const chain = defineChain({
 *   stores: { m2m, env: env({ priority: 100 }) },
 *   credentials: {
 *     "m2m:client": {
 *       fields: { client_id: required(), client_secret: required() },
 *       from: { env: { prefix: "M2M_" } },
 *     },
 *     "polaris:rest": {
 *       fields: { token: required() },
 *       from: { m2m: { fields: { token: "access_token" } } },
 *     },
 *   },
 * });
 * // "m2m:client" does not compile: it has no token.
 * const polaris = credentialFetch(getResolver(chain), "polaris:rest");
 * ```
 * @category Clients
 */
export interface TokenField {
  /** The token. */
  readonly token: string | undefined;
}

/**
 * How `credentialFetch` authenticates.
 *
 * @typeParam F The credential's fields.
 * @typeParam K The credential's key.
 *
 * @example A catalog that answers 419, and a fetch of your own
 * ```ts
 * import { createResolver, defineChain, env, required } from "@alphaswarm/credentials";
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
 * const polaris = credentialFetch(
 *   createResolver(chain, { env: { POLARIS_TOKEN: "not-a-secret" } }),
 *   "polaris:rest",
 *   {
 *     refreshOn: [401, 403, 419],
 *     // For example one with a client certificate.
 *     fetch: (input) => Promise.resolve(new Response(`asked for ${input}`)),
 *   },
 * );
 * console.log(await (await polaris("https://polaris.example/")).text());
 * // "asked for https://polaris.example/"
 * ```
 * @category Clients
 */
export interface CredentialFetchOptions<F, K extends string = string> extends ClientOptions<F> {
  /** The statuses that refuse the credential; default `[401]`. */
  readonly refreshOn?: readonly number[];
  /** Gives the header that authenticates; default `authorization` with the field `token` as a bearer token. */
  readonly header?: (credential: Credential<F, K>) => Header;
  /** Sends the requests; default the `fetch` of the resolver's host. */
  readonly fetch?: typeof fetch;
}

/**
 * Creates a `fetch` that adds a credential's header to each request. If the response's status refuses the credential,
 * the credential is invalidated and resolved again, and if it changed the request is sent once more. A body that can be
 * read only once (a stream, or that of a `Request`) is not sent again: the caller gets the refusal, and the next request
 * has the new credential.
 *
 * The header is sent only to the origin of the request. A redirect to another origin is followed without it.
 *
 * @typeParam C The chain's credentials.
 * @typeParam K The credential's key.
 * @param resolver The resolver of the chain.
 * @param key The key of a credential with the field `token`, or with those that `header` uses.
 * @param options The statuses that refuse the credential, the header, and how the credential is resolved.
 * @returns The `fetch`, which rejects with a `CredentialError` if the credential is not available.
 *
 * @example Another header
 * ```ts
 * import { defineChain, env, getResolver, required } from "@alphaswarm/credentials";
 * import { credentialFetch } from "@alphaswarm/credentials/clients/fetch";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "search:api": {
 *       fields: { api_key: required() },
 *       from: { env: { prefix: "SEARCH_" } },
 *     },
 *   },
 * });
 * const search = credentialFetch(getResolver(chain), "search:api", {
 *   header: (credential) => ["x-api-key", credential.get("api_key")],
 * });
 * // await search("https://search.example/?q=tables")
 * ```
 * @category Clients
 */
export function credentialFetch<C, K extends KeyOf<C>>(
  resolver: Resolver<C>,
  key: K,
  options: CredentialFetchOptions<C[K], K> & { readonly header: (credential: Credential<C[K], K>) => Header },
): typeof fetch;
/**
 * Creates a `fetch` that sends the field `token` as a bearer token.
 *
 * @typeParam C The chain's credentials.
 * @typeParam K The credential's key.
 * @param resolver The resolver of the chain.
 * @param key The key of a credential with the field `token`.
 * @param options The statuses that refuse the credential, and how the credential is resolved.
 * @returns The `fetch`, which rejects with a `CredentialError` if the credential is not available.
 *
 * @category Clients
 */
export function credentialFetch<C, K extends keyof Having<C, TokenField> & KeyOf<C>>(
  resolver: Resolver<C>,
  key: K,
  options?: CredentialFetchOptions<C[K], K>,
): typeof fetch;
export function credentialFetch<C, K extends KeyOf<C>>(
  resolver: Resolver<C>,
  key: K,
  options: CredentialFetchOptions<C[K], K> = {},
): typeof fetch {
  const { fetch: hostFetch } = ambientOf(resolver);
  const { refreshOn = [401], header = bearer, fetch: send = hostFetch, ...resolveOptions } = options;

  async function authenticatedFetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    const request = requestOf(input);
    const signal = init?.signal ?? request?.signal;
    const resolve = (): Promise<Credential<C[K], K>> => resolver.resolve(key, { ...resolveOptions, signal });
    const sendAs = async (credential: Credential<C[K], K>) => {
      const { response, authenticated } = await sendWithHeader(send, { input, init }, header(credential), credential);
      return { response, refused: authenticated && refreshOn.includes(response.status) };
    };

    const first = await resolve();
    const { response, refused } = await sendAs(first);
    if (!refused) return response;
    resolver.invalidate(first);
    if (isSingleUse(init?.body ?? request?.body)) return response;
    const second = await resolve().catch((error) => discard(response).then(() => Promise.reject(error)));
    if (second === first) return response;
    await discard(response);
    return (await sendAs(second)).response;
  }

  return authenticatedFetch as typeof fetch;
}

function bearer(credential: Credential<never>): Header {
  if (!credential.fields.includes("token")) throw incompleteError(credential, ["token"]);
  return ["authorization", `Bearer ${credential.get("token" as never)}`];
}

// Hint: a body that is not read keeps its connection open; a failure to cancel it is harmless.
function discard({ body }: Response): Promise<void> {
  return body ? body.cancel().catch(() => {}) : Promise.resolve();
}
