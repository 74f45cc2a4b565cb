import { assert, assertEquals, assertNotStrictEquals, assertStrictEquals } from "@std/assert";
import {
  createResolver,
  defineChain,
  denied,
  document,
  env,
  file,
  invalid,
  perCredential,
  required,
  token,
  unavailable,
  variables,
} from "../../../mod.ts";
import type { Context, StandardSchema } from "../../../mod.ts";
import { scriptedStore, testHost, type TestHostOptions } from "../../../src/testing/mod.ts";
import { rejection } from "../../support/fixtures/rejection.ts";
import { LOGIN, smallChain } from "../../support/fixtures/small_chain.ts";

const JSON_FILE = "state/db.json";

/** Creates a resolver of a file above the environment, as in the shipped chain. */
function fileAboveEnv(options: TestHostOptions = {}) {
  const stores = { file: file({ priority: 200, directory: "state" }), env: env({ priority: 100 }) };
  const seed = { DB_USER: "seed", DB_PASSWORD: "seed-pw" };
  return smallChain(stores, { file: "db.json", env: { prefix: "DB_" } }, { fields: LOGIN, env: seed, ...options });
}

function documentOf(user: string): string {
  return JSON.stringify({ user, password: `${user}-pw` });
}

/** Creates a resolver of one scripted store of variables. */
function scripted(recheck?: number) {
  const store = scriptedStore({
    shape: variables,
    answers: { user: "u" },
    ...(recheck === undefined ? {} : { recheck }),
  });
  return { store, ...smallChain({ own: store.store({ priority: 1 }) }, { own: { prefix: "" } }) };
}

Deno.test("until recheck is over, a held credential is the same promise and the same object, and no store is asked", async () => {
  const { store, host, resolver } = scripted(1_000);
  const first = await resolver.resolve("db:basic");
  assertStrictEquals(resolver.resolve("db:basic"), resolver.resolve("db:basic"));
  await host.clock.advance(999);
  assertStrictEquals(await resolver.resolve("db:basic"), first);
  assertEquals(store.asked.length, 1);
  await host.clock.advance(1);
  assertStrictEquals(await resolver.resolve("db:basic"), first);
  assertEquals(store.asked.length, 2);
});

Deno.test("a store without recheck is asked again after five seconds", async () => {
  const { store, host, resolver } = scripted();
  await resolver.resolve("db:basic");
  await host.clock.advance(4_999);
  await resolver.resolve("db:basic");
  assertEquals(store.asked.length, 1);
  await host.clock.advance(1);
  await resolver.resolve("db:basic");
  assertEquals(store.asked.length, 2);
});

Deno.test("a credential from the environment is held until it is invalidated", async () => {
  const { host, resolver } = fileAboveEnv({ files: false });
  const first = await resolver.resolve("db:basic");
  host.env.DB_USER = "other";
  await host.clock.advance(365 * 86_400_000);
  assertStrictEquals(await resolver.resolve("db:basic"), first);
  resolver.invalidate("db:basic");
  assertEquals((await resolver.resolve("db:basic")).get("user"), "other");
});

Deno.test("a new file replaces the environment within a second, and the environment is used again once the file is gone", async () => {
  const { host, resolver } = fileAboveEnv();
  assertEquals((await resolver.resolve("db:basic")).source, "env");
  host.disk[JSON_FILE] = documentOf("minted");
  await host.clock.advance(999);
  assertEquals((await resolver.resolve("db:basic")).source, "env");
  await host.clock.advance(1);
  const minted = await resolver.resolve("db:basic");
  assertEquals([minted.source, minted.get("password")], ["file", "minted-pw"]);
  delete host.disk[JSON_FILE];
  await host.clock.advance(1_000);
  const pending = resolver.resolve("db:basic");
  await host.clock.advance(50);
  assertEquals((await pending).source, "env");
});

Deno.test("a file that is rewritten with the same size is noticed", async () => {
  const { host, resolver } = fileAboveEnv({ files: { [JSON_FILE]: documentOf("aaaa") } });
  const first = await resolver.resolve("db:basic");
  host.disk[JSON_FILE] = documentOf("bbbb");
  await host.clock.advance(1_000);
  const second = await resolver.resolve("db:basic");
  assertEquals([first.get("user"), second.get("user")], ["aaaa", "bbbb"]);
});

Deno.test("a clock that goes back does not make an answer last longer", async () => {
  const { store, host, resolver } = scripted(1_000);
  await resolver.resolve("db:basic");
  host.clock.jump(host.clock.now() - 86_400_000);
  await resolver.resolve("db:basic");
  assertEquals(store.asked.length, 2);
});

Deno.test("a document that is being written is read up to three times more before it is invalid", async () => {
  const whole = documentOf("minted");
  const { host, resolver } = fileAboveEnv({ files: { [JSON_FILE]: whole.slice(0, 9) } });
  const written = resolver.resolve("db:basic");
  await host.clock.advance(149);
  host.disk[JSON_FILE] = whole;
  await host.clock.advance(1);
  assertEquals((await written).get("user"), "minted");

  host.disk[JSON_FILE] = whole.slice(0, 9);
  await host.clock.advance(1_000);
  const cut = rejection(resolver.resolve("db:basic"));
  await host.clock.advance(149);
  assertEquals(host.clock.timers > 0, true);
  await host.clock.advance(1);
  assertEquals((await cut).code, "invalid");
});

Deno.test("a document that is missing for a moment, while it is replaced, is not a miss", async () => {
  const { host, resolver } = fileAboveEnv({ files: { [JSON_FILE]: documentOf("minted") } });
  const first = await resolver.resolve("db:basic");
  delete host.disk[JSON_FILE];
  await host.clock.advance(1_000);
  const pending = resolver.resolve("db:basic");
  host.disk[JSON_FILE] = documentOf("minted");
  await host.clock.advance(50);
  assertStrictEquals(await pending, first);
});

Deno.test("the first resolve of a missing document does not wait for a second look", async () => {
  const { host, resolver } = fileAboveEnv();
  assertEquals((await resolver.resolve("db:basic")).source, "env");
  assertEquals(host.clock.timers, 0);
});

Deno.test("during an outage the held credential is served, degraded, and the store is asked again after one to five seconds", async () => {
  const { store, host, resolver } = scripted(1_000);
  const first = await resolver.resolve("db:basic");
  store.answer = unavailable("no connection");
  await host.clock.advance(1_000);
  const held = await resolver.resolve("db:basic");
  assertEquals([held.get("user"), held.degraded, held.source], ["u", true, "own"]);
  assertEquals(held.trace[0]?.outcome, "hit");
  await host.clock.advance(999);
  await resolver.resolve("db:basic");
  assertEquals(store.asked.length, 2);
  await host.clock.advance(1);
  store.answer = undefined;
  const back = await resolver.resolve("db:basic");
  assertEquals([store.asked.length, back.degraded, back.get("user")], [3, false, first.get("user")]);
  assertEquals(host.events.filter(({ type }) => type === "degraded").length, 1);
});

Deno.test("a degraded answer of a lower store is held for five seconds at most, so that a brief outage has no lasting effect", async () => {
  const upper = scriptedStore({ shape: variables, answer: unavailable("no connection") });
  const { host, resolver } = smallChain(
    { upper: upper.store({ priority: 2, recheck: 3_600_000 }), env: env({ priority: 1 }) },
    { upper: { prefix: "" }, env: { prefix: "DB_" } },
    { env: { DB_USER: "u" }, random: () => 0.9999 },
  );
  assertEquals((await resolver.resolve("db:basic")).degraded, true);
  upper.answer = undefined;
  upper.answers.user = "back";
  await host.clock.advance(5_000);
  const back = await resolver.resolve("db:basic");
  assertEquals([back.get("user"), back.degraded], ["back", false]);
});

Deno.test("denied and invalid answers take effect at once although a credential is held, and are not held themselves", async () => {
  const { store, host, resolver } = scripted(1_000);
  const first = await resolver.resolve("db:basic");
  for (const refusal of [denied("revoked"), invalid("not what was expected")]) {
    store.answer = refusal;
    await host.clock.advance(1_000);
    assertEquals((await rejection(resolver.resolve("db:basic"))).code, refusal.outcome);
    assertEquals(resolver.peek("db:basic"), undefined);
    store.answer = undefined;
    assertStrictEquals(await resolver.resolve("db:basic"), first);
  }
});

Deno.test("a failure is not held: the next call asks again", async () => {
  const { store, resolver } = scripted(60_000);
  store.answer = unavailable("no connection");
  assertEquals((await rejection(resolver.resolve("db:basic"))).code, "unavailable");
  store.answer = undefined;
  assertEquals((await resolver.resolve("db:basic")).get("user"), "u");
});

Deno.test("peek() returns the held credential without asking a store, and undefined before the first resolve", async () => {
  const { store, resolver } = scripted();
  assertEquals(resolver.peek("db:basic"), undefined);
  assertEquals(store.asked.length, 0);
  const credential = await resolver.resolve("db:basic");
  assertStrictEquals(resolver.peek("db:basic"), credential);
  assertEquals(store.asked.length, 1);
});

Deno.test("each change is reported to a listener once, and none after it was disposed of, although another listener throws", async () => {
  const { host, resolver } = fileAboveEnv();
  const users: string[] = [];
  using _failing = resolver.onChange("db:basic", () => {
    throw new Error("a bug in a listener");
  });
  const listener = resolver.onChange("db:basic", (credential) => users.push(credential.get("user")));
  await resolver.resolve("db:basic");
  assertEquals(users, []);
  host.disk[JSON_FILE] = documentOf("minted");
  await host.clock.advance(1_000);
  await resolver.resolve("db:basic");
  await resolver.resolve("db:basic");
  assertEquals(users, ["minted"]);
  listener[Symbol.dispose]();
  host.disk[JSON_FILE] = documentOf("again");
  await host.clock.advance(1_000);
  assertEquals((await resolver.resolve("db:basic")).get("user"), "again");
  assertEquals(users, ["minted"]);
});

Deno.test("perCredential() builds a new client if the credential has changed, and only then", async () => {
  const { host, resolver } = fileAboveEnv();
  let built = 0;
  const client = perCredential(resolver, "db:basic", (credential) => ({ user: credential.get("user"), at: ++built }));
  const first = await client();
  await host.clock.advance(10_000);
  assertStrictEquals(await client(), first);
  host.disk[JSON_FILE] = documentOf("minted");
  await host.clock.advance(1_000);
  const second = await client();
  assertEquals([second.user, built], ["minted", 2]);
  assertNotStrictEquals(first, second);
});

Deno.test("a store gets the current credential that it needs, and fails as that credential does", async () => {
  const host = testHost();
  const client = scriptedStore({ shape: variables, answers: { id: "id-1" }, recheck: 1_000 });
  const store = scriptedStore({
    shape: document,
    needs: ["client"],
    recheck: 60_000,
    answer: async (_, { need }) => ({ user: `for ${(await need("client")).get("id")}` }),
  });
  const chain = defineChain({
    stores: { client: client.store({ priority: 1 }), own: store.store({ priority: 2, client: "own:client" }) },
    credentials: {
      "own:client": { fields: { id: required() }, from: { client: { prefix: "" } } },
      "db:basic": { fields: { user: required() }, from: { own: "db.json" } },
    },
  });
  const resolver = createResolver(chain, host);
  assertEquals((await resolver.resolve("db:basic")).get("user"), "for id-1");
  client.answers.id = "id-2";
  await host.clock.advance(1_000);
  assertEquals((await resolver.resolve("db:basic")).get("user"), "for id-2");

  const other = createResolver(chain, host);
  for (
    const [answer, code] of [[denied("d"), "denied"], [unavailable("u"), "unavailable"], [
      invalid("i"),
      "invalid",
    ]] as const
  ) {
    client.answer = answer;
    assertEquals((await rejection(other.resolve("db:basic"))).code, code);
  }
  client.answer = undefined;
  delete client.answers.id;
  const { code, message } = await rejection(other.resolve("db:basic"));
  assertEquals(code, "invalid");
  assert(message.endsWith('"own" is invalid: needs "own:client": no store has it: supply id in "client"'), message);
});

Deno.test("what a store obtains with a degraded credential is degraded, until that credential is not", async () => {
  const best = scriptedStore({ shape: variables, answer: unavailable("u") });
  const seed = scriptedStore({ shape: variables, answers: { id: "seed" } });
  const server = {
    needs: ["client"],
    answer: async (_: unknown, { need }: Context<"client">) => (await need("client")).get("id"),
  } as const;
  const tokens = scriptedStore({
    ...server,
    shape: token,
    answer: async (...asked) => ({ values: { user: await server.answer(...asked) } }),
  });
  const documents = scriptedStore({
    ...server,
    shape: document,
    answer: async (...asked) => ({ user: await server.answer(...asked) }),
  });
  const chain = defineChain({
    stores: {
      tokens: tokens.store({ priority: 4, client: "own:client" }),
      documents: documents.store({ priority: 3, client: "own:client", recheck: 60_000 }),
      best: best.store({ priority: 2 }),
      seed: seed.store({ priority: 1 }),
    },
    credentials: {
      "own:client": { fields: { id: required() }, from: { best: { prefix: "" }, seed: { prefix: "" } } },
      "db:token": { fields: { user: required() }, from: { tokens: true } },
      "db:basic": { fields: { user: required() }, from: { documents: "db.json" } },
    },
  });
  const host = testHost();
  const resolver = createResolver(chain, host);
  for (const key of ["db:token", "db:basic"] as const) {
    const credential = await resolver.resolve(key);
    assertEquals([credential.get("user"), credential.degraded], ["seed", true]);
  }
  best.answer = "best";
  await host.clock.advance(5_000);
  for (const key of ["db:token", "db:basic"] as const) {
    const credential = await resolver.resolve(key);
    assertEquals([credential.get("user"), credential.degraded], ["best", false]);
  }
});

Deno.test("a look-up that awaits a needed credential late leaves no unhandled rejection if the need fails", async () => {
  const client = scriptedStore({ shape: variables, answer: denied("sealed") });
  const store = scriptedStore({
    shape: document,
    needs: ["client"],
    answer: async (_, { need }) => {
      const pending = need("client");
      await new Promise((resolve) => setTimeout(resolve, 1));
      return { user: (await pending).get("id") };
    },
  });
  const chain = defineChain({
    stores: { client: client.store({ priority: 1 }), own: store.store({ priority: 2, client: "own:client" }) },
    credentials: {
      "own:client": { fields: { id: required() }, from: { client: { prefix: "" } } },
      "db:basic": { fields: { user: required() }, from: { own: "db.json" } },
    },
  });
  assertEquals((await rejection(createResolver(chain, testHost()).resolve("db:basic"))).code, "denied");
});

Deno.test("values that cannot be compared as plain data make a new credential each time", async () => {
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  const deep = JSON.parse("[".repeat(10_000) + "]".repeat(10_000));
  const schema: StandardSchema<unknown> = {
    "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) },
  };
  for (const make of [() => ({ key: 1n }), () => ({ ...circle }), () => [deep], () => new Set(["a"])]) {
    const store = scriptedStore({ shape: document, later: true, answer: () => ({ user: make() }) });
    const stores = { own: store.store({ priority: 1, recheck: 1_000 }) };
    const { host, resolver } = smallChain(stores, { own: "db.json" }, { fields: { user: required(schema) } });
    for (let round = 0; round < 3; round++) {
      assertEquals((await resolver.resolve("db:basic")).source, "own");
      await host.clock.advance(1_000);
    }
  }
});
