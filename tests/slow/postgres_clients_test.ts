import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { Pool } from "npm:pg@^8.23.1";
import connectTo from "npm:postgres@^3.4.9";
import { createResolver, defineChain, file, memory, required } from "../../mod.ts";
import { persist } from "../../src/bootstrap/mod.ts";
import { type EndablePool, postgresPassword, postgresPool } from "../../src/clients/postgres.ts";
import { vaultDynamic, vaultLogin } from "../../src/stores/vault/mod.ts";
import { makeDirectory } from "../support/fixtures/directory.ts";
import { rejection } from "../support/fixtures/rejection.ts";
import { until } from "../support/fixtures/until.ts";
import { type Postgres, startPostgres } from "../support/servers/postgres.ts";
import { serverTest } from "../support/servers/server_test_case.ts";
import { startVaultDatabase } from "../support/servers/vault_database.ts";

const CALLERS = 50;
const LOAD_MS = 60_000;
const ROTATION_MS = 2_000;
const OVERLAP_MS = 1_500;

const FIELDS = { user: required(), password: required() };

/** Creates a resolver of a login in a file. */
function fileChain(directory: string) {
  return createResolver(defineChain({
    stores: { file: file({ priority: 1, directory }) },
    credentials: { "pg:app": { fields: FIELDS, from: { file: "login.json" } } },
  }));
}

/** A client: how it builds a pool, and runs a query that takes some time and tells its user. */
interface Client<P extends EndablePool> {
  readonly name: string;
  readonly build: (login: object) => P;
  readonly query: (pool: P) => Promise<string>;
}

/** The two clients of a server. */
function clientsOf({ port, database }: Postgres): readonly Client<EndablePool>[] {
  const at = { host: "127.0.0.1", port, database, max: 10 };
  const pg: Client<Pool> = {
    name: "pg",
    build: (login) => new Pool({ ...at, ...login }),
    query: async (pool) => (await pool.query("SELECT current_user AS name, pg_sleep(0.1)")).rows[0].name,
  };
  const postgres: Client<ReturnType<typeof connectTo>> = {
    name: "postgres",
    build: (login) => connectTo({ ...at, onnotice: () => {}, ...login }),
    query: async (sql) => (await sql`SELECT current_user AS name, pg_sleep(0.1)`)[0]!.name,
  };
  return [pg, postgres] as unknown as readonly Client<EndablePool>[];
}

/** Runs something by many callers at once, each again and again for some time; returns what each run gave. */
async function underLoad(ms: number, run: () => Promise<string>): Promise<readonly string[]> {
  const end = Date.now() + ms;
  const given: string[] = [];
  await Promise.all(Array.from({ length: CALLERS }, async () => {
    while (Date.now() < end) given.push(await run());
  }));
  return given;
}

serverTest(
  "two users that take turns every two seconds under fifty queries at a time for a minute fail none, with pg and postgres",
  ["postgres"],
  async () => {
    await using server = await startPostgres();
    const directory = makeDirectory();
    const resolver = fileChain(directory.path);
    let rotations = 0;
    const rotate = async () => {
      const user = `app_${rotations++ % 2 === 0 ? "a" : "b"}`;
      const password = `not-a-secret-${rotations}`;
      await server.setRole(user, password);
      await persist(resolver, "pg:app", { user, password });
    };
    await rotate();
    const clients = clientsOf(server);
    const pools = clients.map(({ build, query }) => {
      const pool = postgresPool(resolver, "pg:app", build, { overlap: OVERLAP_MS });
      return { pool, query: () => pool.use(query) };
    });
    const load = Promise.all(pools.map(({ query }) => underLoad(LOAD_MS, query)));
    const loadEnd = Date.now() + LOAD_MS - ROTATION_MS;
    let most = 0;
    while (Date.now() < loadEnd) {
      await new Promise((resolve) => setTimeout(resolve, ROTATION_MS));
      // Nothing of the user whose password is changed next may be left, since it has had the overlap.
      const next = `app_${rotations % 2 === 0 ? "a" : "b"}`;
      const left = Number(await server.sql(`SELECT count(*) FROM pg_stat_activity WHERE usename = '${next}'`));
      most = Math.max(most, left);
      await rotate();
    }
    const given = await load;
    for (const users of given) assertGreater(users.length, 1_000);
    assertGreater(rotations, 20);
    assertEquals(most, 0);
    await Promise.all(pools.map(({ pool }) => pool[Symbol.asyncDispose]()));
    assertEquals(await server.sql("SELECT count(*) FROM pg_stat_activity WHERE usename LIKE 'app_%'"), "0");
    directory.remove();
  },
);

serverTest(
  "leases that are replaced every few seconds under fifty queries at a time fail none, with pg and postgres",
  ["openbao", "postgres"],
  async () => {
    await using servers = await startVaultDatabase();
    await servers.addRole("app", { ttl: "3s", max: "6s" });
    const { url } = servers.vault;
    const values = await servers.vault.addAppRole("app", { token_ttl: "6s", token_max_ttl: "15s" });
    const resolver = createResolver(defineChain({
      stores: {
        login: vaultLogin({ priority: 3, url, method: "approle", credential: "vault:role" }),
        db: vaultDynamic({ priority: 2, url, login: "vault:token", mount: "database", overlap: OVERLAP_MS }),
        memory: memory({ priority: 1, values }),
      },
      credentials: {
        "vault:role": { fields: { role_id: required(), secret_id: required() }, from: { memory: { prefix: "" } } },
        "vault:token": { fields: { token: required() }, from: { login: true } },
        "pg:app": { fields: FIELDS, from: { db: { role: "app", fields: { user: "username", password: "password" } } } },
      },
    }));
    const pools = clientsOf(servers.postgres).map(({ build, query }) => {
      const pool = postgresPool(resolver, "pg:app", build, { overlap: OVERLAP_MS });
      return { pool, query: () => pool.use(query) };
    });
    const given = await Promise.all(pools.map(({ query }) => underLoad(20_000, query)));
    for (const users of given) {
      assertGreater(users.length, 500);
      assertGreater(new Set(users).size, 3);
      assertLess(new Set(users).size, 12);
    }
    await Promise.all(pools.map(({ pool }) => pool[Symbol.asyncDispose]()));
    await resolver[Symbol.asyncDispose]();
    assertEquals(await servers.users(), []);
  },
);

serverTest(
  "a password function follows the rotation of one user: what fails is refused within the store's recheck, and nothing after",
  ["postgres"],
  async (t) => {
    await using server = await startPostgres();
    for (const { name } of clientsOf(server)) {
      await t.step(name, async () => {
        const directory = makeDirectory();
        const resolver = fileChain(directory.path);
        await server.setRole("app", "not-a-secret-1");
        await persist(resolver, "pg:app", { user: "app", password: "not-a-secret-1" });
        const other = fileChain(directory.path);
        const login = { user: "app", password: postgresPassword(other, "pg:app") };
        // A new connection for each query, so that each asks for the password.
        const ask = async () => {
          const at = { host: "127.0.0.1", port: server.port, database: server.database, max: 1 };
          if (name === "pg") {
            const pool = new Pool({ ...at, ...login });
            return await pool.query("SELECT 1").finally(() => pool.end());
          }
          const sql = connectTo({ ...at, ...login });
          return await sql`SELECT 1`.finally(() => sql.end());
        };
        await ask();
        await server.setRole("app", "not-a-secret-2");
        await persist(resolver, "pg:app", { user: "app", password: "not-a-secret-2" });
        const rotatedAt = Date.now();
        await until("the new password to be seen", () => ask().then(() => true, () => undefined), 5_000);
        assertLess(Date.now() - rotatedAt, 2_000);
        for (let query = 0; query < 20; query++) await ask();
        await persist(resolver, "pg:app", { user: "another", password: "not-a-secret" });
        other.invalidate("pg:app");
        const error = await rejection(login.password());
        assertEquals(error.code, "invalid");
        assert(error.message.includes("use postgresPool()"), error.message);
        directory.remove();
      });
    }
  },
);

serverTest(
  "work that outlives the overlap is ended, and does not hang, with pg and postgres",
  ["postgres"],
  async (t) => {
    await using server = await startPostgres();
    for (const { name, build } of clientsOf(server)) {
      await t.step(name, async () => {
        const directory = makeDirectory();
        const resolver = fileChain(directory.path);
        for (const user of ["app_a", "app_b"]) await server.setRole(user, "not-a-secret");
        await persist(resolver, "pg:app", { user: "app_a", password: "not-a-secret" });
        const pool = postgresPool(resolver, "pg:app", build, { overlap: 500 });
        // deno-lint-ignore no-explicit-any
        const sleep = (pool: any) => name === "pg" ? pool.query("SELECT pg_sleep(60)") : pool`SELECT pg_sleep(60)`;
        // Ten work, and ten wait for a connection.
        const ends = Array.from({ length: 20 }, () => pool.use(sleep).then(() => "done", () => "failed"));
        const busy = async () =>
          Number(await server.sql("SELECT count(*) FROM pg_stat_activity WHERE usename = 'app_a'"));
        await until("ten connections", async () => await busy() === 10 || undefined);
        await persist(resolver, "pg:app", { user: "app_b", password: "not-a-secret" });
        const replacedAt = Date.now();
        // deno-lint-ignore no-explicit-any
        await pool.use((each: any) => name === "pg" ? each.query("SELECT 1") : each`SELECT 1`);
        assertEquals(new Set(await Promise.all(ends)), new Set(["failed"]));
        assertLess(Date.now() - replacedAt, 3_000);
        await until("no connection of the user before", async () => await busy() === 0 || undefined);
        await pool[Symbol.asyncDispose]();
        directory.remove();
      });
    }
  },
);
