import { assert, assertEquals, assertGreater, assertLess, assertLessOrEqual } from "@std/assert";
import { Pool } from "npm:pg@^8.23.1";
import connectTo from "npm:postgres@^3.4.9";
import { persist } from "../../src/bootstrap/mod.ts";
import { postgresPassword, postgresPool } from "../../src/clients/postgres.ts";
import { makeDirectory } from "../support/fixtures/directory.ts";
import { OwnTime } from "../support/fixtures/own_time.ts";
import { after, answered, clientsOf, loginInFile, underLoad } from "../support/fixtures/postgres_pools.ts";
import { rejection } from "../support/fixtures/rejection.ts";
import { until } from "../support/fixtures/until.ts";
import { vaultResolver } from "../support/fixtures/vault_chain.ts";
import { startPostgres } from "../support/servers/postgres.ts";
import { serverTest } from "../support/servers/server_test_case.ts";
import { startVaultDatabase } from "../support/servers/vault_database.ts";

const CALLERS = 50;
const LOAD_MS = 60_000;
const LEASES_MS = 60_000;
const ROTATION_MS = 2_000;
const OVERLAP_MS = 10_000;
/** A query that takes some time, and tells its user: `postgres` may queue those of all callers on one connection. */
const QUERY = "SELECT current_user, pg_sleep(0.025)";

serverTest(
  "two users that take turns every two seconds under fifty queries at a time for a minute fail none, with pg and postgres",
  ["postgres"],
  async () => {
    await using server = await startPostgres();
    const directory = makeDirectory();
    const resolver = loginInFile(directory.path);
    let rotations = 0;
    const rotate = async () => {
      const user = `app_${rotations++ % 2 === 0 ? "a" : "b"}`;
      const password = `not-a-secret-${rotations}`;
      await server.setRole(user, password);
      await persist(resolver, "pg:app", { user, password });
    };
    await rotate();
    const pools = clientsOf(server).map(({ build, query }) => {
      const pool = postgresPool(resolver, "pg:app", build, { overlap: OVERLAP_MS });
      return { pool, query: () => pool.use((each) => query(each, QUERY)) };
    });
    const load = Promise.all(pools.map(({ query }) => underLoad(CALLERS, after(LOAD_MS), query)));
    const isEnding = after(LOAD_MS - ROTATION_MS);
    while (!isEnding()) {
      await new Promise((resolve) => setTimeout(resolve, ROTATION_MS));
      const next = `app_${rotations % 2 === 0 ? "a" : "b"}`;
      const left = () => server.sql(`SELECT count(*) FROM pg_stat_activity WHERE usename = '${next}'`);
      await until(
        "no connection of the user whose password is changed next",
        async () => await left() === "0" || undefined,
      );
      await rotate();
    }
    const given = await load;
    if (Deno.env.get("FIGURES")) console.log(given.map(answered), { rotations });
    for (const each of given) {
      assertEquals(each.failures, []);
      assertGreater(answered(each), 1_000);
    }
    assertGreater(rotations, 10);
    await Promise.all(pools.map(({ pool }) => pool[Symbol.asyncDispose]()));
    const connections = () => server.sql("SELECT count(*) FROM pg_stat_activity WHERE usename LIKE 'app_%'");
    await until("no connection", async () => await connections() === "0" || undefined);
    directory.remove();
  },
);

serverTest(
  "one user whose password another process changes under load fails no query, since open connections stay until it is seen",
  ["postgres"],
  async () => {
    await using server = await startPostgres();
    const directory = makeDirectory();
    const [resolver, writer] = [loginInFile(directory.path), loginInFile(directory.path)];
    const rotate = async (password: string) => {
      await server.setRole("app", password);
      await persist(writer, "pg:app", { user: "app", password });
    };
    await rotate("not-a-secret-0");
    let built = 0;
    const pools = clientsOf(server).map(({ build, query }) => {
      const pool = postgresPool(resolver, "pg:app", (login) => {
        built++;
        return build(login);
      }, { overlap: OVERLAP_MS });
      return { pool, query: () => pool.use((each) => query(each, QUERY)) };
    });
    let isOver = false;
    const load = Promise.all(pools.map(({ query }) => underLoad(CALLERS, () => isOver, query)));
    try {
      for (const rotation of [1, 2, 3, 4]) {
        await until("pools for the present password", () => Promise.resolve(built === 2 * rotation || undefined));
        await until("connections", async () => {
          const count = await server.sql("SELECT count(*) FROM pg_stat_activity WHERE usename = 'app'");
          return Number(count) === 20 || undefined;
        });
        if (rotation < 4) await rotate(`not-a-secret-${rotation}`);
      }
    } finally {
      isOver = true;
    }
    for (const each of await load) assertEquals(each.failures, []);
    assertEquals(built, 8);
    await Promise.all(pools.map(({ pool }) => pool[Symbol.asyncDispose]()));
    directory.remove();
  },
);

serverTest(
  "leases and logins that are replaced every few seconds under fifty queries at a time fail none, with pg and postgres",
  ["openbao", "postgres"],
  async () => {
    await using servers = await startVaultDatabase();
    // The overlap fits eight times into the lifetimes, as the documentation demands.
    await servers.addRole("app", { ttl: "16s", max: "24s" });
    const { url } = servers.vault;
    const values = await servers.vault.addAppRole("app", { token_ttl: "16s", token_max_ttl: "28s" });
    const resolver = vaultResolver({ url, values, dynamic: { overlap: 2_000 } });
    const pools = clientsOf(servers.postgres).map(({ build, query }) => {
      const pool = postgresPool(resolver, "pg:app", build, { overlap: 1_900 });
      return { pool, query: () => pool.use((each) => query(each, QUERY)) };
    });
    let most = 0;
    const watch = setInterval(async () => most = Math.max(most, (await servers.users()).length), 500);
    const given = await Promise.all(pools.map(({ query }) => underLoad(CALLERS, after(LEASES_MS), query)));
    clearInterval(watch);
    if (Deno.env.get("FIGURES")) console.log(given.map((each) => [answered(each), each.answers.size]), { most });
    for (const each of given) {
      assertEquals(each.failures, []);
      assertGreater(answered(each), 1_000);
      assertGreater(each.answers.size, 2);
      assertLess(each.answers.size, 10);
    }
    // The one in use, and within the overlap the one before it; also a third where its login ended just then.
    assertLessOrEqual(most, 3);
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
        const resolver = loginInFile(directory.path);
        await server.setRole("app", "not-a-secret-1");
        await persist(resolver, "pg:app", { user: "app", password: "not-a-secret-1" });
        const other = loginInFile(directory.path);
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
        const rotate = async (password: string) => {
          await ask();
          await server.setRole("app", password);
          await persist(resolver, "pg:app", { user: "app", password });
        };
        await rotate("not-a-secret-2");
        using time = new OwnTime();
        await until("the new password to be seen", () => ask().then(() => true, () => undefined));
        const seenAfter = time.ms;
        assertLess(seenAfter, 2_000);
        if (Deno.env.get("FIGURES")) console.log(name, { seenAfter });
        for (let query = 0; query < 20; query++) await ask();
        // Whoever catches the refusal has it seen at once.
        await rotate("not-a-secret-3");
        await ask().catch(({ code }) => {
          assertEquals(code, "28P01");
          other.invalidate("pg:app");
        });
        await ask();
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
