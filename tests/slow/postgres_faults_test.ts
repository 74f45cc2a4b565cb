import { assertEquals, assertGreater, assertLess, assertMatch } from "@std/assert";
import connectTo from "npm:postgres@^3.4.9";
import { persist } from "../../src/bootstrap/mod.ts";
import { postgresPool } from "../../src/clients/postgres.ts";
import { makeDirectory } from "../support/fixtures/directory.ts";
import { OwnTime } from "../support/fixtures/own_time.ts";
import { type Client, clientsOf, loginInFile } from "../support/fixtures/postgres_pools.ts";
import { until } from "../support/fixtures/until.ts";
import { type Postgres, startPostgres } from "../support/servers/postgres.ts";
import { serverTest } from "../support/servers/server_test_case.ts";

/** What a test has: a server with the users `app_a` and `app_b`, whose logins it can put into the file of the chain. */
interface Scene {
  readonly server: Postgres;
  readonly client: Client;
  readonly directory: string;
  readonly resolver: ReturnType<typeof loginInFile>;
  /** Lets the file have a login. */
  login(user: string, password?: string): Promise<void>;
  /** Returns how many connections a user has. */
  connections(user: string): Promise<number>;
}

/** Registers a test that runs with each client. */
function test(name: string, run: (scene: Scene) => Promise<void>): void {
  serverTest(name, ["postgres"], async (t) => {
    await using server = await startPostgres();
    for (const client of clientsOf(server)) {
      await t.step(client.name, async () => {
        const directory = makeDirectory();
        const resolver = loginInFile(directory.path);
        for (const user of ["app_a", "app_b"]) await server.setRole(user, "not-a-secret");
        const login: Scene["login"] = (user, password = "not-a-secret") =>
          persist(resolver, "pg:app", { user, password }).then(() => {});
        await login("app_a");
        const connections = async (user: string) =>
          Number(await server.sql(`SELECT count(*) FROM pg_stat_activity WHERE usename = '${user}'`));
        await run({ server, client, directory: directory.path, resolver, login, connections });
        directory.remove();
      });
    }
  });
}

/** Returns the error of a promise. */
function failure(promise: Promise<unknown>): Promise<Error> {
  return promise.then((value) => Promise.reject(new Error(`Expected an error, found ${value}`)), (error) => error);
}

const SLEEP = "SELECT pg_sleep(60)";
const USER = "SELECT current_user";

test("work that outlives the overlap is ended, and does not hang, and its connections are gone within a second", async (scene) => {
  const { client: { build, query }, resolver, login, connections } = scene;
  const pool = postgresPool(resolver, "pg:app", build, { overlap: 500 });
  // Ten work, and ten wait for a connection.
  const ends = Array.from({ length: 20 }, () => failure(pool.use((each) => query(each, SLEEP))));
  await until("ten connections", async () => await connections("app_a") === 10 || undefined);
  await login("app_b");
  using time = new OwnTime();
  assertEquals(await pool.use((each) => query(each, USER)), "app_b");
  for (const { message } of await Promise.all(ends)) {
    assertEquals(message, "The pool was ended, and its work was not done within the overlap");
  }
  const failedAfter = time.ms;
  await until("no connection of the user before", async () => await connections("app_a") === 0 || undefined);
  const goneAfter = time.ms;
  if (Deno.env.get("FIGURES")) console.log(scene.client.name, { failedAfter, goneAfter });
  assertLess(failedAfter, 2_000);
  assertLess(goneAfter, 3_000);
  await pool[Symbol.asyncDispose]();
});

test("a password is in no error of a client and not in what holds its pools, but what `postgres()` returns shows it", async (scene) => {
  const { server, client: { name, build, query }, resolver, login } = scene;
  await server.setRole("app_a", "fake-password-1");
  await login("app_a", "fake-password-1");
  await using pool = postgresPool(resolver, "pg:app", build);
  await pool.use((each) => query(each, USER));
  const print = (value: unknown) => Deno.inspect(value, { depth: 8 });
  const printed = await pool.use((each) => Promise.resolve(print(each)));
  assertEquals(printed.includes("fake-password"), name === "postgres");
  assertEquals(print(pool).includes("fake-password"), false);
  await login("app_a", "fake-password-2");
  const refused = await failure(pool.use((each) => query(each, USER)));
  assertMatch(print(refused), /password authentication failed/);
  assertEquals(print(refused).includes("fake-password"), false);
});

test("a transaction that began before a rotation is committed by its own user", async (scene) => {
  const { client: { build, transaction, query }, resolver, login, connections } = scene;
  await using pool = postgresPool(resolver, "pg:app", build);
  const old = pool.use((each) => transaction(each, "SELECT pg_sleep(1)", USER));
  await until("a connection", async () => await connections("app_a") === 1 || undefined);
  await login("app_b");
  assertEquals(await pool.use((each) => query(each, USER)), "app_b");
  assertEquals(await old, "app_a");
  await until("no connection of the user before", async () => await connections("app_a") === 0 || undefined, 15_000);
});

test("a refused login is asked for again by the next use, and a wrapped refusal too", async (scene) => {
  const { server, client: { build, query }, directory, login } = scene;
  const other = loginInFile(directory);
  await using pool = postgresPool(other, "pg:app", (login) => {
    built++;
    return build(login);
  });
  let built = 0;
  const ask = () => pool.use((each) => query(each, USER));
  const wrapped = () =>
    pool.use((each) =>
      query(each, USER).catch((cause) => {
        throw new Error("Cannot query", { cause });
      })
    );
  await server.setRole("app_a", "not-a-secret-2");
  const error = await failure(ask());
  assertEquals(Object(error).code, "28P01");
  await login("app_a", "not-a-secret-2");
  assertEquals([await ask(), built], ["app_a", 2]);
  await server.sql("DROP ROLE app_b");
  await login("app_b");
  other.invalidate("pg:app");
  assertEquals((await failure(wrapped())).message, "Cannot query");
  await login("app_a", "not-a-secret-2");
  assertEquals([await ask(), built], ["app_a", 4]);
});

test("connections that a restart of the server drops are made again, and the login is kept", async (scene) => {
  const { server, client: { build, query }, resolver } = scene;
  let built = 0;
  await using pool = postgresPool(resolver, "pg:app", (login) => {
    built++;
    return build(login);
  });
  const ask = () => pool.use((each) => query(each, USER));
  const held = await resolver.resolve("pg:app");
  await Promise.all(Array.from({ length: 20 }, ask));
  await server.kill();
  await failure(ask()).finally(server.start);
  await until("an answer", () => ask().catch(() => undefined));
  assertEquals(await Promise.all(Array.from({ length: 20 }, ask)), Array(20).fill("app_a"));
  assertEquals([built, await resolver.resolve("pg:app")], [1, held]);
});

test("a connection that was not given back, or whose server does not answer, does not keep a pool from ending", async (scene) => {
  const { server, client: { name, build, query }, resolver, connections } = scene;
  const lost = postgresPool(resolver, "pg:app", build, { overlap: 100 });
  // deno-lint-ignore no-explicit-any
  await lost.use((each: any) => name === "pg" ? each.connect() : each.reserve());
  using losing = new OwnTime();
  await lost[Symbol.asyncDispose]();
  assertLess(losing.ms, 8_000);
  await until("no connection", async () => await connections("app_a") === 0 || undefined, 15_000);
  const paused = postgresPool(resolver, "pg:app", build, { overlap: 100 });
  await paused.use((each) => query(each, USER));
  await server.pause();
  using pausing = new OwnTime();
  const hanging = failure(paused.use((each) => query(each, USER)));
  await resolver.resolve("pg:app");
  await paused[Symbol.asyncDispose]().finally(server.resume);
  assertLess(pausing.ms, 8_000);
  assertMatch((await hanging).message, /ended|CONNECTION/);
  assertGreater(await connections("postgres"), 0);
});

test("the server may end connections, and with `pg` one that is taken, without ending the process", async (scene) => {
  const { server, client: { name, build, query }, resolver, connections } = scene;
  await using pool = postgresPool(resolver, "pg:app", build);
  const end = async () => {
    await server.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app_a'");
    await until("no connection", async () => await connections("app_a") === 0 || undefined);
  };
  const ask = () => pool.use((each) => query(each, USER));
  await ask();
  await end();
  assertEquals(await until("an answer", () => ask().catch(() => undefined)), "app_a");
  // Hint: what `postgres` writes to a connection that was taken and has gone is thrown out of a timer of its own.
  if (name === "postgres") return;
  // deno-lint-ignore no-explicit-any
  const work = async (each: any): Promise<unknown> => {
    const connection = await each.connect();
    try {
      return [await end(), await connection.query("SELECT 1")];
    } finally {
      connection.release(true);
    }
  };
  assertMatch((await failure(pool.use(work))).message, /not queryable/);
  assertEquals(await ask(), "app_a");
});

serverTest("Postgres.js throws out of its timer if a reserved connection is gone, as the page on clients says", [
  "postgres",
], async () => {
  await using server = await startPostgres();
  const { port, database, user, password } = server;
  const closed = Promise.withResolvers<void>();
  const onclose = () => closed.resolve();
  const sql = connectTo({ host: "127.0.0.1", port, database, user, password, max: 1, onclose });
  const reserved = await sql.reserve();
  const [row] = await reserved`SELECT pg_backend_pid() AS pid`;
  const uncaught = new Promise<string>((resolve) =>
    addEventListener("error", (event) => {
      event.preventDefault();
      resolve(event.message);
    }, { once: true })
  );
  await server.sql(`SELECT pg_terminate_backend(${row!.pid})`);
  await closed.promise;
  reserved`SELECT 1`.catch(() => {});
  assertMatch(await uncaught, /Cannot read properties of null \(reading 'write'\)/);
  await sql.end({ timeout: 0 });
});
