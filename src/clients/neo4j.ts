/**
 * Credentials for `neo4j-driver`, which follows a rotated password without a restart.
 *
 * @example
 * ```ts
 * import neo4j from "npm:neo4j-driver@^6.3.0";
 * import { defineChain, env, getResolver, required } from "@alphaswarm/credentials";
 * import { neo4jAuth } from "@alphaswarm/credentials/clients/neo4j";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "neo4j:basic": { fields: { user: required(), password: required() }, from: { env: { prefix: "NEO4J_" } } },
 *   },
 * });
 * const driver = neo4j.driver("bolt://127.0.0.1:7687", neo4jAuth(getResolver(chain), "neo4j:basic"));
 * await driver.close();
 * ```
 *
 * @module
 */
import { perCredential } from "../core/engine/per_credential.ts";
import type { KeyOf, Resolver } from "../core/engine/resolver.ts";
import { type ClientOptions, type Having, valuesOf } from "./having.ts";

export type { ClientOptions, Having };

/** The fields of a credential that authenticates connections. @category Clients */
export interface Neo4jFields {
  /** The user's name. */
  readonly user: string;
  /** The user's password. */
  readonly password: string;
}

/** The driver's `AuthToken`, as `neo4j.auth.basic` makes it. @category Clients */
export interface Neo4jAuthToken {
  /** The authentication scheme: always `basic`. */
  scheme: string;
  /** The user's name. */
  principal: string;
  /** The user's password. */
  credentials: string;
}

/** The driver's `AuthTokenManager`. @category Clients */
export interface Neo4jAuthTokenManager {
  /** Gives the current auth token. */
  getToken(): Promise<Neo4jAuthToken>;
  /** Handles a refusal by the server; returns whether a retry is worthwhile. */
  handleSecurityException(token: { readonly credentials: string }, code: `Neo.ClientError.Security.${string}`): boolean;
}

/**
 * Creates an auth token manager for `neo4j-driver`, to be passed instead of an auth token. The driver calls it before
 * each use of a connection, and logs an open connection on again if the password changed.
 *
 * If the server refuses the password on an open connection, it is resolved again for the next use. The driver (6.3) does
 * not report the refusal of a new connection: a rotation is then noticed after the store's `recheck`, or at once if the
 * code that catches the error calls `resolver.invalidate(key)`.
 *
 * @param resolver The resolver of the chain.
 * @param key The key of a credential with the fields `user` and `password`. The user must stay the same, as the driver
 * requires.
 * @param options The caller's default, budget and `waitUntil`.
 * @returns The auth token manager. Its `getToken` rejects with a `CredentialError` if the credential is not available.
 * @category Clients
 */
export function neo4jAuth<C, K extends keyof Having<C, Neo4jFields> & KeyOf<C>>(
  resolver: Resolver<C>,
  key: K,
  options?: ClientOptions<C[K]>,
): Neo4jAuthTokenManager {
  const current = perCredential(resolver, key, (credential) => ({ credential, token: tokenOf(credential) }));
  let latest: Awaited<ReturnType<typeof current>> | undefined;
  return {
    getToken: async () => {
      latest = await current(options);
      return latest.token;
    },
    handleSecurityException: ({ credentials }, code) => {
      if (code !== "Neo.ClientError.Security.Unauthorized") return false;
      if (latest?.token.credentials === credentials) resolver.invalidate(latest.credential);
      return true;
    },
  };
}

function tokenOf(credential: object): Neo4jAuthToken {
  const { user, password } = valuesOf<Neo4jFields>(credential, ["user", "password"]);
  return { scheme: "basic", principal: user, credentials: password };
}
