import { assertEquals, assertMatch } from "@std/assert";
import { denied } from "../../mod.ts";
import { openPostgres, type PostgresConnection } from "../../src/share/engines/postgres.ts";
import { refusal } from "../support/share/refusal.ts";

/** What is in every error of a client, and may be in no message of ours. */
const SECRET = "hunter2";
const COLUMNS = "(name text PRIMARY KEY, text text NOT NULL, lapses_at timestamptz NOT NULL)";
const ROW = { now: 1_700_000_000_000.75, read_only: "off", text: null };

function opening(query: PostgresConnection["query"], table?: string, close?: () => unknown) {
  return openPostgres(undefined, { connect: () => ({ query, ...(close && { close }) }), ...(table && { table }) });
}

const PERMISSION = [
  "denied",
  'the role lacks a permission: GRANT SELECT, INSERT, UPDATE ON "shared_tokens" TO the role',
];
const LOGIN = ["denied", "the server refuses the login: expected a role and a password that it knows"];
const DATABASE = ["invalid", "the database does not exist: create it, or connect to another one"];
const MISSING = ["invalid", `the table does not exist: CREATE TABLE "shared_tokens" ${COLUMNS}`];
const OTHER = ["invalid", `the table is not as expected: CREATE TABLE "shared_tokens" ${COLUMNS}`];
const REPLICA = ["unavailable", "the server is read-only: connect to the primary"];
const AWAY = ["unavailable", "no answer from the server"];

const STATES: Readonly<Record<string, readonly string[]>> = {
  "42501": PERMISSION,
  "28000": LOGIN,
  "28P01": LOGIN,
  "3D000": DATABASE,
  "42P01": MISSING,
  "3F000": MISSING,
  "42703": OTHER,
  "42804": OTHER,
  "42809": OTHER,
  "42883": OTHER,
  "42P10": OTHER,
  "22P02": OTHER,
  "23502": OTHER,
  "25006": REPLICA,
  "08000": AWAY,
  "08003": AWAY,
  "08006": AWAY,
  "53300": AWAY,
  "57014": AWAY,
  "57P01": AWAY,
  "57P02": AWAY,
  "57P03": AWAY,
  "XX000": AWAY,
  ECONNREFUSED: AWAY,
  EPIPE: AWAY,
};

Deno.test("postgres says of every class of errors what it means for the user, in words of its own", async () => {
  const found: Record<string, readonly string[]> = {};
  for (const state of Object.keys(STATES)) {
    const error = Object.assign(new Error(SECRET), { code: state, detail: SECRET });
    const register = await opening(() => Promise.reject(error));
    found[state] = await refusal(register.get("one"));
    assertEquals(await refusal(register.swap("one", undefined, SECRET, 1)), found[state]);
    assertEquals(await refusal(openPostgres(undefined, { connect: () => Promise.reject(error) })), found[state]);
    const bun = Object.assign(new Error(SECRET), { code: "ERR_POSTGRES_SERVER_ERROR", errno: state });
    assertEquals(await refusal((await opening(() => Promise.reject(bun))).get("one")), found[state]);
  }
  assertEquals(found, STATES);
});

Deno.test("postgres counts whatever else a client throws as no answer", async () => {
  for (const error of [undefined, null, SECRET, {}, { code: 7 }, new DOMException(SECRET, "AbortError")]) {
    assertEquals(await refusal((await opening(() => Promise.reject(error))).get("one")), AWAY);
  }
});

Deno.test("postgres passes on why a connection of one's own is refused", async () => {
  const connect = () => Promise.reject(denied("the vault is sealed"));
  assertEquals(await refusal(openPostgres(undefined, { connect })), ["denied", "the vault is sealed"]);
});

for (const code of ["40001", "40P01", "23505"]) {
  Deno.test(`postgres asks again after a conflict (${code}), which the text of another token may have caused`, async () => {
    let asked = 0;
    const conflicting = (times: number, rows: readonly Record<string, unknown>[]): PostgresConnection["query"] => () =>
      asked++ < times ? Promise.reject(Object.assign(new Error(SECRET), { code })) : Promise.resolve(rows);
    assertEquals(await (await opening(conflicting(2, [{ name: "one" }]))).swap("one", "a", "b", 1), "b");
    asked = 0;
    assertEquals(await (await opening(conflicting(2, []))).swap("one", "a", "b", 1), undefined);
    asked = 0;
    assertEquals(await (await opening(conflicting(2, [ROW]))).get("one"), { now: 1_700_000_000_000 });
    asked = 0;
    assertEquals(await (await opening(conflicting(999, []))).swap("one", "a", "b", 1), undefined);
    assertEquals(asked, 100);
    assertEquals(await refusal((await opening(conflicting(999, []))).get("one")), [
      "unavailable",
      "the server cannot answer now: other transactions are in the way",
    ]);
  });
}

Deno.test("postgres reads a row as clients give it, and takes nothing else for one", async () => {
  for (const now of [1_700_000_000_000.75, "1700000000000.75", 1_700_000_000_000n]) {
    const register = await opening(() => Promise.resolve([{ ...ROW, now, text: "ключ" }]));
    assertEquals(await register.get("one"), { now: 1_700_000_000_000, text: "ключ", version: "ключ" });
  }
  const wrong = ["invalid", "the answer is not one of PostgreSQL: expected that `query` returns the rows"];
  for (
    const rows of [{ rows: [ROW] }, SECRET, null, [], [[1, 2]], [{ ...ROW, now: SECRET }], [{ ...ROW, now: null }]]
  ) {
    assertEquals(await refusal((await opening(() => Promise.resolve(rows as never))).get("one")), wrong);
  }
  for (const rows of [undefined, null, { rows: [] }, SECRET, 1]) {
    assertEquals(await refusal((await opening(() => Promise.resolve(rows as never))).swap("one", "a", "b", 1)), wrong);
  }
});

Deno.test("postgres never takes what a standby has, which may lag behind", async () => {
  const standby = await opening(() => Promise.resolve([{ ...ROW, read_only: "on", text: "old" }]));
  assertEquals(await refusal(standby.get("one")), REPLICA);
});

Deno.test("postgres quotes the name of its table, and takes nothing but a name", async () => {
  const tables: string[] = [];
  for (const table of ["tokens", "Tokens", "fleet.tokens", "_t1$", "ключи"]) {
    const register = await opening((text) => {
      tables.push(/FROM ((?:"[^"]+"\.?)+) WHERE/.exec(text)?.[1] ?? text);
      return Promise.resolve([ROW]);
    }, table);
    await register.get("one");
  }
  assertEquals(tables, ['"tokens"', '"Tokens"', '"fleet"."tokens"', '"_t1$"', '"ключи"']);
  for (
    const table of ['t"; DROP TABLE x; --', "a.b.c", "1t", "a b", "a;b", ".", `"${SECRET}"`, 7 as never, {} as never]
  ) {
    const [outcome, detail] = await refusal(opening(() => Promise.reject(new Error("asked")), table));
    assertEquals(outcome, "invalid");
    assertMatch(detail!, /^the option table is not the name of a table: expected a name, or a schema and a name$/);
  }
});

Deno.test("postgres sends the texts as parameters, and one statement for each call", async () => {
  const sent: (readonly (string | number)[])[] = [];
  const register = await opening((text, values) => {
    sent.push(values);
    assertEquals(text.includes(";") || values.some((value) => text.includes(`${value}`.padEnd(8, "!"))), false);
    return Promise.resolve([ROW]);
  });
  await register.get("name'one");
  await register.swap("name'one", undefined, "first'text", 1_500.5);
  await register.swap("name'one", "first'text", "second", 5);
  assertEquals(sent, [["name'one"], ["name'one", "first'text", 1_500.5], ["name'one", "second", 5, "first'text"]]);
});

Deno.test("postgres closes the connection, if that can be closed", async () => {
  let closed = 0;
  await (await opening(() => Promise.resolve([]), undefined, () => closed++)).close?.();
  await (await opening(() => Promise.resolve([]))).close?.();
  assertEquals(closed, 1);
});

Deno.test("postgres says so if what it connects by is no connection", async () => {
  for (const connection of [undefined, null, {}, { query: SECRET }, () => {}]) {
    assertEquals(await refusal(openPostgres(undefined, { connect: () => connection as never })), [
      "invalid",
      "connect() returned nothing that has query(): fix it as the engine's documentation shows",
    ]);
  }
});
