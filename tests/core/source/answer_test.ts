import { assertEquals } from "@std/assert";
import {
  answer,
  type Answered,
  createResolver,
  defineChain,
  denied,
  document,
  required,
  unavailable,
  variables,
} from "../../../mod.ts";
import { explain, explanationSchema } from "../../../src/report/mod.ts";
import { scriptedStore, testHost } from "../../../src/testing/mod.ts";
import { parse } from "valibot";
import { rejection } from "../../support/fixtures/rejection.ts";

const LOGIN = { user: "reader", password: "not-a-secret" };

/** A resolver of one document, whose store answers what a test sets. */
function documentResolver(given: unknown, recheck?: number) {
  const store = scriptedStore({ shape: document, answer: given });
  const host = testHost();
  const resolver = createResolver(
    defineChain({
      stores: { own: store.store({ priority: 1, ...(recheck !== undefined && { recheck }) }) },
      credentials: { "db:basic": { fields: { user: required(), password: required() }, from: { own: "login" } } },
    }),
    host,
  );
  return { store, host, resolver };
}

Deno.test("the version that a store says is in the trace, of a hit and of a miss", async () => {
  const { resolver } = documentResolver(answer(LOGIN, { version: 7 }));
  const found = await resolver.resolve("db:basic");
  assertEquals(found.get("user"), "reader");
  assertEquals(found.trace, [{ store: "own", outcome: "hit", role: "winner", version: 7 }]);
  const { resolver: empty } = documentResolver(answer(undefined, { version: "v8" }));
  const error = await rejection(empty.resolve("db:basic"));
  assertEquals([error.code, error.trace[0]?.version], ["not_found", "v8"]);
  const explained = await explain(empty, "db:basic");
  assertEquals(explained.trace[0]?.version, "v8");
  parse(explanationSchema, explained);
});

Deno.test("values that a store reads one by one have a version where all of them have the same", async () => {
  const store = scriptedStore({ shape: variables });
  const resolver = createResolver(
    defineChain({
      stores: { own: store.store({ priority: 1, recheck: 0 }) },
      credentials: {
        "db:basic": { fields: { user: required(), password: required() }, from: { own: { prefix: "" } } },
      },
    }),
    testHost(),
  );
  const versionOf = async (user: Answered<string>, password: Answered<string>) => {
    Object.assign(store.answers, { user, password });
    const found = await resolver.resolve("db:basic");
    assertEquals([found.get("user"), found.get("password")], ["reader", "not-a-secret"]);
    return resolver.describe().credentials[0]?.last?.trace[0]?.version;
  };
  const of = (value: string, version?: number) => answer(value, { version });
  assertEquals(await versionOf(of("reader", 3), of("not-a-secret", 3)), 3);
  resolver.invalidate("db:basic");
  assertEquals(await versionOf(of("reader", 3), of("not-a-secret", 4)), undefined);
  assertEquals(await versionOf(of("reader"), of("not-a-secret", 4)), undefined);
});

Deno.test("what expires is read again at its expiry, and is not used past it in an outage", async () => {
  const { resolver, store, host: { clock } } = documentResolver(LOGIN, Infinity);
  store.answer = answer(LOGIN, { expiresAt: clock.now() + 60_000 });
  const first = await resolver.resolve("db:basic");
  assertEquals(first.expiresAt, clock.now() + 60_000);
  await clock.advance(59_000);
  assertEquals([await resolver.resolve("db:basic") === first, store.asked.length], [true, 1]);
  store.answer = unavailable("no connection");
  resolver.invalidate("db:basic");
  const held = await resolver.resolve("db:basic");
  assertEquals([held.get("user"), held.degraded, held.expiresAt], ["reader", true, first.expiresAt]);
  await clock.advance(1_000);
  assertEquals(resolver.peek("db:basic"), undefined);
  assertEquals((await rejection(resolver.resolve("db:basic"))).code, "unavailable");
  store.answer = answer({ ...LOGIN, user: "next" }, { expiresAt: clock.now() + 60_000 });
  assertEquals((await resolver.resolve("db:basic")).get("user"), "next");
});

Deno.test("what has expired, or expires at no time, is not used", async () => {
  const { resolver, store, host: { clock } } = documentResolver(LOGIN);
  for (const expiresAt of [clock.now(), clock.now() - 1, NaN]) {
    store.answer = answer(LOGIN, { expiresAt });
    const { code, message } = await rejection(resolver.resolve("db:basic"));
    assertEquals([code, message], [
      "unavailable",
      'Cannot resolve "db:basic": "own" is unavailable: what it gave has expired',
    ]);
  }
});

/** A resolver of two variables, of which the first has expired, and of what a lower store has; a test sets the second. */
function pairResolver() {
  const upper = scriptedStore({ shape: variables });
  const lower = scriptedStore({ shape: variables, answers: { user: "lower", password: "not-a-secret" } });
  const host = testHost();
  const mapping = { prefix: "" };
  const resolver = createResolver(
    defineChain({
      stores: { upper: upper.store({ priority: 2, timeout: 100 }), lower: lower.store({ priority: 1 }) },
      credentials: {
        "a:pair": { fields: { user: required(), password: required() }, from: { upper: mapping, lower: mapping } },
        "b:bare": { fields: { password: required() }, from: { upper: mapping } },
      },
    }),
    host,
  );
  upper.answers.user = answer("reader", { expiresAt: host.clock.now() });
  return { upper, host, resolver };
}

Deno.test("a denial stops the walk, although another variable of the same store has expired", async () => {
  const { upper, resolver } = pairResolver();
  upper.answers.password = denied("the token may not read it");
  const { code, message } = await rejection(resolver.resolve("a:pair"));
  assertEquals([code, message], [
    "denied",
    'Cannot resolve "a:pair": "upper" is denied: the token may not read it',
  ]);
});

Deno.test("a store is left alone as long as it asks, although another variable of it has expired", async () => {
  const { upper, host: { clock }, resolver } = pairResolver();
  upper.answers.password = unavailable("the server answered HTTP 429", { retryAfter: 30_000 });
  const { source, degraded, trace } = await resolver.resolve("a:pair");
  assertEquals([source, degraded, trace[0]?.detail], ["lower", true, "the server answered HTTP 429"]);
  await clock.advance(29_000);
  assertEquals((await rejection(resolver.resolve("b:bare"))).trace[0]?.detail, "the server answered HTTP 429");
  assertEquals(upper.asked, ["user", "password"]);
});

Deno.test("a variable that was not given in time is said to be that, although another one has expired", async () => {
  const { upper, host: { clock }, resolver } = pairResolver();
  upper.answers.password = new Promise<never>(() => {});
  const [{ source, trace }] = await Promise.all([resolver.resolve("a:pair"), clock.advance(100)]);
  const detail = "no answer within its timeout of 100 ms";
  assertEquals([source, trace[0]?.detail], ["lower", detail]);
  assertEquals((await rejection(resolver.resolve("b:bare"))).trace[0]?.detail, detail);
  assertEquals(upper.asked, ["user", "password"]);
});

Deno.test("a store whose answers have expired is asked as rarely as in any other outage", async () => {
  const { upper, host: { clock }, resolver } = pairResolver();
  upper.answers.password = "not-a-secret";
  const first = await resolver.resolve("a:pair");
  assertEquals([first.source, first.degraded], ["lower", true]);
  await clock.advance(999);
  assertEquals([await resolver.resolve("a:pair") === first, upper.asked.length], [true, 2]);
  await clock.advance(4_001);
  await resolver.resolve("a:pair");
  assertEquals(upper.asked.length, 4);
});

Deno.test("a clock that goes back lengthens nothing that expires: its store is asked again", async () => {
  const { resolver, store, host: { clock } } = documentResolver(LOGIN, Infinity);
  store.answer = answer(LOGIN, { expiresAt: clock.now() + 60_000 });
  await resolver.resolve("db:basic");
  const asked = store.asked.length;
  clock.jump(clock.now() - 3_600_000);
  await resolver.resolve("db:basic");
  assertEquals(store.asked.length, asked + 1);
  clock.jump(clock.now() + 3_660_000);
  assertEquals(resolver.peek("db:basic"), undefined);
});
