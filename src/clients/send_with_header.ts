import type { Credential } from "../core/chain/credential.ts";
import { CredentialError } from "../core/chain/errors.ts";
import { type Hop, isRedirect, nextHop, requestOf } from "./redirect.ts";

/**
 * The name and the value of a header.
 *
 * @example An API key, instead of a bearer token
 * ```ts
 * import { defineChain, env, getResolver, required } from "@alphaswarm/credentials";
 * import { credentialFetch, type Header } from "@alphaswarm/credentials/clients/fetch";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "search:api": { fields: { key: required() }, from: { env: { prefix: "SEARCH_" } } },
 *   },
 * });
 * const apiKey = (key: string): Header => ["x-api-key", key];
 * const search = credentialFetch(getResolver(chain), "search:api", {
 *   header: (credential) => apiKey(credential.get("key")),
 * });
 * ```
 * @category Clients
 */
export type Header = readonly [name: string, value: string];

/** The arguments of `fetch`. */
export interface FetchArguments {
  readonly input: string | URL | Request;
  readonly init: RequestInit | undefined;
}

/** A response, and whether the request that it answers had the header. */
export interface HeaderResponse {
  readonly response: Response;
  readonly authenticated: boolean;
}

/** How many redirects are followed in a row, as in `fetch`. */
const MAX_REDIRECTS = 20;

/**
 * Sends a request with a header for its origin only, and follows redirects.
 *
 * Hint: runtimes forward any header but `authorization` to another origin, and some forward that too.
 *
 * @param send The `fetch` that sends the requests.
 * @param request The arguments of `fetch`.
 * @param header The header.
 * @param credential The credential that the header comes from, for errors.
 * @returns The last response.
 * @throws {CredentialError} If the header's value has characters that HTTP does not allow.
 * @throws {TypeError} If a redirect cannot be followed, or there are too many.
 */
export async function sendWithHeader(
  send: typeof fetch,
  { input, init }: FetchArguments,
  header: Header,
  credential: Pick<Credential, "key" | "trace">,
): Promise<HeaderResponse> {
  const request = requestOf(input);
  const headers = withHeader(init?.headers ?? request?.headers, header, credential);
  const redirect = init?.redirect ?? request?.redirect ?? "follow";
  if (redirect !== "follow") return { response: await send(input, { ...init, headers }), authenticated: true };

  let response = await send(input, { ...init, headers, redirect: "manual" });
  let hop: Hop = {
    url: new URL(request?.url ?? String(input)),
    method: (init?.method ?? request?.method ?? "GET").toUpperCase(),
    headers,
    body: init?.body ?? request?.body ?? null,
    authenticated: true,
  };
  const signal = init?.signal ?? request?.signal ?? null;
  for (let redirects = 0; isRedirect(response); redirects++) {
    await response.body?.cancel();
    if (redirects === MAX_REDIRECTS) {
      throw new TypeError(`Cannot follow a redirect: expected at most ${MAX_REDIRECTS} in a row`);
    }
    hop = nextHop(hop, response, header[0]);
    const { url, method, body } = hop;
    response = await send(url, { ...init, method, headers: hop.headers, body, signal, redirect: "manual" });
  }
  return { response, authenticated: hop.authenticated };
}

// Hint: the runtime's own message would quote the header's value.
function withHeader(
  given: HeadersInit | undefined,
  [name, value]: Header,
  { key, trace }: Pick<Credential, "key" | "trace">,
): Headers {
  const headers = new Headers(given);
  try {
    headers.set(name, value);
  } catch {
    throw new CredentialError("invalid", "its value has characters that are not allowed in a header", { key, trace });
  }
  return headers;
}
