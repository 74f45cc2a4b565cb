/**
 * A `fetch` that authenticates each request with the credential of the moment.
 *
 * @example
 * ```ts
 * import { defineChain, env, getResolver, required } from "@alphaswarm/credentials";
 * import { credentialFetch } from "@alphaswarm/credentials/clients/fetch";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "polaris:rest": { fields: { token: required() }, from: { env: { prefix: "POLARIS_" } } },
 *   },
 * });
 * const polaris = credentialFetch(getResolver(chain), "polaris:rest", { refreshOn: [401, 403] });
 * // await polaris("https://polaris.example/api/catalog/v1/config")
 * ```
 *
 * @module
 */
import type { Credential } from "../credential.ts";
import { CredentialError } from "../errors.ts";
import { insides } from "../insides.ts";
import type { KeyOf, Resolver } from "../resolver.ts";
import { type Header, sendWith } from "./guarded_fetch.ts";
import type { ClientOptions, Having } from "./having.ts";
import { readOnce, requestOf } from "./replay.ts";

export type { ClientOptions, Having, Header };

/**
 * How long a credential that was refused although it had just been renewed is not renewed again, in milliseconds: what
 * the service does not allow, it does not allow a thousand new tokens either.
 */
const REFUSED_ANEW = 5_000;

/** The field of a bearer token. @category Clients */
export interface TokenField {
  /** The token. */
  readonly token: string | undefined;
}

/** How `credentialFetch` authenticates. @category Clients */
export interface CredentialFetchOptions<F, K extends string = string> extends ClientOptions<F> {
  /** The statuses that refuse the credential; 401 unless this says otherwise. */
  readonly refreshOn?: readonly number[];
  /** The header that authenticates; `authorization` with the field `token` as a bearer unless this says otherwise. */
  readonly header?: (credential: Credential<F, K>) => Header;
  /** What sends the requests; the resolver's own `fetch` unless this says otherwise. */
  readonly fetch?: typeof fetch;
}

/**
 * Gives a `fetch` that adds a credential's header to each request. Where the answer's status refuses the credential, it
 * is obtained anew, and if there is a new one the request is sent once more. A body that can be read only once (a
 * stream, or that of a `Request`) is not sent again: the refusal is the answer, and the next request has the new one.
 *
 * The header is for the origin that the caller names. A redirect to another origin is followed without it.
 *
 * @param resolver Where the credential comes from.
 * @param key Which one: it has the field `token`, unless `header` takes another.
 * @param options Which statuses refuse the credential, and which header authenticates.
 * @returns The `fetch`. It rejects with a `CredentialError` where the credential can't be given.
 *
 * @example Another header
 * ```ts
 * import { defineChain, env, getResolver, required } from "@alphaswarm/credentials";
 * import { credentialFetch } from "@alphaswarm/credentials/clients/fetch";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "search:api": { fields: { api_key: required() }, from: { env: { prefix: "SEARCH_" } } },
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
/** Gives a `fetch` that adds the field `token` as a bearer. */
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
  const { clock, fetch: own } = insides(resolver).ambient;
  const { refreshOn = [401], header = bearer, fetch: send = own, ...asking } = options;
  let refusedAnew: { readonly credential: object; readonly since: number } | undefined;

  async function authenticatedFetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    const request = requestOf(input);
    const signal = init?.signal ?? request?.signal;
    const give = (): Promise<Credential<C[K], K>> => resolver.resolve(key, { ...asking, signal });
    const sendAs = async (credential: Credential<C[K], K>) => {
      const { response, authenticated } = await sendWith(send, { input, init }, header(credential), credential);
      return { response, refused: authenticated && refreshOn.includes(response.status) };
    };

    const first = await give();
    const { response, refused } = await sendAs(first);
    if (!refused || isSpared(first)) return response;
    resolver.invalidate(first);
    if (readOnce(init?.body ?? request?.body)) return response;
    const second = await give().catch((error) => discard(response).then(() => Promise.reject(error)));
    if (second === first) return response;
    await discard(response);
    const again = await sendAs(second);
    if (again.refused) refusedAnew = { credential: second, since: clock.now() };
    return again.response;
  }

  function isSpared(credential: Credential<C[K], K>): boolean {
    if (refusedAnew?.credential !== credential || credential.expiresAt === undefined) return false;
    const ago = clock.now() - refusedAnew.since;
    return ago >= 0 && ago < REFUSED_ANEW;
  }

  return authenticatedFetch as typeof fetch;
}

function bearer(credential: Credential<never>): Header {
  const { key, source, trace, fields } = credential;
  if (fields.includes("token")) return ["authorization", `Bearer ${credential.get("token" as never)}`];
  throw new CredentialError("incomplete", `"${source}" gave no token for the request`, {
    key,
    trace,
    missing: ["token"],
  });
}

// Hint: a body that nobody reads would keep its connection; that it can't be cancelled is of no concern here.
function discard({ body }: Response): Promise<void> {
  return body ? body.cancel().catch(() => {}) : Promise.resolve();
}
