import type { OidcClients } from "./oidc_clients.ts";
import { startService } from "./service_process.ts";

/** What an OpenID provider is started with. */
export interface OidcProviderOptions {
  /** The lifetime of an access token in seconds, by resource; 3600 for those that are left out. */
  readonly lifetimes?: Partial<Record<OidcResource, number>>;
}

/** A resource that tokens can be asked for (RFC 8707). */
export type OidcResource = `urn:alphaswarm:${"polaris" | "trino" | "minio"}`;

/** What the token endpoint says when it has been told to fail. */
export interface OidcFailure {
  /** The status. */
  readonly status: number;
  /** The header fields, `retry-after` for example. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The body; empty by default. */
  readonly body?: string;
}

/** What the server process tells its starter. */
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
   * Names a URL that lets in only a valid access token of one resource: 200, or 401 when it is missing, expired,
   * revoked or meant for another.
   */
  protectedUrl(resource: OidcResource): string;
  /** Says how many requests each path has had, those included that were made to fail. */
  requests(): Promise<Record<string, number>>;
  /** Says how many requests the token endpoint has had. */
  tokenRequests(): Promise<number>;
  /** Sets the lifetime in seconds of the access tokens for a resource, from the next one on. */
  setLifetime(resource: OidcResource, seconds: number): Promise<void>;
  /** Replaces the secret of a client; the old one is refused from now on. */
  rotateSecret(clientId: string, clientSecret: string): Promise<void>;
  /** Lets the next requests at the token endpoint fail; a count of 0 takes back an earlier call. */
  failNext(count: number, failure: OidcFailure): Promise<void>;
  /** Lets each answer of the token endpoint take some milliseconds longer. */
  setDelay(milliseconds: number): Promise<void>;
  /** Lets requests at the token endpoint wait (they are counted as they come), until `release`. */
  hold(): Promise<void>;
  /** Ends what `hold` began. */
  release(): Promise<void>;
  /** Lets the protected URLs refuse an access token. */
  revoke(token: string): Promise<void>;
  /** Closes the port and every connection: the server cannot be reached, until `resume`. */
  pause(): Promise<void>;
  /** Opens the same port again. */
  resume(): Promise<void>;
  /** Ends the server, and waits until its process is gone. */
  stop(): Promise<void>;
}

/**
 * Starts a certified OpenID provider, `oidc-provider`, as a process of its own on a free port of the loopback address.
 * It gives RS256 `at+jwt` access tokens (RFC 9068) for a resource, and opaque ones where none is asked for.
 *
 * @param options The lifetimes of its tokens.
 * @returns The running server.
 * @throws {Error} If it could not start.
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
  const tell = async (method: string, argument?: unknown): Promise<void> => void await server.call(method, argument);
  const requests = async () => await server.call("requests") as Record<string, number>;
  return {
    ...server.ready,
    pid: server.pid,
    protectedUrl: (resource) => `${server.ready.issuer}/protected/${resource.slice("urn:alphaswarm:".length)}`,
    requests,
    tokenRequests: async () => (await requests())["/token"] ?? 0,
    setLifetime: (resource, seconds) => tell("setLifetime", { resource, seconds }),
    rotateSecret: (clientId, clientSecret) => tell("rotateSecret", { clientId, clientSecret }),
    failNext: (count, failure) => tell("failNext", { count, failure }),
    setDelay: (milliseconds) => tell("setDelay", milliseconds),
    hold: () => tell("hold"),
    release: () => tell("release"),
    revoke: (token) => tell("revoke", token),
    pause: () => tell("pause"),
    resume: () => tell("resume"),
    stop: server.stop,
    [Symbol.asyncDispose]: server.stop,
  };
}
