import { assert, assertEquals } from "@std/assert";
import { Redis as IoRedis } from "npm:ioredis@^6.0.0";
import { Pool } from "npm:pg@^8.23.1";
import connectTo from "npm:postgres@^3.4.9";
import { createClient } from "npm:redis@^6.3.1";
import { openPostgres } from "../../src/share/engines/postgres.ts";
import { openRedis, type RedisOptions } from "../../src/share/engines/redis.ts";
import type { OpenRegister } from "../../src/core/chain/share.ts";
import { until } from "../support/fixtures/until.ts";
import { type Postgres, startPostgres } from "../support/servers/postgres.ts";
import { freePorts } from "../support/servers/free_ports.ts";
import { startRedis } from "../support/servers/redis.ts";
import { serverTest } from "../support/servers/server_test_case.ts";
import { refusal } from "../support/share/refusal.ts";

const PASSWORD = "fake-password";

const connectRedis = (port: number, user: string, path = ""): RedisOptions => ({
  connect: () => {
    const url = `redis://${user}@127.0.0.1:${port}${path}`;
    const client = createClient({ url, socket: { reconnectStrategy: false } });
    client.on("error", () => {});
    const connected = client.connect();
    connected.catch(() => {});
    return { send: async (command) => (await connected).sendCommand(command), close: () => client.destroy() };
  },
});

/** Returns what a user of a server is told when it reads, and when it writes. */
async function told(open: () => Promise<OpenRegister>): Promise<readonly (readonly string[] | string)[]> {
  let register: OpenRegister;
  try {
    register = await open();
  } catch (refused) {
    return [await refusal(Promise.reject(refused))];
  }
  try {
    const said = (call: Promise<unknown>) => call.then(() => "done", () => refusal(call));
    return [await said(register.get("one")), await said(register.swap("one", undefined, "first", 60_000))];
  } finally {
    await register.close?.();
  }
}

const PERMISSION = ["denied", "the user lacks a permission: grant ~credentials:* +eval +get +psetex +time"];
const SELECT = ["denied", "the user lacks a permission: grant +select, or connect to database 0"];
const LOGIN = ["denied", "the server refuses the login: expected a user and a password that it knows"];
const LACKS = ["invalid", "the server lacks a command: expected Redis 2.6 or newer, with EVAL, GET, PSETEX and TIME"];
const REPLICA = ["unavailable", "the server is a read-only replica: connect to the primary"];
const cannot = (code: string) => ["unavailable", `the server cannot answer now: ${code}`];

serverTest(
  "a user of a real Redis is told which permission is missing, and a stranger that it is one",
  ["redis"],
  async () => {
    await using redis = await startRedis();
    const users = {
      eval: ["~credentials:*", "+get", "+psetex", "+time"],
      get: ["~credentials:*", "+eval", "+psetex", "+time"],
      psetex: ["~credentials:*", "+eval", "+get", "+time"],
      time: ["~credentials:*", "+eval", "+get", "+psetex"],
      keys: ["~others:*", "+eval", "+get", "+psetex", "+time"],
    };
    for (const [name, rules] of Object.entries(users)) await redis.setUser(name, PASSWORD, ...rules);
    const as = (user: string) => told(() => openRedis(undefined, connectRedis(redis.port, user)));
    assertEquals(await as(`eval:${PASSWORD}`), [PERMISSION, PERMISSION]);
    assertEquals(await as(`get:${PASSWORD}`), [PERMISSION, PERMISSION]);
    assertEquals(await as(`psetex:${PASSWORD}`), ["done", PERMISSION]);
    assertEquals(await as(`time:${PASSWORD}`), [PERMISSION, "done"]);
    assertEquals(await as(`keys:${PASSWORD}`), [PERMISSION, PERMISSION]);
    assertEquals(await as("eval:wrong"), [LOGIN, LOGIN]);
    assertEquals(await as("nobody:wrong"), [LOGIN, LOGIN]);
    assertEquals(await as("default:"), [LOGIN, LOGIN]);
    await redis.setUser("all", PASSWORD, "~credentials:*", "+eval", "+get", "+psetex", "+time");
    const inAnother = () => told(() => openRedis(undefined, connectRedis(redis.port, `all:${PASSWORD}`, "/2")));
    assertEquals(await inAnother(), [SELECT, SELECT]);
    await redis.setUser("all", PASSWORD, "~credentials:*", "+eval", "+get", "+psetex", "+time", "+select");
    assertEquals(await inAnother(), ["done", "done"]);
  },
);

serverTest("a real Redis that cannot serve now, or never can, is told apart", ["redis"], async (t) => {
  await using redis = await startRedis("busy-reply-threshold 50");
  await using primary = await startRedis();
  const admin = connectRedis(redis.port, `:${redis.password}`);
  const says = () => told(() => openRedis(undefined, admin));
  const config = (name: string, value: string) => redis.cli("CONFIG", "SET", name, value);

  await t.step("no memory", async () => {
    await config("maxmemory", "1");
    assertEquals(await says(), ["done", cannot("OOM")]);
    await config("maxmemory", "0");
  });
  await t.step("too few replicas", async () => {
    await config("min-replicas-to-write", "1");
    assertEquals(await says(), ["done", cannot("NOREPLICAS")]);
    await config("min-replicas-to-write", "0");
  });
  await t.step("a script that does not end", async () => {
    const register = await openRedis(undefined, admin);
    const endless = redis.cli("EVAL", "while true do end", "0").catch(() => {});
    const busy = () => register.get("one").then(() => undefined, () => refusal(register.get("one")));
    assertEquals(await until("a refusal", busy), cannot("BUSY"));
    await redis.cli("SCRIPT", "KILL");
    await endless;
    await register.close?.();
  });
  await t.step("another kind of value", async () => {
    await redis.cli("LPUSH", "credentials:one", "a");
    const detail = "a key holds something else: use no keys that begin with credentials: for another purpose";
    assertEquals(await says(), [["invalid", detail], ["invalid", detail]]);
    await redis.cli("DEL", "credentials:one");
  });
  await t.step("a replica, and one without its primary", async () => {
    await config("masterauth", primary.password);
    await redis.cli("REPLICAOF", "127.0.0.1", `${primary.port}`);
    const isUp = async () => (await redis.cli("INFO", "replication")).includes("master_link_status:up");
    await until("the replica to have what its primary has", async () => await isUp() || undefined);
    assertEquals(await says(), ["done", REPLICA]);
    await config("replica-serve-stale-data", "no");
    await primary.kill();
    assertEquals((await says()).at(0), cannot("MASTERDOWN"));
  });
});

serverTest("a real Redis without a command, and one of a cluster, say what to do", ["redis"], async () => {
  await using bare = await startRedis('rename-command EVAL ""');
  assertEquals(await told(() => openRedis(undefined, connectRedis(bare.port, `:${bare.password}`))), [LACKS, LACKS]);
  await using empty = await startRedis('rename-command PSETEX ""');
  assertEquals(await told(() => openRedis(undefined, connectRedis(empty.port, `:${empty.password}`))), ["done", LACKS]);
  const bus = `cluster-port ${freePorts(1)[0]}`;
  await using node = await startRedis("cluster-enabled yes", "cluster-announce-ip 127.0.0.1", bus);
  const admin = connectRedis(node.port, `:${node.password}`);
  assertEquals(await told(() => openRedis(undefined, admin)), [cannot("CLUSTERDOWN"), cannot("CLUSTERDOWN")]);
  await node.cli("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
  const isUp = async () => (await node.cli("CLUSTER", "INFO")).includes("cluster_state:ok");
  await until("a cluster", async () => await isUp() || undefined);
  const connect = () => {
    const cluster = new IoRedis.Cluster([{ host: "127.0.0.1", port: node.port }], {
      redisOptions: { password: node.password, enableReadyCheck: false },
    });
    cluster.on("error", () => {});
    return {
      send: ([name, ...args]: readonly string[]) => cluster.call(name!, ...args),
      close: () => cluster.disconnect(),
    };
  };
  assertEquals(await told(() => openRedis(undefined, { connect })), ["done", "done"]);
});

const COLUMNS = "(name text PRIMARY KEY, text text NOT NULL, lapses_at timestamptz NOT NULL)";
const TABLE = `CREATE TABLE shared_tokens ${COLUMNS}`;
const GRANT = "GRANT SELECT, INSERT, UPDATE ON shared_tokens TO fleet";
const OTHER = ["invalid", `the table is not as expected: CREATE TABLE "shared_tokens" ${COLUMNS}`];
const MISSING = ["invalid", `the table does not exist: CREATE TABLE "shared_tokens" ${COLUMNS}`];
const NO_GRANT = ["denied", 'the role lacks a permission: GRANT SELECT, INSERT, UPDATE ON "shared_tokens" TO the role'];
const NO_LOGIN = ["denied", "the server refuses the login: expected a role and a password that it knows"];
const READ_ONLY = ["unavailable", "the server is read-only: connect to the primary"];

/** How each client connects. */
const CLIENTS = {
  pg: (connectionString: string) => {
    const pool = new Pool({ connectionString, max: 1 });
    pool.on("error", () => {});
    return {
      query: async (text: string, values: readonly unknown[]) => (await pool.query(text, [...values])).rows,
      close: () => pool.end(),
    };
  },
  "Postgres.js": (url: string) => {
    const sql = connectTo(url, { max: 1, onnotice: () => {} });
    return {
      query: (text: string, values: readonly (string | number)[]) => sql.unsafe(text, [...values]),
      close: () => sql.end({ timeout: 0 }),
    };
  },
};

async function asked(postgres: Postgres, path = `/${postgres.database}`, login = `fleet:${PASSWORD}`) {
  const url = `postgres://${login}@127.0.0.1:${postgres.port}${path}`;
  const results = [];
  for (const connect of Object.values(CLIENTS)) {
    results.push(await told(() => openPostgres(undefined, { connect: () => connect(url) })));
    await postgres.sql("DO $$ BEGIN DELETE FROM shared_tokens; EXCEPTION WHEN OTHERS THEN NULL; END $$").catch(
      () => {},
    );
  }
  assertEquals(results[0], results[1], "both clients");
  return results[0];
}

serverTest("a role of a real PostgreSQL is told which table, column or grant is missing", ["postgres"], async () => {
  await using postgres = await startPostgres();
  await postgres.setRole("fleet", PASSWORD);
  assertEquals(await asked(postgres), [MISSING, MISSING]);
  assertEquals(await asked(postgres, "/none"), [
    ["invalid", "the database does not exist: create it, or connect to another one"],
    ["invalid", "the database does not exist: create it, or connect to another one"],
  ]);
  assertEquals(await asked(postgres, undefined, "fleet:wrong"), [NO_LOGIN, NO_LOGIN]);
  assertEquals(await asked(postgres, undefined, "nobody:wrong"), [NO_LOGIN, NO_LOGIN]);

  const wrong: Readonly<Record<string, readonly unknown[]>> = {
    "CREATE TABLE shared_tokens (name text PRIMARY KEY, text text NOT NULL)": [OTHER, OTHER],
    "CREATE TABLE shared_tokens (name text, text text, lapses_at timestamptz)": ["done", OTHER],
    "CREATE TABLE shared_tokens (name integer PRIMARY KEY, text text, lapses_at timestamptz)": [OTHER, OTHER],
    "CREATE TABLE shared_tokens (name text PRIMARY KEY, text text, lapses_at text)": [OTHER, OTHER],
    "CREATE TABLE shared_tokens (name text PRIMARY KEY, text text, lapses_at timestamptz, more text NOT NULL)": [
      "done",
      OTHER,
    ],
  };
  const found: Record<string, unknown> = {};
  for (const statement of Object.keys(wrong)) {
    await postgres.sql(`${statement}; ${GRANT}`);
    found[statement] = await asked(postgres);
    await postgres.sql("DROP TABLE shared_tokens");
  }
  assertEquals(found, wrong);

  await postgres.sql(TABLE);
  assertEquals(await asked(postgres), [NO_GRANT, NO_GRANT]);
  await postgres.sql("GRANT SELECT ON shared_tokens TO fleet");
  assertEquals(await asked(postgres), ["done", NO_GRANT]);
  await postgres.sql("GRANT INSERT ON shared_tokens TO fleet");
  assertEquals(await asked(postgres), ["done", NO_GRANT]);
  await postgres.sql(GRANT);
  assertEquals(await asked(postgres), ["done", "done"]);
});

serverTest("a role of a real PostgreSQL that can only read is told so, also by a standby", ["postgres"], async () => {
  await using postgres = await startPostgres();
  await postgres.setRole("fleet", PASSWORD);
  await postgres.sql(`${TABLE}; ${GRANT}; ALTER ROLE fleet SET default_transaction_read_only = on`);
  assertEquals(await asked(postgres), [READ_ONLY, READ_ONLY]);
  await postgres.sql("ALTER ROLE fleet RESET default_transaction_read_only");
  assertEquals(await asked(postgres), ["done", "done"]);
  await postgres.kill();
  await postgres.start("standby");
  assertEquals(await asked(postgres), [READ_ONLY, READ_ONLY]);
});

serverTest("a real PostgreSQL whose transactions are serializable loses no swap of one token to those of others", [
  "postgres",
], async () => {
  await using postgres = await startPostgres();
  await postgres.setRole("fleet", PASSWORD);
  await postgres.sql(`${TABLE}; ${GRANT}; ALTER ROLE fleet SET default_transaction_isolation = 'serializable'`);
  const url = `postgres://fleet:${PASSWORD}@127.0.0.1:${postgres.port}/${postgres.database}`;
  const machines = await Promise.all(
    Array.from({ length: 8 }, () => openPostgres(undefined, { connect: () => CLIENTS.pg(url) })),
  );
  for (const [at, machine] of machines.entries()) await machine.swap(`own-${at}`, undefined, "first", 60_000);
  // Hint: PostgreSQL reads all rows of a small table whose size it knows, so that transactions conflict.
  await postgres.sql("ANALYZE shared_tokens");
  const lost = await Promise.all(machines.map(async (machine, at) => {
    let [version, lost]: [unknown, number] = ["first", 0];
    for (let count = 0; count < 100; count++) {
      const next = await machine.swap(`own-${at}`, version, `${count}`, 60_000);
      if (next === undefined) lost++;
      else version = next;
      await machine.get(`own-${(at + 1) % 8}`);
    }
    await machine.close?.();
    return lost;
  }));
  assertEquals(lost, machines.map(() => 0));
});

serverTest("rows that lapsed can be removed as documented, and none that counts", ["postgres"], async () => {
  await using postgres = await startPostgres();
  await postgres.sql(TABLE);
  const connect = () =>
    CLIENTS.pg(`postgres://${postgres.user}:${postgres.password}@127.0.0.1:${postgres.port}/postgres`);
  const register = await openPostgres(undefined, { connect });
  await register.swap("short", undefined, "first", 1);
  await register.swap("long", undefined, "first", 60_000);
  await postgres.sql("SELECT pg_sleep(0.01); DELETE FROM shared_tokens WHERE lapses_at < now()");
  assertEquals(await postgres.sql("SELECT name FROM shared_tokens"), "long");
  assert((await register.get("long")).text === "first");
  await register.close?.();
});
