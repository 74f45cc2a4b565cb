/**
 * Credentials for `neo4j-driver`, whose connections take a rotated password without a restart.
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
import { perCredential } from "../per_credential.ts";
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

/**
 * Gives `neo4j-driver` its credential: in place of an auth token. The driver asks before each use of a connection, and
 * logs an open one on anew where the password is another, so that a rotated one needs no restart.
 *
 * Where the server refuses it on an open connection, it is obtained anew for the next use. Of a new connection that is
 * refused the driver (6.3) tells nobody: there the store's `recheck` is how long a rotation may go unnoticed, unless
 * whoever catches the error calls `resolver.invalidate(key)`.
 *
 * @param resolver Where the credential comes from.
 * @param key Which one: it has the fields `user` and `password`. The driver wants the user to stay the same.
 * @param options How it is asked for.
 * @returns The driver's auth token manager.
 * @category Clients
 */
export function neo4jAuth<C, K extends keyof Having<C, Neo4jFields> & KeyOf<C>>(
  resolver: Resolver<C>,
  key: K,
  options?: ClientOptions<C[K]>,
): Neo4jAuthTokenManager {
  const current = perCredential(resolver, key, (credential) => ({ credential, token: tokenOf(credential) }));
  let given: Awaited<ReturnType<typeof current>> | undefined;
  return {
    getToken: async () => {
      given = await current(options);
      return given.token;
    },
    handleSecurityException: ({ credentials }, code) => {
      if (code !== "Neo.ClientError.Security.Unauthorized") return false;
      if (given?.token.credentials === credentials) resolver.invalidate(given.credential);
      return true;
    },
  };
}

function tokenOf(credential: object): Neo4jAuthToken {
  const { user, password } = valuesOf<Neo4jFields>(credential, ["user", "password"]);
  return { scheme: "basic", principal: user, credentials: password };
}
