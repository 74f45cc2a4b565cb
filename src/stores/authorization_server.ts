import {
  allowInsecureRequests,
  type AuthorizationServer,
  customFetch,
  discoveryRequest,
  processDiscoveryResponse,
} from "oauth4webapi";
import { boundedFetch } from "../bounded_fetch.ts";
import { invalid, isRefusal, type Refusal } from "../outcome.ts";
import { endpointOf } from "./endpoint.ts";
import { httpRefusal } from "./http_refusal.ts";
import type { Surroundings } from "./store.ts";

/** The longest answer of a server, in bytes after decoding. */
const LONGEST = 64 * 1024;
/** OpenID Connect Discovery 1.0, section 4, and RFC 8414, section 3. */
const DOCUMENTS = ["oidc", "oauth2"] as const;

/** A server's metadata, as far as the client credentials grant needs it. */
export type TokenServer = AuthorizationServer & { readonly token_endpoint: string };

/** Where tokens are asked for: it is given, or an issuer names it. */
export interface TokenServers {
  /** Finds it. */
  find(signal: AbortSignal): Promise<TokenServer | Refusal>;
  /** Asks the issuer anew the next time, since what it named did not serve. */
  forget(): void;
}

/** How a chain says where the token endpoint is. */
export interface Place {
  readonly tokenEndpoint?: string;
  readonly issuer?: string;
  readonly allowInsecureHttp?: true;
}

/** What the library is told to ask with: a bounded `fetch`; which URLs may be plain http is this package's decision. */
export function askingWith(fetch: typeof globalThis.fetch, signal: AbortSignal) {
  const bounded = boundedFetch(fetch, LONGEST);
  return {
    signal,
    [customFetch]: (url: string, init: object): Promise<Response> => bounded(url, init),
    [allowInsecureRequests]: true,
  };
}

/** Says how the token endpoint is found. */
export function tokenServers(place: Place, around: Surroundings): TokenServers | Refusal {
  const { tokenEndpoint, issuer, allowInsecureHttp } = place;
  const read = (name: "tokenEndpoint" | "issuer", text: string) =>
    endpointOf(text, { name, declared: around.declared[name], allowInsecureHttp });
  if (tokenEndpoint !== undefined) {
    const url = read("tokenEndpoint", tokenEndpoint);
    if (isRefusal(url)) return url;
    // Hint: a client's assertion is meant for the token endpoint where no issuer is given (RFC 7523, section 3).
    const server = { issuer: issuer ?? url.href, token_endpoint: url.href };
    return { find: () => Promise.resolve(server), forget: () => {} };
  }
  if (issuer === undefined) return invalid("Expected a tokenEndpoint or an issuer");
  const url = read("issuer", issuer);
  if (isRefusal(url)) return url;
  let known: TokenServer | undefined;
  return {
    find: async (signal) => {
      if (known) return known;
      const found = await discover(url, around, { signal, allowInsecureHttp });
      if (!isRefusal(found)) known = found;
      return found;
    },
    forget: () => {
      known = undefined;
    },
  };
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
    const response = await discoveryRequest(issuer, { algorithm, ...askingWith(fetch, signal) });
    if (response.status === 404) continue;
    if (response.status !== 200) return httpRefusal(response, { now: clock.now(), who: "discovery at the issuer" });
    const server = await processDiscoveryResponse(issuer, response).catch(() =>
      invalid("the issuer's metadata makes no sense, or is another issuer's")
    );
    if (isRefusal(server)) return server;
    const endpoint = endpointOf(server.token_endpoint ?? "", {
      name: "the issuer's token_endpoint",
      allowInsecureHttp,
    });
    return isRefusal(endpoint) ? endpoint : { issuer: server.issuer, token_endpoint: endpoint.href };
  }
  return invalid("the issuer has no metadata: expected an OpenID or RFC 8414 document");
}
