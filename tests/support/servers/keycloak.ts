import { KeycloakAdmin } from "./keycloak_admin.ts";
import { createRealm, type KeycloakClients, type KeycloakScope, lifetimeAttribute } from "./keycloak_realm.ts";
import { startService } from "./service_process.ts";

/** The options of a Keycloak. */
export interface KeycloakOptions {
  /** The lifetime of access tokens in seconds; default 300. */
  readonly lifetime?: number;
  /** The claim `policy` of tokens for MinIO, which names MinIO's policies; default `readwrite`. */
  readonly policy?: string;
}

/** What the server process reports when it is ready. */
export interface KeycloakReady {
  /** The URL of the server. */
  readonly url: string;
  /** The directory of its files. */
  readonly directory: string;
}

/** A running Keycloak with one realm. */
export interface Keycloak extends AsyncDisposable {
  /** The process id of the server process, which supervises Keycloak. */
  readonly pid: number;
  /** The directory of its files. */
  readonly directory: string;
  /** The issuer, an `http:` URL on the loopback address. */
  readonly issuer: string;
  /** The URL of the token endpoint. */
  readonly tokenEndpoint: string;
  /** The registered clients with their secrets and keys. */
  readonly clients: KeycloakClients;
  /** Returns the process id of Keycloak, which a restart changes. */
  javaPid(): Promise<number>;
  /** Sets the lifetime of new access tokens of a client, in seconds. */
  setLifetime(clientId: string, seconds: number): Promise<void>;
  /** Replaces the secret of a client; the old one is refused. */
  rotateSecret(clientId: string, clientSecret: string): Promise<void>;
  /** Replaces the keys that sign tokens; the JWKS has the new ones only. */
  rotateKeys(): Promise<void>;
  /** Stops the process as it is (SIGSTOP), so that it accepts connections and answers none, until `resume`. */
  pause(): Promise<void>;
  /** Reverts `pause`. */
  resume(): Promise<void>;
  /** Ends Keycloak, and starts it on the same port with the same realm; with `newKeys` after `rotateKeys`. */
  restart(options?: { readonly newKeys?: boolean }): Promise<void>;
  /** Stops Keycloak, and removes its files. */
  stop(): Promise<void>;
}

export type { KeycloakClients, KeycloakScope };

/**
 * Starts Keycloak on a free port of the loopback address, with a realm whose clients get tokens by the client credentials
 * grant. Keycloak ignores `resource`: the scope `polaris`, `trino` or `minio` sets the audience of a token to its own name,
 * and `minio` also to `minio-role`, since MinIO wants another one for its role.
 *
 * @param options The lifetime and claims of its tokens.
 * @returns The running server.
 * @throws {Error} If it cannot be got, or does not start.
 *
 * @example
 * ```ts
 * await using keycloak = await startKeycloak({ lifetime: 4 });
 * ```
 */
export async function startKeycloak(options: KeycloakOptions = {}): Promise<Keycloak> {
  const { lifetime = 300, policy = "readwrite" } = options;
  const server = await startService<KeycloakReady>(new URL("./keycloak_server.ts", import.meta.url), {});
  const { url, directory } = server.ready;
  const call = async (method: string): Promise<void> => void await server.call(method);
  const admin = new KeycloakAdmin(url);
  const issuer = `${url}/realms/${admin.realm}`;
  try {
    const clients = await createRealm(admin, { lifetime, policy });
    return {
      pid: server.pid,
      directory,
      issuer,
      tokenEndpoint: `${issuer}/protocol/openid-connect/token`,
      clients,
      javaPid: async () => await server.call("javaPid") as number,
      setLifetime: (clientId, seconds) => admin.changeClient(clientId, { attributes: lifetimeAttribute(seconds) }),
      rotateSecret: (clientId, secret) => admin.changeClient(clientId, { secret }),
      rotateKeys: () => admin.rotateKeys(),
      pause: () => call("pause"),
      resume: () => call("resume"),
      restart: async ({ newKeys = false } = {}) => {
        if (newKeys) await admin.rotateKeys();
        await call("restart");
      },
      stop: server.stop,
      [Symbol.asyncDispose]: server.stop,
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}
