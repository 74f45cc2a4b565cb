/**
 * Credentials for PostgreSQL with `pg` or `postgres`.
 *
 * Use `postgresPassword` for a user whose password is rotated, and `postgresPool` for logins whose user changes too,
 * such as dynamic secrets of Vault.
 *
 * More: [Clients](https://github.com/alphaswarm/credentials/blob/main/src/clients/README.md).
 *
 * @example A pool of pg
 * ```ts
 * import { Pool } from "npm:pg@^8.23.1";
 * import { defineChain, env, getResolver, required } from "@alphaswarm/credentials";
 * import { postgresPool } from "@alphaswarm/credentials/clients/postgres";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "pg:app": {
 *       fields: { user: required(), password: required() },
 *       from: { env: { prefix: "APP_DB_" } },
 *     },
 *   },
 * });
 * const database = postgresPool(
 *   getResolver(chain),
 *   "pg:app",
 *   (login) => new Pool({ host: "127.0.0.1", ...login }),
 * );
 * // await database.use((pool) => pool.query("SELECT 1"));
 * await database[Symbol.asyncDispose]();
 * ```
 *
 * @module
 */
import type { Credential } from "../core/chain/credential.ts";
import { CredentialError } from "../core/chain/errors.ts";
import { asyncDispose } from "../core/engine/disposable.ts";
import { ambientOf } from "../core/engine/internals.ts";
import type { KeyOf, Resolver } from "../core/engine/resolver.ts";
import { type ClientOptions, type Having, incompleteError, valuesOf } from "./having.ts";
import { type EndablePool, LoginPool } from "./login_pool.ts";

export type { ClientOptions, EndablePool, Having };

/** How long a replaced pool may continue its work, in milliseconds: less than `vaultDynamic` leaves a replaced user. */
const OVERLAP_MS = 25_000;

/**
 * The fields of a credential that logs in to a database.
 *
 * @example Map what Vault calls them
 * ```ts
 * import { defineChain, env, required } from "@alphaswarm/credentials";
 * import { vaultDynamic } from "@alphaswarm/credentials/vault";
 *
 * const url = "https://vault.example:8200";
 * const chain = defineChain({
 *   stores: {
 *     db: vaultDynamic({ priority: 200, url, login: "vault:token", mount: "database" }),
 *     env: env({ priority: 100 }),
 *   },
 *   credentials: {
 *     "vault:token": {
 *       fields: { token: required() },
 *       from: { env: { prefix: "VAULT_" } },
 *     },
 *     "pg:app": {
 *       fields: { user: required(), password: required() },
 *       from: { db: { role: "app", fields: { user: "username", password: "password" } } },
 *     },
 *   },
 * });
 * ```
 * @category Clients
 */
export interface PostgresFields {
  /** The name of the role. */
  readonly user: string | undefined;
  /** Its password. */
  readonly password: string | undefined;
}

/**
 * What a pool logs in with.
 *
 * @example Build a pool for a login
 * ```ts
 * import type { PostgresLogin } from "@alphaswarm/credentials/clients/postgres";
 * import { Pool } from "npm:pg@^8.23.1";
 *
 * // For postgresPool: a new pool at each call, which postgresPool ends.
 * export const build = (login: PostgresLogin) =>
 *   new Pool({ host: "db.example", database: "app", max: 5, ...login });
 * ```
 * @category Clients
 */
export interface PostgresLogin {
  /** The name of the role. */
  readonly user: string;
  /** Its password. */
  readonly password: string;
}

/**
 * The options of `postgresPool`.
 *
 * @typeParam F The credential's fields.
 *
 * @example Less than the overlap of the leases
 * ```ts
 * import { Pool } from "npm:pg@^8.23.1";
 * import { defineChain, env, getResolver, required } from "@alphaswarm/credentials";
 * import { postgresPool } from "@alphaswarm/credentials/clients/postgres";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "pg:app": {
 *       fields: { user: required(), password: required() },
 *       from: { env: { prefix: "APP_DB_" } },
 *     },
 *   },
 * });
 * await using database = postgresPool(
 *   getResolver(chain),
 *   "pg:app",
 *   (login) => new Pool(login),
 *   {
 *     overlap: 55_000, // of leases that are kept for 60_000
 *     budget: 5_000,
 *   },
 * );
 * ```
 * @category Clients
 */
export interface PostgresPoolOptions<F> extends ClientOptions<F> {
  /**
   * How long a replaced pool may take to finish its work before it is ended by force, in milliseconds; 25,000 unless
   * set. For dynamic secrets, set a few seconds less than the `overlap` of their store, which begins before the
   * replacement is noticed.
   */
  readonly overlap?: number | undefined;
}

/**
 * The options of `postgresPassword`.
 *
 * @typeParam F The credential's fields.
 *
 * @example A pool of one user
 * ```ts
 * import { createResolver, defineChain, env, required } from "@alphaswarm/credentials";
 * import { postgresPassword } from "@alphaswarm/credentials/clients/postgres";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "pg:app": {
 *       fields: { user: required(), password: required() },
 *       from: { env: { prefix: "APP_DB_" } },
 *     },
 *   },
 * });
 * const resolver = createResolver(chain, {
 *   env: { APP_DB_USER: "other", APP_DB_PASSWORD: "not-a-secret" },
 * });
 * const password = postgresPassword(resolver, "pg:app", { user: "app" });
 * console.log(await password().catch(({ code }) => code)); // "invalid"
 * ```
 * @category Clients
 */
export interface PostgresPasswordOptions<F> extends ClientOptions<F> {
  /** The user of the pool; only passwords of this user are given. Unless set, the user of the first call. */
  readonly user?: string | undefined;
}

/**
 * The pool for the present login.
 *
 * @typeParam P The pool of the client.
 *
 * @example A transaction that is run again after a rotation
 * ```ts
 * import type { PostgresPool } from "@alphaswarm/credentials/clients/postgres";
 * import type { Pool } from "npm:pg@^8.23.1";
 *
 * const REFUSED = ["28P01", "28000"];
 * // Runs it once more with another login, which is safe if it only reads.
 * export async function read(
 *   database: PostgresPool<Pool>,
 *   text: string,
 * ): Promise<unknown[]> {
 *   const run = async () => (await database.use((pool) => pool.query(text))).rows;
 *   return await run().catch((error) =>
 *     REFUSED.includes(error.code) ? run() : Promise.reject(error)
 *   );
 * }
 * ```
 * @category Clients
 */
export interface PostgresPool<P> extends AsyncDisposable {
  /**
   * Runs something with the pool of the present login. Uses are counted, so that a replaced pool is ended when nothing
   * runs or waits in it.
   *
   * @param run What is done with the pool; it must be finished when its promise settles. It is never run twice.
   * @returns What `run` returned. It rejects with what `run` throws, with a `CredentialError` if there is no login, and with
   * an `Error` if the pool was replaced or disposed of and `run` took longer than `overlap` after that.
   */
  use<T>(run: (pool: P) => PromiseLike<T> | T): Promise<T>;
  /**
   * Ends all pools: new uses reject (`closed`), and this waits for running ones, at most `overlap`, and at most 10
   * seconds for a server that does not answer.
   */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Creates a pool of connections for a credential, and another one when its user or password changes. A replaced pool
 * gets no new work and is ended once its work is done, or after `overlap` by force, which rejects that work. A change
 * is noticed by the next use.
 *
 * If the server refuses a login (28P01, 28000), that credential is invalidated, and the next use asks for another one.
 * What was refused is not run again, since part of it may have been done: run it again yourself if it may be repeated.
 *
 * PostgreSQL continues a query whose connection is gone until it has a row to send. Set
 * `client_connection_check_interval` (PostgreSQL 14 and later) so that it checks, on the server or in the client, with
 * `options: "-c client_connection_check_interval=1000"` for `pg` and `connection: { client_connection_check_interval:
 * 1000 }` for `postgres`.
 *
 * @typeParam C The chain's credentials.
 * @typeParam K The credential's key.
 * @typeParam P The pool: a `Pool` of `pg`, or what `postgres()` returns.
 * @param resolver The resolver of the chain.
 * @param key The key of a credential with the fields `user` and `password`.
 * @param build Creates a new pool for a login at each call; each is ended by `postgresPool`.
 * @param options How the credential is resolved, and how long a replaced pool may continue its work.
 * @returns The pool. Its `use` rejects with a `CredentialError` if the credential is not available.
 * @throws {TypeError} If `overlap` is not 0 or more milliseconds.
 *
 * @example With postgres
 * ```ts
 * import connect from "npm:postgres@^3.4.9";
 * import { defineChain, env, getResolver, required } from "@alphaswarm/credentials";
 * import { postgresPool } from "@alphaswarm/credentials/clients/postgres";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "pg:app": {
 *       fields: { user: required(), password: required() },
 *       from: { env: { prefix: "APP_DB_" } },
 *     },
 *   },
 * });
 * const database = postgresPool(
 *   getResolver(chain),
 *   "pg:app",
 *   (login) => connect({ host: "127.0.0.1", ...login }),
 * );
 * // await database.use((sql) => sql`SELECT 1`);
 * await database[Symbol.asyncDispose]();
 * ```
 * @category Clients
 */
export function postgresPool<C, K extends keyof Having<C, PostgresFields> & KeyOf<C>, P extends EndablePool>(
  resolver: Resolver<C>,
  key: K,
  build: (login: PostgresLogin) => P,
  options: PostgresPoolOptions<C[K]> = {},
): PostgresPool<P> {
  const { overlap = OVERLAP_MS } = options;
  if (!(overlap >= 0)) throw new TypeError("Expected an overlap of 0 or more milliseconds");
  const { clock } = ambientOf(resolver);
  let current: Current<Credential<C[K], K>, P> | undefined;
  let closed: Promise<unknown> | undefined;
  const ending = new Set<Promise<void>>();
  const retire = (pool: LoginPool<P>) => {
    const ended = pool.end(overlap).finally(() => ending.delete(ended));
    ending.add(ended);
  };
  const currentOf = (credential: Credential<C[K], K>): Current<Credential<C[K], K>, P> => {
    const login = loginOf(credential as unknown as Credential<never>);
    if (current?.login.user === login.user && current.login.password === login.password) {
      current.credential = credential;
      return current;
    }
    // Hint: if building fails, the previous pool remains.
    const pool = new LoginPool(build(login), clock);
    if (current) retire(current.pool);
    return current = { login, credential, pool };
  };
  const close = () => {
    if (current) retire(current.pool);
    return Promise.all(ending);
  };
  return {
    use: async (run) => {
      const credential = closed ? undefined : await resolver.resolve(key, options);
      if (!credential || closed) throw new CredentialError("closed", "the pool is disposed: create another", { key });
      // Hint: another caller may have got a newer credential meanwhile, whose pool must not be replaced.
      const mine = currentOf(resolver.peek(key) ?? credential);
      try {
        return await mine.pool.use(run);
      } catch (error) {
        if (isRefusedLogin(error)) resolver.invalidate(mine.credential);
        throw error;
      }
    },
    [asyncDispose as typeof Symbol.asyncDispose]: async () => {
      await (closed ??= close());
    },
  };
}

/** The pool of the present login. */
interface Current<T, P extends EndablePool> {
  readonly login: PostgresLogin;
  /** The latest credential with this login: a renewed lease gives another credential with the same login. */
  credential: T;
  readonly pool: LoginPool<P>;
}

/** The codes of a refused login: a wrong password, and a role that may not log in or does not exist. */
const REFUSALS: readonly unknown[] = ["28P01", "28000"];

/** Whether an error is the refusal of a login, or was caused by one: libraries above the client wrap its errors. */
function isRefusedLogin(error: unknown, depth = 0): boolean {
  const { code, cause } = Object(error);
  return REFUSALS.includes(code) || cause !== undefined && depth < 4 && isRefusedLogin(cause, depth + 1);
}

/**
 * Creates a function that gives the present password, for the option `password` of `pg` or `postgres`, which call it
 * for each new connection. A credential whose user is not `user` or, unless set, that of the first call is an error,
 * since a pool keeps its user: use `postgresPool` for logins whose user changes.
 *
 * Between a rotation and the store's next `recheck` (1 s for files), a new connection may be refused (28P01). Code that
 * catches this can call `resolver.invalidate(key)` so that the rotation is noticed at once.
 *
 * @typeParam C The chain's credentials.
 * @typeParam K The credential's key.
 * @param resolver The resolver of the chain.
 * @param key The key of a credential with the fields `user` and `password`.
 * @param options How the credential is resolved, and the user of the pool.
 * @returns The function. It rejects with a `CredentialError` if the credential is not available, or has another user.
 *
 * @example The password of a pool of pg
 * ```ts
 * import { Pool } from "npm:pg@^8.23.1";
 * import { defineChain, env, getResolver, required } from "@alphaswarm/credentials";
 * import { postgresPassword } from "@alphaswarm/credentials/clients/postgres";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "pg:app": {
 *       fields: { user: required(), password: required() },
 *       from: { env: { prefix: "APP_DB_" } },
 *     },
 *   },
 * });
 * const pool = new Pool({
 *   user: "app",
 *   password: postgresPassword(getResolver(chain), "pg:app", { user: "app" }),
 * });
 * await pool.end();
 * ```
 * @category Clients
 */
export function postgresPassword<C, K extends keyof Having<C, PostgresFields> & KeyOf<C>>(
  resolver: Resolver<C>,
  key: K,
  options: PostgresPasswordOptions<C[K]> = {},
): () => Promise<string> {
  let { user } = options;
  return async () => {
    const credential = (await resolver.resolve(key, options)) as unknown as Credential<never>;
    const login = loginOf(credential);
    user ??= login.user;
    if (login.user === user) return login.password;
    const reason = `"${credential.source}" gave another user than that of the pool: use postgresPool()`;
    throw new CredentialError("invalid", reason, { key, trace: credential.trace });
  };
}

function loginOf(credential: Credential<never>): PostgresLogin {
  const { user, password } = valuesOf<PostgresFields>(credential, ["user", "password"]);
  if (user === undefined || password === undefined) {
    throw incompleteError(credential, [user === undefined ? "user" : "password"]);
  }
  return { user, password };
}
