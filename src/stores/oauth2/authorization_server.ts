import {
  allowInsecureRequests,
  type AuthorizationServer,
  customFetch,
  discoveryRequest,
  processDiscoveryResponse,
} from "oauth4webapi";
import { endpoint } from "../../core/chain/endpoint.ts";
import { httpRefusal } from "../../core/chain/http_refusal.ts";
import { invalid, isRefusal, type Refusal } from "../../core/chain/outcome.ts";
import type { Surroundings } from "../../core/chain/store_spec.ts";
import { boundedFetch } from "../../core/runtime/bounded_fetch.ts";
import { readObject } from "./json_answer.ts";

/** The size of the largest answer, after decoding. */
const MAX_BODY_BYTES = 64 * 1024;
/** OpenID Connect Discovery 1.0, section 4, and RFC 8414, section 3. */
const DOCUMENTS = ["oidc", "oauth2"] as const;

/** The metadata of a server that the client credentials grant needs. */
export type TokenServer = AuthorizationServer & { readonly token_endpoint: string };

/** The server that tokens are asked of: declared, or named by an issuer. */
export interface TokenServerFinder {
  /** Returns the server. */
  find(signal: AbortSignal): Promise<TokenServer | Refusal>;
  /** Asks the issuer again the next time, since what it named failed. */
  forget(): void;
}

/** The options that say where the token endpoint is. */
export interface ServerOptions {
  readonly tokenEndpoint?: string;
  readonly issuer?: string;
  readonly allowInsecureHttp?: true;
}

/** Returns the request options of the library: a bounded `fetch`, and plain http, which this package checks itself. */
export function requestOptions(fetch: typeof globalThis.fetch, signal: AbortSignal) {
  const bounded = boundedFetch(fetch, MAX_BODY_BYTES);
  return {
    signal,
    [customFetch]: (url: string, init: object): Promise<Response> => bounded(url, init),
    [allowInsecureRequests]: true,
  };
}

/** Returns how the token endpoint is found, or why it cannot be. */
export function tokenServerFinder(options: ServerOptions, surroundings: Surroundings): TokenServerFinder | Refusal {
  const { tokenEndpoint, issuer, allowInsecureHttp } = options;
  const read = (name: "tokenEndpoint" | "issuer", text: string) =>
    endpoint(text, { name, declared: surroundings.declared[name], allowInsecureHttp });
  if (tokenEndpoint !== undefined) {
    const url = read("tokenEndpoint", tokenEndpoint);
    if (isRefusal(url)) return url;
    // Hint: a client's assertion is meant for the token endpoint where no issuer is given (RFC 7523, section 3).
    const server = { issuer: issuer ?? url.href, token_endpoint: url.href };
    return { find: () => Promise.resolve(server), forget: () => {} };
  }
  if (issuer === undefined) return invalid("neither tokenEndpoint nor issuer is set: expected one of them");
  const url = read("issuer", issuer);
  if (isRefusal(url)) return url;
  let known: TokenServer | undefined;
  return {
    find: async (signal) => {
      if (known) return known;
      const found = await discover(url, surroundings, { signal, allowInsecureHttp }).catch(orThrow);
      if (!isRefusal(found)) {
        known = found;
        return found;
      }
      // Hint: the token endpoint, which was not asked, has no part in an outage of the issuer.
      return found.outcome === "unavailable" ? { ...found, detail: `discovery at the issuer: ${found.detail}` } : found;
    },
    forget: () => {
      known = undefined;
    },
  };
}

function orThrow(thrown: unknown): Refusal {
  if (isRefusal(thrown)) return thrown;
  throw thrown;
}

interface DiscoveryOptions {
  readonly signal: AbortSignal;
  readonly allowInsecureHttp: true | undefined;
}

async function discover(
  issuer: URL,
  { fetch, clock }: Surroundings,
  { signal, allowInsecureHttp }: DiscoveryOptions,
): Promise<TokenServer | Refusal> {
  for (const algorithm of DOCUMENTS) {
    const response = await discoveryRequest(issuer, { algorithm, ...requestOptions(fetch, signal) });
    if (response.status === 404) continue;
    if (response.status !== 200) return httpRefusal(response, { now: clock.now(), who: "discovery at the issuer" });
    const server = await processDiscoveryResponse(issuer, response.clone()).catch(async () => {
      const read = await readObject(response);
      return isRefusal(read) && read.outcome === "unavailable" ? read : invalid(
        "the issuer's metadata is not valid, or names another issuer: expected the issuer's own URL in it",
      );
    });
    if (isRefusal(server)) return server;
    const { token_endpoint: address } = server;
    const url = endpoint(typeof address === "string" ? address : "", {
      name: "the issuer's token_endpoint",
      allowInsecureHttp,
    });
    return isRefusal(url) ? url : { issuer: server.issuer, token_endpoint: url.href };
  }
  return invalid("the issuer has no metadata: expected an OpenID Connect or RFC 8414 document");
}
