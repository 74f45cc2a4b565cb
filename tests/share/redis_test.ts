import { assertEquals } from "@std/assert";
import { denied } from "../../mod.ts";
import { openRedis, type RedisConnection } from "../../src/share/engines/redis.ts";
import { refusal } from "../support/share/refusal.ts";

/** What is in every error of a client, and may be in no message of ours. */
const SECRET = "hunter2";

function opening(send: RedisConnection["send"], close?: () => unknown) {
  return openRedis(undefined, { connect: () => ({ send, ...(close && { close }) }) });
}

function failing(error: unknown): RedisConnection["send"] {
  return () => Promise.reject(error);
}

const LACKS = ["invalid", "the server lacks a command: expected Redis 2.6 or newer, with EVAL, GET, PSETEX and TIME"];
const SELECT = ["denied", "the user lacks a permission: grant +select, or connect to database 0"];
const PERMISSION = ["denied", "the user lacks a permission: grant ~credentials:* +eval +get +psetex +time"];
const LOGIN = ["denied", "the server refuses the login: expected a user and a password that it knows"];
const CLUSTER = [
  "invalid",
  "the server is part of a Redis Cluster: connect with the client's class for clusters",
];
const OCCUPIED = [
  "invalid",
  "a key holds something else: use no keys that begin with credentials: for another purpose",
];
const REPLICA = ["unavailable", "the server is a read-only replica: connect to the primary"];
const AWAY = ["unavailable", "no answer from the server"];
const cannot = (code: string) => ["unavailable", `the server cannot answer now: ${code}`];

/** The errors of Redis 2.6 to 7, Valkey, Upstash and clients, as they were seen or are in their sources. */
const ERRORS: Readonly<Record<string, readonly string[]>> = {
  [`ERR unknown command 'EVAL', with args beginning with: 'return 1' '${SECRET}' 'OOM' `]: LACKS,
  "ERR unknown command `EVAL`, with args beginning with: `return 1`, `1`, ": LACKS,
  "ERR Unknown Redis command called from script script: 7ae0187b, on @user_script:1.": LACKS,
  "ERR Error running script (call to f_7ae): @user_script:1: @user_script: 1: Unknown Redis command called from Lua script":
    LACKS,
  "ERR This Redis command is not allowed from script script: 07dcf584, on @user_script:1.": LACKS,
  "ERR Command is not available: 'EVAL'. See https://upstash.com/docs": LACKS,
  "NOPERM this user has no permissions to run the 'eval' command": PERMISSION,
  "NOPERM User fleet has no permissions to run the 'eval' command": PERMISSION,
  "NOPERM this user has no permissions to run the 'select' command or its subcommand": SELECT,
  "NOPERM User fleet has no permissions to run the 'select' command": SELECT,
  "NOPERM this user has no permissions to access one of the keys used as arguments": PERMISSION,
  "NOPERM No permissions to access a key": PERMISSION,
  "ERR The user executing the script can't run this command or subcommand script: e3b01f0b, on @user_script:1.":
    PERMISSION,
  "ERR ACL failure in script: User fleet has no permissions to run the 'psetex' command": PERMISSION,
  "WRONGPASS invalid username-password pair or user is disabled.": LOGIN,
  "WRONGPASS invalid or missing auth token": LOGIN,
  "NOAUTH Authentication required.": LOGIN,
  "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass>":
    LOGIN,
  "ERR invalid password": LOGIN,
  "ERR AUTH <password> called without any password configured for the default user. Are you sure your": LOGIN,
  "DENIED Redis is running in protected mode because protected mode is enabled": LOGIN,
  "Unauthorized": LOGIN,
  "MOVED 3999 127.0.0.1:6381": CLUSTER,
  "ASK 3999 127.0.0.1:6381": CLUSTER,
  "CROSSSLOT Keys in request don't hash to the same slot": CLUSTER,
  "WRONGTYPE Operation against a key holding the wrong kind of value script: 7c0f9f2a, on @user_script:1.": OCCUPIED,
  "READONLY You can't write against a read only replica.": REPLICA,
  "ERR Error running script (call to f_7ae): @user_script:1: @user_script: 1: -READONLY You can't write against a read only slave.":
    REPLICA,
  "LOADING Redis is loading the dataset in memory": cannot("LOADING"),
  "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.": cannot("MASTERDOWN"),
  "CLUSTERDOWN Hash slot not served": cannot("CLUSTERDOWN"),
  "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.": cannot("BUSY"),
  "TRYAGAIN Multiple keys request during rehashing of slot": cannot("TRYAGAIN"),
  "OOM command not allowed when used memory > 'maxmemory'. script: e3b01f0b, on @user_script:1.": cannot("OOM"),
  "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk.": cannot("MISCONF"),
  "NOREPLICAS Not enough good replicas to write.": cannot("NOREPLICAS"),
  "ERR max number of clients reached": AWAY,
  "ERR max daily request limit exceeded. Limit: 10000, Usage: 10000.": AWAY,
  [`connect ECONNREFUSED redis://fleet:${SECRET}@10.0.0.1:6379`]: AWAY,
  "The client is closed": AWAY,
  "Connection is closed.": AWAY,
};

Deno.test("redis says of every error of a server or client what it means for the user, in words of its own", async () => {
  const found: Record<string, readonly string[]> = {};
  for (const message of Object.keys(ERRORS)) {
    const error = Object.assign(new Error(message), { command: { args: [SECRET] } });
    const register = await opening(failing(error));
    found[message] = await refusal(register.get("one"));
    assertEquals(await refusal(register.swap("one", undefined, SECRET, 1)), found[message]);
    assertEquals(await refusal(openRedis(undefined, { connect: () => Promise.reject(error) })), found[message]);
    const upstash = await opening(() => Promise.resolve({ error: message }));
    assertEquals(await refusal(upstash.get("one")), found[message]);
  }
  assertEquals(found, ERRORS);
});

Deno.test("redis counts whatever else a client throws as no answer", async () => {
  for (const error of [undefined, null, SECRET, {}, { message: 7 }, new DOMException(SECRET, "AbortError")]) {
    assertEquals(await refusal((await opening(failing(error))).get("one")), AWAY);
  }
  const thrown = await opening(() => {
    throw new Error(SECRET);
  });
  assertEquals(await refusal(thrown.get("one")), AWAY);
});

Deno.test("redis passes on why a connection of one's own is refused", async () => {
  const connect = () => Promise.reject(denied("the vault is sealed"));
  assertEquals(await refusal(openRedis(undefined, { connect })), ["denied", "the vault is sealed"]);
});

Deno.test("redis sends commands with one key, which begins as documented, and the time to live in whole milliseconds", async () => {
  const sent: (readonly string[])[] = [];
  const register = await opening((command) => {
    sent.push(command);
    return Promise.resolve(command.length === 4 ? ["1700000000", "999999", null] : 1);
  });
  assertEquals(await register.get("one"), { now: 1_700_000_000_999 });
  assertEquals(await register.swap("one", undefined, "first", 1_500.5), "first");
  assertEquals(await register.swap("one", "first", "second", 0), "second");
  assertEquals(sent.map(([name, , ...rest]) => [name, ...rest]), [
    ["EVAL", "1", "credentials:one"],
    ["EVAL", "1", "credentials:one", "first", "1501"],
    ["EVAL", "1", "credentials:one", "second", "1", "first"],
  ]);
});

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("redis reads replies as clients give them: text, bytes, numbers, or Upstash's object", async () => {
  const found = { now: 1_700_000_000_001, text: "ключ", version: "ключ" };
  for (
    const reply of [
      ["1700000000", "1999", "ключ"],
      [1_700_000_000, 1_999, "ключ"],
      [1_700_000_000n, 1_999n, "ключ"],
      [bytes("1700000000"), bytes("1999"), bytes("ключ")],
      { result: ["1700000000", "1999", "ключ"] },
    ]
  ) {
    assertEquals(await (await opening(() => Promise.resolve(reply))).get("one"), found);
  }
  for (const none of [null, undefined]) {
    const reply = ["1700000000", "1999", none];
    assertEquals(await (await opening(() => Promise.resolve(reply))).get("one"), { now: 1_700_000_000_001 });
  }
  for (const [lost, done] of [[0, 1], ["0", "1"], [0n, 1n], [bytes("0"), bytes("1")], [{ result: 0 }, { result: 1 }]]) {
    assertEquals(await (await opening(() => Promise.resolve(lost))).swap("one", "a", "b", 1), undefined);
    assertEquals(await (await opening(() => Promise.resolve(done))).swap("one", "a", "b", 1), "b");
  }
});

Deno.test("redis takes no other reply for one of the server", async () => {
  const wrong = ["invalid", "the reply is not one of Redis: expected that `send` returns the reply to its command"];
  for (
    const reply of [undefined, null, "", SECRET, 7, {}, [], [SECRET, "1"], [null, null, null], { result: [] }, true]
  ) {
    const register = await opening(() => Promise.resolve(reply));
    assertEquals(await refusal(register.get("one")), wrong);
    assertEquals(await refusal(register.swap("one", "a", "b", 1)), wrong);
  }
});

Deno.test("redis closes the connection, if that can be closed", async () => {
  let closed = 0;
  await (await opening(() => Promise.resolve(1), () => closed++)).close?.();
  await (await opening(() => Promise.resolve(1))).close?.();
  assertEquals(closed, 1);
});

Deno.test("redis says so if what it connects by is no connection", async () => {
  for (const connection of [undefined, null, {}, { send: SECRET }, () => {}]) {
    assertEquals(await refusal(openRedis(undefined, { connect: () => connection as never })), [
      "invalid",
      "connect() returned nothing that has send(): fix it as the engine's documentation shows",
    ]);
  }
});
