/**
 * Credentials for `neo4j-driver`, whose connections take a rotated password without a restart.
 *
 * @example
 * ```ts ignore
 * import neo4j from "neo4j-driver";
 * import { getResolver } from "@alphaswarm/credentials";
 * import { neo4jAuth } from "@alphaswarm/credentials/clients/neo4j";
 * import chain from "./chain.config.ts";
 *
 * const driver = neo4j.driver("neo4j+s://db.example", neo4jAuth(getResolver(chain), "neo4j:basic"));
 * ```
 *
 * @module
 */
import type { Credential } from "../credential.ts";
import type { KeyOf, Resolver } from "../resolver.ts";
import { type ClientOptions, type Having, valuesOf } from "./having.ts";

export type { ClientOptions, Having };

/** The fields that a connection is authenticated with. @category Clients */
export interface Neo4jFields {
  /** The user's name. */
  readonly user: string;
  /** The user's password. */
  readonly password: string;
}

/** The driver's `AuthToken`, as `neo4j.auth.basic` makes it. @category Clients */
export interface Neo4jAuthToken {
  /** How the server checks it: always `basic`. */
  scheme: string;
  /** The user's name. */
  principal: string;
  /** The user's password. */
  credentials: string;
}

/** The driver's `AuthTokenManager`. @category Clients */
export interface Neo4jAuthTokenManager {
  /** Gives what a connection is authenticated with. */
  getToken(): Promise<Neo4jAuthToken>;
  /** Takes the server's refusal; says whether another try is worth while. */
  handleSecurityException(token: { readonly credentials: string }, code: `Neo.ClientError.Security.${string}`): boolean;
}

/** What the driver was given for a credential. */
interface Given {
  readonly credential: Pick<Credential, "key" | "source">;
  readonly token: Neo4jAuthToken;
  /** Whether the server refused it, and whether it was still the credential of the moment after that. */
  refused: boolean;
  stands: boolean;
}

/**
 * Gives `neo4j-driver` its credential: in place of an auth token. A password that was rotated is used for the next
 * connection. Where the server refuses one, it is obtained anew, and the driver's own retries (`executeQuery`,
 * `executeRead`, `executeWrite`) take the new one; when there is none, they end with the refusal.
 *
 * @param resolver Where the credential comes from.
 * @param key Which one: it has the fields `user` and `password`.
 * @param options How it is asked for.
 * @returns The driver's auth token manager.
 * @category Clients
 */
export function neo4jAuth<C, K extends keyof Having<C, Neo4jFields> & KeyOf<C>>(
  resolver: Resolver<C>,
  key: K,
  options?: ClientOptions<C[K]>,
): Neo4jAuthTokenManager {
  let given: Given | undefined;
  return {
    getToken: async () => {
      const credential = await resolver.resolve(key, options);
      if (given?.credential !== credential) given = give(credential);
      else if (given.refused) given.stands = true;
      return given.token;
    },
    handleSecurityException: ({ credentials }, code) => {
      if (code !== "Neo.ClientError.Security.Unauthorized") return false;
      if (given?.token.credentials !== credentials) return true;
      given.refused = true;
      resolver.invalidate(given.credential);
      return !given.stands;
    },
  };
}

function give(credential: Credential<never>): Given {
  const { user, password } = valuesOf<Neo4jFields>(credential, ["user", "password"]);
  const token = { scheme: "basic", principal: user, credentials: password };
  return { credential, token, refused: false, stands: false };
}
