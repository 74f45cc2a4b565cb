import type { MaybePromise } from "../../core/chain/eventually.ts";
import { denied, invalid, type Refusal, unavailable } from "../../core/chain/outcome.ts";
import type { OpenRegister } from "../../core/chain/share.ts";
import type { NeededCredential } from "../../core/chain/store_spec.ts";
import { defineEngine, type EngineFactory } from "../define/define_engine.ts";
import { calling, connecting } from "../client/client_failure.ts";

const TABLE = "shared_tokens";
const COLUMNS = "(name text PRIMARY KEY, text text NOT NULL, lapses_at timestamptz NOT NULL)";
/** A serialization failure, a deadlock, and a row that another transaction inserted meanwhile. */
const CONFLICTS: ReadonlySet<unknown> = /* @__PURE__ */ new Set(["40001", "40P01", "23505"]);
/** How often a statement that conflicts with others is tried. With eight busy writers, each try has an even chance. */
const MAX_TRIES = 100;

type Row = Readonly<Record<string, unknown>>;

/**
 * The connection of a PostgreSQL client.
 *
 * @example A connection of node-postgres
 * ```ts
 * import type { PostgresConnection } from "@alphaswarm/credentials/share";
 * import { Pool } from "npm:pg@^8.23.1";
 *
 * const pool = new Pool({
 *   max: 1,
 *   allowExitOnIdle: true,
 *   connectionTimeoutMillis: 5_000,
 *   query_timeout: 5_000,
 * });
 * export const connection: PostgresConnection = {
 *   query: async (text, values) => (await pool.query(text, [...values])).rows,
 *   close: () => pool.end(),
 * };
 * ```
 * @category Share
 */
export interface PostgresConnection {
  /**
   * Runs one statement, in a transaction of its own.
   *
   * @param text The statement, with parameters `$1`, `$2` and so on.
   * @param values The values of the parameters.
   * @returns The rows.
   */
  query(text: string, values: readonly (string | number)[]): PromiseLike<readonly Readonly<Record<string, unknown>>[]>;
  /** Closes the connection. */
  close?(): MaybePromise<unknown>;
}

/**
 * The options of `postgres` besides those of every engine.
 *
 * @example A table in another schema
 * ```ts
 * import { postgres, type PostgresConnection, type PostgresOptions } from "@alphaswarm/credentials/share";
 *
 * export function shareBy(connect: (url: string) => PostgresConnection) {
 *   const options: PostgresOptions = {
 *     connect: (credential) => connect(String(credential?.get("url"))),
 *     table: "credentials.shared_tokens",
 *   };
 *   return postgres({ credential: "fleet:postgres", seal: "fleet:seal", ...options });
 * }
 * ```
 * @category Share
 */
export interface PostgresOptions {
  /**
   * Connects to the primary.
   *
   * @param credential The credential that the option `credential` names; absent without that option.
   */
  readonly connect: (credential: NeededCredential | undefined) => MaybePromise<PostgresConnection>;
  /** The table, with its schema if necessary; `"shared_tokens"` unless set. It is case-sensitive. */
  readonly table?: string;
}

/**
 * Shares tokens by a PostgreSQL table. Each token is one row, which one statement reads or writes, under any isolation
 * level.
 *
 * ```sql
 * CREATE TABLE shared_tokens (name text PRIMARY KEY, text text NOT NULL, lapses_at timestamptz NOT NULL);
 * GRANT SELECT, INSERT, UPDATE ON shared_tokens TO fleet;
 * ```
 *
 * Rows that have lapsed count as absent and are reused. Rows of rotated secrets stay, a few a month; the owner of the
 * table may remove them at any time, for example daily with `pg_cron`:
 *
 * ```sql
 * DELETE FROM shared_tokens WHERE lapses_at < now();
 * ```
 *
 * Dispose of the resolver to let a program end. Only Postgres.js cannot leave a server that hangs: with it, end such a
 * program by `process.exit()`.
 *
 * @example node-postgres
 * ```ts
 * import { postgres } from "@alphaswarm/credentials/share";
 * import { Pool } from "npm:pg@^8.23.1";
 *
 * const share = postgres({
 *   credential: "fleet:postgres",
 *   seal: "fleet:seal",
 *   connect: (credential) => {
 *     const limits = {
 *       max: 1,
 *       allowExitOnIdle: true,
 *       connectionTimeoutMillis: 5_000,
 *       query_timeout: 5_000,
 *     };
 *     const pool = new Pool({
 *       connectionString: String(credential?.get("url")),
 *       ...limits,
 *     });
 *     pool.on("error", () => {}); // Without this, a lost connection ends the process.
 *     return {
 *       query: async (text, values) => (await pool.query(text, [...values])).rows,
 *       close: () => pool.end(),
 *     };
 *   },
 * });
 * ```
 *
 * @example Postgres.js
 * ```ts
 * import { postgres } from "@alphaswarm/credentials/share";
 * import connectTo from "npm:postgres@^3.4.9";
 *
 * const share = postgres({
 *   credential: "fleet:postgres",
 *   seal: "fleet:seal",
 *   connect: (credential) => {
 *     const onnotice = () => {}; // Without this, it prints what the server announces.
 *     const sql = connectTo(String(credential?.get("url")), {
 *       max: 1,
 *       idle_timeout: 10,
 *       onnotice,
 *     });
 *     return {
 *       query: (text, values) => sql.unsafe(text, [...values]),
 *       close: () => sql.end({ timeout: 0 }),
 *     };
 *   },
 * });
 * ```
 *
 * @example Bun's own client
 * ```ts ignore
 * import { postgres } from "@alphaswarm/credentials/share";
 * import { SQL } from "bun";
 *
 * const share = postgres({
 *   credential: "fleet:postgres",
 *   seal: "fleet:seal",
 *   connect: (credential) => {
 *     const sql = new SQL(String(credential?.get("url")), { max: 1, idleTimeout: 10 });
 *     return { query: (text, values) => sql.unsafe(text, [...values]), close: () => sql.close({ timeout: 0 }) };
 *   },
 * });
 * ```
 * @category Share
 */
export const postgres: EngineFactory<PostgresOptions> = /* @__PURE__ */ defineEngine<PostgresOptions>({
  kind: "postgres",
  options: { connect: "function", table: "string|undefined" },
  open: openPostgres,
});

/** Connects, and returns the register of the connection. */
export async function openPostgres(
  credential: NeededCredential | undefined,
  { connect, table: name = TABLE }: PostgresOptions,
): Promise<OpenRegister> {
  const table = quote(name);
  const why = (error: unknown) => refusalOf(error, table);
  const connection = await connecting(() => connect(credential), "query", why);
  const query = (text: string, ...values: readonly (string | number)[]): Promise<readonly Row[] | undefined> =>
    calling(() => querying(connection, text, values), why);
  return {
    get: async (name) => {
      const rows = await query(
        `SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS now, ` +
          `current_setting('transaction_read_only') AS read_only, ` +
          `(SELECT text FROM ${table} WHERE name = $1 AND lapses_at > clock_timestamp()) AS text`,
        name,
      );
      if (!rows) throw unavailable("the server cannot answer now: other transactions are in the way");
      const { now, read_only: readOnly, text } = rows[0] ?? {};
      const time = Math.floor(Number(now ?? NaN));
      if (!Number.isFinite(time)) throw misunderstood();
      if (readOnly === "on") throw replica();
      return typeof text === "string" ? { now: time, text, version: text } : { now: time };
    },
    swap: async (name, before, text, ttl) => {
      const end = "clock_timestamp() + $3::float8 * interval '1 millisecond'";
      const rows = before === undefined
        ? await query(
          `INSERT INTO ${table} AS held (name, text, lapses_at) VALUES ($1, $2, ${end}) ON CONFLICT (name) DO UPDATE ` +
            `SET text = excluded.text, lapses_at = excluded.lapses_at WHERE held.lapses_at <= clock_timestamp() ` +
            `RETURNING name`,
          name,
          text,
          ttl,
        )
        : await query(
          `UPDATE ${table} SET text = $2, lapses_at = ${end} ` +
            `WHERE name = $1 AND text = $4 AND lapses_at > clock_timestamp() RETURNING name`,
          name,
          text,
          ttl,
          String(before),
        );
      return rows?.length ? text : undefined;
    },
    close: () => connection.close?.(),
  };
}

/**
 * Runs a statement, again while it conflicts with other transactions; gives `undefined` if it still does in the end.
 */
async function querying(
  connection: PostgresConnection,
  text: string,
  values: readonly (string | number)[],
): Promise<readonly Row[] | undefined> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    try {
      const rows = await connection.query(text, values);
      if (!Array.isArray(rows)) throw misunderstood();
      return rows;
    } catch (error) {
      // Hint: under SERIALIZABLE, it may conflict with the rows of other tokens, so this token's swap is not lost yet.
      if (!CONFLICTS.has(stateOf(error))) throw error;
    }
  }
  return undefined;
}

/** Returns an SQL identifier, or two with a dot between them, in quotes. */
function quote(table: string): string {
  if (!/^[\p{L}_][\p{L}\p{N}_$]*(\.[\p{L}_][\p{L}\p{N}_$]*)?$/u.test(table)) {
    throw invalid("the option table is not the name of a table: expected a name, or a schema and a name");
  }
  return table.split(".").map((part) => `"${part}"`).join(".");
}

function misunderstood(): Refusal {
  return invalid("the answer is not one of PostgreSQL: expected that `query` returns the rows");
}

function replica(): Refusal {
  return unavailable("the server is read-only: connect to the primary");
}

/** Returns the SQLSTATE of an error, which Bun has in `errno`. */
function stateOf(error: unknown): string {
  const { code, errno } = Object(error) as { readonly code?: unknown; readonly errno?: unknown };
  return String([code, errno].find((state) => /^[0-9A-Z]{5}$/.test(String(state))) ?? "");
}

/** Returns the refusal for what a client threw, by its SQLSTATE. */
function refusalOf(error: unknown, table: string): Refusal {
  const state = stateOf(error);
  if (state === "42501") {
    return denied(`the role lacks a permission: GRANT SELECT, INSERT, UPDATE ON ${table} TO the role`);
  }
  if (state.startsWith("28")) {
    return denied("the server refuses the login: expected a role and a password that it knows");
  }
  if (state === "3D000") return invalid("the database does not exist: create it, or connect to another one");
  if (state === "42P01" || state === "3F000") {
    return invalid(`the table does not exist: CREATE TABLE ${table} ${COLUMNS}`);
  }
  if (/^(22|23|42703|42804|42809|42883|42P10)/.test(state)) {
    return invalid(`the table is not as expected: CREATE TABLE ${table} ${COLUMNS}`);
  }
  if (state === "25006") return replica();
  return unavailable("no answer from the server");
}
