import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { createResolver, defineChain, memory, optional, required } from "../../mod.ts";
import { postgresPassword, postgresPool, type PostgresPoolOptions } from "../../src/clients/postgres.ts";
import { scriptedStore, testClock } from "../../src/testing/mod.ts";
import { token } from "../../mod.ts";
import { rejection } from "../support/fixtures/rejection.ts";

/** A stand-in for a pool: it knows its login, and notes that it was ended. */
class StandInPool {
  ended = false;
  constructor(readonly login: { readonly user: string; readonly password: string }) {}
  end(): Promise<void> {
    this.ended = true;
    return Promise.resolve();
  }
}

const FIELDS = { user: required(), password: required() };

/** A pool for a login that a test can change, with a `recheck` of one minute. */
function changing(options?: PostgresPoolOptions<typeof FIELDS>) {
  const clock = testClock();
  const values: Record<string, string> = { user: "app_a", password: "not-a-secret" };
  const resolver = createResolver(
    defineChain({
      stores: { memory: memory({ priority: 1, values, recheck: 60_000 }) },
      credentials: { "pg:app": { fields: FIELDS, from: { memory: { prefix: "" } } } },
    }),
    { clock },
  );
  const built: StandInPool[] = [];
  const build = (login: StandInPool["login"]) => {
    const pool = new StandInPool(login);
    built.push(pool);
    return pool;
  };
  return { clock, values, resolver, built, build, pool: postgresPool(resolver, "pg:app", build, options) };
}

const userOf = (pool: StandInPool) => pool.login.user;
const refused = (code: string) => () => Promise.reject(Object.assign(new Error("refused"), { code }));

Deno.test("postgresPool() builds one pool for a login, and another one when its user or password is another one", async () => {
  const { clock, values, built, pool } = changing();
  assertEquals(await Promise.all(Array.from({ length: 9 }, () => pool.use(userOf))), Array(9).fill("app_a"));
  await clock.advance(60_000);
  assertEquals([await pool.use(userOf), built.length], ["app_a", 1]);
  values.user = "app_b";
  await clock.advance(60_000);
  assertEquals(await pool.use(userOf), "app_b");
  values.password = "not-a-secret-2";
  await clock.advance(60_000);
  assertEquals(await pool.use(({ login }) => login.password), "not-a-secret-2");
  assertEquals(built.map(({ ended }) => ended), [true, true, false]);
});

Deno.test("postgresPool() lets work within work have the new pool, and ends the old one after the outer work", async () => {
  const { values, resolver, built, pool } = changing();
  const users = await pool.use(async (outer) => {
    values.user = "app_b";
    resolver.invalidate("pg:app");
    const inner = await pool.use(userOf);
    return [outer.login.user, inner, built[0]!.ended];
  });
  assertEquals(users, ["app_a", "app_b", false]);
  await testClock().advance(0);
  assertEquals(built.map(({ ended }) => ended), [true, false]);
});

Deno.test("postgresPool() asks again after a refused login, also one in a cause, and not after another error", async () => {
  for (const code of ["28P01", "28000"]) {
    const { values, pool } = changing();
    await assertRejects(() => pool.use(refused(code)), Error, "refused");
    values.user = "app_b";
    assertEquals(await pool.use(userOf), "app_b");
    await assertRejects(() =>
      pool.use(() => refused(code)().catch((cause) => Promise.reject(new Error("wrapped", { cause }))))
    );
    values.user = "app_c";
    assertEquals(await pool.use(userOf), "app_c");
  }
  const { values, pool } = changing();
  const endless: { cause?: unknown } = {};
  endless.cause = endless;
  for (const error of [{ code: "57P01" }, { code: "ECONNREFUSED" }, undefined, "28P01", endless]) {
    await pool.use(() => Promise.reject(error)).catch(() => {});
  }
  values.user = "app_b";
  assertEquals(await pool.use(userOf), "app_a");
});

Deno.test("postgresPool() keeps the new login when the one before it is refused late", async () => {
  const { values, resolver, pool } = changing();
  const late = Promise.withResolvers<never>();
  const old = assertRejects(() => pool.use(() => late.promise));
  await pool.use(userOf);
  values.user = "app_b";
  resolver.invalidate("pg:app");
  assertEquals(await pool.use(userOf), "app_b");
  const held = resolver.peek("pg:app");
  late.reject(Object.assign(new Error("refused"), { code: "28P01" }));
  await old;
  assertEquals(await resolver.resolve("pg:app"), held!);
});

Deno.test("postgresPool() asks again where a login is refused that was renewed meanwhile", async () => {
  const clock = testClock();
  let user = "app_a";
  const answer = () => ({ values: { user, password: "not-a-secret" }, expiresIn: 100 });
  const resolver = createResolver(
    defineChain({
      stores: { lease: scriptedStore({ shape: token, answer }).store({ priority: 1 }) },
      credentials: { "pg:app": { fields: FIELDS, from: { lease: true } } },
    } as never),
    { clock },
  ) as unknown as ReturnType<typeof changing>["resolver"];
  const pool = postgresPool(resolver, "pg:app", (login) => new StandInPool(login));
  const late = Promise.withResolvers<never>();
  const old = assertRejects(() => pool.use(() => late.promise));
  await pool.use(userOf);
  const first = resolver.peek("pg:app");
  await clock.advance(80_000);
  await pool.use(userOf);
  assertEquals(resolver.peek("pg:app") === first, false);
  late.reject(Object.assign(new Error("refused"), { code: "28P01" }));
  await old;
  user = "app_b";
  assertEquals(await pool.use(userOf), "app_b");
});

Deno.test("postgresPool() keeps the pool before where the new one cannot be built, and builds it at the next use", async () => {
  const { values, resolver, built, build } = changing();
  let mistake: Error | undefined = new Error("Cannot build");
  const pool = postgresPool(resolver, "pg:app", (login) => {
    if (mistake && login.user === "app_b") throw mistake;
    return build(login);
  });
  await pool.use(userOf);
  values.user = "app_b";
  resolver.invalidate("pg:app");
  await assertRejects(() => pool.use(userOf), Error, "Cannot build");
  assertEquals(built.map(({ ended }) => ended), [false]);
  mistake = undefined;
  assertEquals(await pool.use(userOf), "app_b");
  await pool[Symbol.asyncDispose]();
  assertEquals(built.map(({ ended }) => ended), [true, true]);
});

Deno.test("postgresPool() refuses a pool that was built for a login before, instead of handing out one that is ended", async () => {
  const { values, resolver, built, build } = changing();
  const kept = new Map<string, StandInPool>();
  const pool = postgresPool(resolver, "pg:app", (login) => {
    if (!kept.has(login.user)) kept.set(login.user, build(login));
    return kept.get(login.user)!;
  });
  const as = (user: string) => {
    values.user = user;
    resolver.invalidate("pg:app");
    return pool.use(userOf);
  };
  assertEquals([await as("app_a"), await as("app_b")], ["app_a", "app_b"]);
  const message = "Expected build to create a pool at each call: it gave one of another login";
  await assertRejects(() => as("app_a"), TypeError, message);
  assertEquals([await as("app_b"), built.length], ["app_b", 2]);
  const other = postgresPool(resolver, "pg:app", () => kept.get("app_b")!);
  await assertRejects(() => other.use(userOf), TypeError, message);
  await pool[Symbol.asyncDispose]();
  assertEquals(built.map(({ ended }) => ended), [true, true]);
});

Deno.test("two pools of one resolver are told of a change independently of each other", async () => {
  const { values, resolver, built, build, pool } = changing();
  const other = postgresPool(resolver, "pg:app", build);
  await Promise.all([pool, other].map((each) => each.use(userOf)));
  await other[Symbol.asyncDispose]();
  values.user = "app_b";
  resolver.invalidate("pg:app");
  assertEquals(await pool.use(userOf), "app_b");
  assertEquals(built.map(({ ended }) => ended), [true, true, false]);
});

Deno.test("postgresPool() waits for its work at most the overlap when it is disposed of, and builds nothing after", async () => {
  const { clock, resolver, built, pool } = changing({ overlap: 1_000 });
  const work = assertRejects(() => pool.use(() => new Promise(() => {})), Error, "The pool was ended");
  await clock.advance(0);
  const disposed = Promise.all([pool[Symbol.asyncDispose](), pool[Symbol.asyncDispose]()]);
  const error = await rejection(pool.use(userOf));
  assertEquals([error.code, error.message], [
    "closed",
    'Cannot resolve "pg:app": the pool is disposed: create another',
  ]);
  await clock.advance(999);
  assertEquals(built.map(({ ended }) => ended), [false]);
  await clock.advance(1);
  await Promise.all([work, disposed]);
  assertEquals([built.length, built[0]!.ended], [1, true]);
  // A use that still waits for its credential.
  const early = postgresPool(resolver, "pg:app", () => {
    throw new Error("built");
  });
  const waiting = rejection(early.use(userOf));
  await early[Symbol.asyncDispose]();
  assertEquals((await waiting).code, "closed");
});

Deno.test("postgresPool() refuses an overlap that is none, and a login without a password", async () => {
  for (const overlap of [-1, NaN]) {
    assertThrows(() => changing({ overlap }), TypeError, "Expected an overlap of 0 or more milliseconds");
  }
  const values = { user: "app" };
  const resolver = createResolver(defineChain({
    stores: { memory: memory({ priority: 1, values }) },
    credentials: {
      "pg:app": { fields: { user: required(), password: optional() }, from: { memory: { prefix: "" } } },
    },
  }));
  const pool = postgresPool(resolver, "pg:app", (login) => new StandInPool(login));
  const reason = 'Cannot resolve "pg:app": "memory" gave no value for the field password';
  for (const error of [await rejection(pool.use(userOf)), await rejection(postgresPassword(resolver, "pg:app")())]) {
    assertEquals([error.code, error.message, error.missing], ["incomplete", reason, ["password"]]);
  }
});

Deno.test("postgresPassword() gives the present password, and refuses another user in words", async () => {
  const { values, resolver } = changing();
  const password = postgresPassword(resolver, "pg:app");
  assertEquals(await password(), "not-a-secret");
  values.password = "not-a-secret-2";
  resolver.invalidate("pg:app");
  assertEquals(await password(), "not-a-secret-2");
  values.user = "app_b";
  resolver.invalidate("pg:app");
  const { code, message } = await rejection(password());
  assertEquals([code, message], [
    "invalid",
    'Cannot resolve "pg:app": "memory" gave another user than that of the pool: use postgresPool()',
  ]);
});

Deno.test("postgresPassword() gives no password of another user than the pool's, also at the first call", async () => {
  const { resolver } = changing();
  const error = await rejection(postgresPassword(resolver, "pg:app", { user: "other" })());
  assertEquals(error.code, "invalid");
});
