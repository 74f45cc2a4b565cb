import type { OidcClients } from "./oidc_clients.ts";
import type { TrustedIssuer } from "./oidc_grants.ts";
import { startService } from "./service_process.ts";

/** The options of an OpenID provider. */
export interface OidcProviderOptions {
  /** The lifetime of access tokens in seconds, by resource; default 3600. */
  readonly lifetimes?: Partial<Record<OidcResource, number>>;
}

/** A resource for which tokens can be requested (RFC 8707). */
export type OidcResource = `urn:alphaswarm:${"polaris" | "trino" | "minio"}`;

/** The response of the token endpoint to a request that is set to fail. */
export interface OidcFailure {
  /** The status. */
  readonly status: number;
  /** The headers, such as `retry-after`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The body; default empty. */
  readonly body?: string;
}

/** What the server process reports when it is ready. */
export interface OidcReady {
  /** The issuer, an `http:` URL on the loopback address. */
  readonly issuer: string;
  /** The URL of the token endpoint. */
  readonly tokenEndpoint: string;
  /** The registered clients with their secrets and keys. */
  readonly clients: OidcClients;
  /** The SHA-1 thumbprint of the certificate of the signing key. */
  readonly thumbprint: string;
}

/** A running authorization server. */
export interface OidcProvider extends OidcReady, AsyncDisposable {
  /** The process id of the server. */
  readonly pid: number;
  /**
   * Returns a URL that answers 200 to a valid access token of one resource, and 401 to one that is missing, expired,
   * revoked or for another resource.
   */
  protectedUrl(resource: OidcResource): string;
  /** Returns the number of requests by path, including those that were set to fail. */
  requests(): Promise<Record<string, number>>;
  /** Returns the number of requests at the token endpoint. */
  tokenRequests(): Promise<number>;
  /** Returns the number of requests at the token endpoint by client, for those that authenticate with a secret by HTTP Basic. */
  tokenRequestsByClient(): Promise<Record<string, number>>;
  /** Sets the lifetime of new access tokens of a resource, in seconds. */
  setLifetime(resource: OidcResource, seconds: number): Promise<void>;
  /** Replaces the secret of a client; the old one is refused. */
  rotateSecret(clientId: string, clientSecret: string): Promise<void>;
  /** Makes the next requests at the token endpoint fail; a count of 0 reverts an earlier call. */
  failNext(count: number, failure: OidcFailure): Promise<void>;
  /** Delays each response of the token endpoint by some milliseconds. */
  setDelay(milliseconds: number): Promise<void>;
  /** Counts requests at the token endpoint, but does not answer them until `release`. */
  hold(): Promise<void>;
  /** Reverts `hold`. */
  release(): Promise<void>;
  /** Exchanges the tokens of another issuer that have this one's for their audience, and takes them as assertions. */
  trust(issuer: TrustedIssuer): Promise<void>;
  /** Makes the protected URLs refuse an access token. */
  revoke(token: string): Promise<void>;
  /** Closes the port and every connection, until `resume`. */
  pause(): Promise<void>;
  /** Reverts `pause`, on the same port. */
  resume(): Promise<void>;
  /** Stops the server, and waits until its process has ended. */
  stop(): Promise<void>;
}

/**
 * Starts `oidc-provider`, a certified OpenID provider, in a process of its own on a free port of the loopback address.
 * It issues RS256 `at+jwt` access tokens (RFC 9068) for a resource, and opaque ones without a resource. It exchanges its
 * own access tokens (RFC 8693), and those of an issuer that it trusts, which it also takes as assertions (RFC 7523).
 *
 * @param options The lifetimes of its tokens.
 * @returns The running server.
 * @throws {Error} If it does not start.
 *
 * @example
 * ```ts
 * await using oidc = await startOidcProvider({ lifetimes: { "urn:alphaswarm:polaris": 3 } });
 * ```
 */
export async function startOidcProvider(options: OidcProviderOptions = {}): Promise<OidcProvider> {
  const lifetimes: Record<OidcResource, number> = {
    "urn:alphaswarm:polaris": 3600,
    "urn:alphaswarm:trino": 3600,
    "urn:alphaswarm:minio": 3600,
    ...options.lifetimes,
  };
  const server = await startService<OidcReady>(new URL("./oidc_provider_server.ts", import.meta.url), { lifetimes });
  const call = async (method: string, argument?: unknown): Promise<void> => void await server.call(method, argument);
  const requests = async () => await server.call("requests") as Record<string, number>;
  return {
    ...server.ready,
    pid: server.pid,
    protectedUrl: (resource) => `${server.ready.issuer}/protected/${resource.slice("urn:alphaswarm:".length)}`,
    requests,
    tokenRequests: async () => (await requests())["/token"] ?? 0,
    tokenRequestsByClient: async () => await server.call("requestsByClient") as Record<string, number>,
    setLifetime: (resource, seconds) => call("setLifetime", { resource, seconds }),
    rotateSecret: (clientId, clientSecret) => call("rotateSecret", { clientId, clientSecret }),
    failNext: (count, failure) => call("failNext", { count, failure }),
    setDelay: (milliseconds) => call("setDelay", milliseconds),
    hold: () => call("hold"),
    release: () => call("release"),
    trust: ({ issuer, jwksUrl }) => call("trust", { issuer, jwksUrl }),
    revoke: (token) => call("revoke", token),
    pause: () => call("pause"),
    resume: () => call("resume"),
    stop: server.stop,
    [Symbol.asyncDispose]: server.stop,
  };
}
