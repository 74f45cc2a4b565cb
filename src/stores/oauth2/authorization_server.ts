import { allowInsecureRequests, customFetch } from "oauth4webapi";
import { endpoint, optionName } from "../../core/chain/endpoint.ts";
import { invalid, isRefusal, type Refusal } from "../../core/chain/outcome.ts";
import type { Surroundings } from "../../core/chain/store_spec.ts";
import { boundedFetch } from "../../core/runtime/bounded_fetch.ts";
import { discover, type TokenServer } from "./discovery.ts";

/** The size of the largest answer, after decoding. */
const MAX_BODY_BYTES = 64 * 1024;

/** Finds the server that tokens are requested from: declared, or named by an issuer. */
export interface TokenServerFinder {
  /** The option that says where the server is, with the variable that gave it, for details. */
  readonly option: string;
  /** Returns the server. */
  find(signal: AbortSignal): Promise<TokenServer | Refusal>;
  /** Forgets what the issuer named, since that failed, so that the next call asks it again. */
  forget(): void;
}

/** The options that say where the token endpoint is. */
export interface ServerOptions {
  readonly tokenEndpoint?: string;
  readonly issuer?: string;
  readonly allowInsecureHttp?: true;
}

/**
 * Returns the request options for `oauth4webapi`: a bounded `fetch`, and plain http, which this package checks itself.
 */
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
  const { tokenEndpoint, issuer = "", allowInsecureHttp } = options;
  const { declared, clock } = surroundings;
  const read = (name: "tokenEndpoint" | "issuer", text: string) =>
    endpoint(text, { name, declared: declared[name], allowInsecureHttp });
  if (tokenEndpoint !== undefined) {
    const url = read("tokenEndpoint", tokenEndpoint);
    if (isRefusal(url)) return url;
    // Hint: without an issuer, the audience of a client's assertion is the token endpoint (RFC 7523, section 3).
    const server = { issuer: issuer || url.href, token_endpoint: url.href };
    const option = optionName("tokenEndpoint", declared.tokenEndpoint);
    return { option, find: () => Promise.resolve(server), forget: () => {} };
  }
  const url = read("issuer", issuer);
  if (isRefusal(url)) return url;
  const option = optionName("issuer", declared.issuer);
  if (url.pathname.includes("/.well-known/")) {
    return invalid(`${option} is the URL of its metadata: expected the issuer's own, without /.well-known/`);
  }
  const fetch = boundedFetch(surroundings.fetch, MAX_BODY_BYTES);
  let known: TokenServer | undefined;
  return {
    option,
    find: async (signal) => {
      if (known) return known;
      const found = await discover(url, { fetch, clock, signal, allowInsecureHttp, option });
      if (!isRefusal(found)) known = found;
      return found;
    },
    forget: () => {
      known = undefined;
    },
  };
}
