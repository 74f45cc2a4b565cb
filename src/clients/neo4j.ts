/**
 * Credentials for `neo4j-driver`, which follows a rotated password and a renewed token without a restart.
 *
 * Use it in place of `neo4j.auth.basic(…)` or `neo4j.auth.bearer(…)`, for a driver whose user stays the same.
 *
 * More: [Clients](https://github.com/alphaswarm/credentials/blob/main/src/clients/README.md).
 *
 * @example A user and a password
 * ```ts
 * import neo4j from "npm:neo4j-driver@^6.3.0";
 * import { defineChain, env, getResolver, required } from "@alphaswarm/credentials";
 * import { neo4jAuth } from "@alphaswarm/credentials/clients/neo4j";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "neo4j:basic": {
 *       fields: { user: required(), password: required() },
 *       from: { env: { prefix: "NEO4J_" } },
 *     },
 *   },
 * });
 * const driver = neo4j.driver(
 *   "bolt://127.0.0.1:7687",
 *   neo4jAuth(getResolver(chain), "neo4j:basic"),
 * );
 * await driver.close();
 * ```
 *
 * @module
 */
import type { Credential } from "../core/chain/credential.ts";
import { CredentialError } from "../core/chain/errors.ts";
import { perCredential } from "../core/engine/per_credential.ts";
import type { KeyOf, Resolver } from "../core/engine/resolver.ts";
import { type ClientOptions, type Having, incompleteError, valuesOf } from "./having.ts";

export type { ClientOptions, Having };

/**
 * The fields of a credential that authenticates connections: a user with a password, or a bearer token, for a server with
 * single sign-on. They may be optional, as with `anyOf: ["password", "token"]`.
 *
 * @example A password or a token, whichever is there
 * ```ts
 * import { createResolver, defineChain, env, optional } from "@alphaswarm/credentials";
 * import { neo4jAuth } from "@alphaswarm/credentials/clients/neo4j";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "neo4j:any": {
 *       fields: { user: optional(), password: optional(), token: optional() },
 *       anyOf: ["password", "token"],
 *       from: { env: { prefix: "NEO4J_" } },
 *     },
 *   },
 * });
 * const resolver = createResolver(chain, { env: { NEO4J_TOKEN: "not-a-secret" } });
 * console.log((await neo4jAuth(resolver, "neo4j:any").getToken()).scheme); // "bearer"
 * ```
 * @category Clients
 */
export type Neo4jFields =
  | {
    /** The user's name. */
    readonly user: string | undefined;
    /** The user's password. */
    readonly password: string | undefined;
  }
  | {
    /** A bearer token. */
    readonly token: string;
  }
  | {
    /** A bearer token. */
    readonly token: string | undefined;
    /** Absent: with a user but no password, a token must be required. */
    readonly user?: never;
  };

/**
 * The driver's `AuthToken`, as `neo4j.auth.basic` and `neo4j.auth.bearer` create it.
 *
 * @example Which user a driver logs in as
 * ```ts
 * import { createResolver, defineChain, env, required } from "@alphaswarm/credentials";
 * import { neo4jAuth, type Neo4jAuthToken } from "@alphaswarm/credentials/clients/neo4j";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "neo4j:basic": {
 *       fields: { user: required(), password: required() },
 *       from: { env: { prefix: "NEO4J_" } },
 *     },
 *   },
 * });
 * const resolver = createResolver(chain, {
 *   env: { NEO4J_USER: "reader", NEO4J_PASSWORD: "not-a-secret" },
 * });
 * const { scheme, principal }: Neo4jAuthToken = await neo4jAuth(resolver, "neo4j:basic")
 *   .getToken();
 * console.log(scheme, principal); // "basic", "reader"
 * ```
 * @category Clients
 */
export interface Neo4jAuthToken {
  /** The authentication scheme: `basic` or `bearer`. */
  scheme: string;
  /** The user's name; absent for `bearer`. */
  principal?: string;
  /** The user's password, or the bearer token. */
  credentials: string;
}

/**
 * The driver's `AuthTokenManager`.
 *
 * @example Count the refusals
 * ```ts
 * import type { Neo4jAuthTokenManager } from "@alphaswarm/credentials/clients/neo4j";
 *
 * export function counted(
 *   manager: Neo4jAuthTokenManager,
 *   count: (code: string) => void,
 * ): Neo4jAuthTokenManager {
 *   return {
 *     getToken: () => manager.getToken(),
 *     handleSecurityException: (token, code) => {
 *       count(code);
 *       return manager.handleSecurityException(token, code);
 *     },
 *   };
 * }
 * ```
 * @category Clients
 */
export interface Neo4jAuthTokenManager {
  /** Gives the current auth token. */
  getToken(): Promise<Neo4jAuthToken>;
  /** Handles a refusal by the server; returns whether a retry is worthwhile. */
  handleSecurityException(
    token: { readonly credentials: string } | null,
    code: `Neo.ClientError.Security.${string}`,
  ): boolean;
}

/**
 * Creates an auth token manager for `neo4j-driver`, to be passed instead of an auth token. The driver calls it before
 * each use of a connection, and logs an open connection in again if the password or the token changed.
 *
 * A credential with a user and a password authenticates by `basic`, any other by `bearer` with its token. The driver
 * allows only one identity, so the scheme and the user must stay those of the first auth token; any other is an error.
 * If they may change, build a driver for each credential: `perCredential(resolver, key, (credential) =>
 * neo4j.driver(url, neo4j.auth.basic(…)))`. The subject of a bearer token cannot be checked, and must stay the same.
 *
 * If the server refuses the password or the token on an open connection (`Unauthorized`, `TokenExpired`), it is resolved
 * again for the next use, and the driver may retry the transaction. The driver (6.3) does not report the refusal of a new
 * connection: a rotation is then noticed after the store's `recheck`, or at once if the code that catches the error calls
 * `resolver.invalidate(key)`.
 *
 * @typeParam C The chain's credentials.
 * @typeParam K The credential's key.
 * @param resolver The resolver of the chain.
 * @param key The key of a credential with the fields `user` and `password`, or with the field `token`.
 * @param options The caller's default, budget and `waitUntil`.
 * @returns The auth token manager. Its `getToken` rejects with a `CredentialError` if the credential is not available, or
 * is of another user or scheme than the first one.
 *
 * @example A bearer token
 * ```ts
 * import neo4j from "npm:neo4j-driver@^6.3.0";
 * import { defineChain, env, getResolver, required } from "@alphaswarm/credentials";
 * import { neo4jAuth } from "@alphaswarm/credentials/clients/neo4j";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "neo4j:bearer": {
 *       fields: { token: required() },
 *       from: { env: { prefix: "NEO4J_" } },
 *     },
 *   },
 * });
 * const driver = neo4j.driver(
 *   "bolt://127.0.0.1:7687",
 *   neo4jAuth(getResolver(chain), "neo4j:bearer"),
 * );
 * await driver.close();
 * ```
 * @category Clients
 */
export function neo4jAuth<C, K extends keyof Having<C, Neo4jFields> & KeyOf<C>>(
  resolver: Resolver<C>,
  key: K,
  options?: ClientOptions<C[K]>,
): Neo4jAuthTokenManager {
  const current = perCredential(resolver, key, (credential) => ({ credential, token: tokenOf(credential) }));
  let first: Neo4jAuthToken | undefined;
  let latest: Awaited<ReturnType<typeof current>> | undefined;
  return {
    getToken: async () => {
      const { credential, token } = await current(options);
      first ??= token;
      requireSameIdentity(credential, first, token);
      latest = { credential, token };
      return token;
    },
    handleSecurityException: (token, code) => {
      if (!REFUSALS.includes(code)) return false;
      // Hint: the driver forgets the token of a connection whose authorization expired, and passes null for it.
      if (latest && latest.token.credentials === token?.credentials) resolver.invalidate(latest.credential);
      return true;
    },
  };
}

const REFUSALS: readonly string[] = ["Neo.ClientError.Security.Unauthorized", "Neo.ClientError.Security.TokenExpired"];

function tokenOf(credential: Credential<never>): Neo4jAuthToken {
  const names = ["user", "password", "token"] as const;
  const { user, password, token } = valuesOf<Partial<Record<(typeof names)[number], string>>>(credential, names);
  if (user !== undefined && password !== undefined) return { scheme: "basic", principal: user, credentials: password };
  if (token !== undefined) return { scheme: "bearer", credentials: token };
  throw incompleteError(credential, user === undefined ? ["user", "token"] : ["password", "token"]);
}

function requireSameIdentity(
  { key, source, trace }: Credential<never>,
  first: Neo4jAuthToken,
  token: Neo4jAuthToken,
): void {
  if (token.scheme === first.scheme && token.principal === first.principal) return;
  const changed = token.scheme === first.scheme ? "user" : "authentication scheme";
  const reason =
    `"${source}" gave another ${changed}, and a driver keeps its first one: build drivers with perCredential`;
  throw new CredentialError("invalid", reason, { key, trace });
}
