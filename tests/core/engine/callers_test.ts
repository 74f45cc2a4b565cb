import { assertEquals, assertNotStrictEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import {
  ChainError,
  createResolver,
  CredentialError,
  defineChain,
  document,
  getResolver,
  memory,
  required,
  resetResolver,
  unavailable,
  variables,
} from "../../../mod.ts";
import { scriptedStore, testHost } from "../../../src/testing/mod.ts";
import { rejection } from "../../support/fixtures/rejection.ts";
import { slowStore } from "../../support/fixtures/slow_store.ts";
import { smallChain } from "../../support/fixtures/small_chain.ts";

/** Creates a resolver of two credentials of a store whose look-ups a test answers. */
function setUp() {
  const { store, waiting } = slowStore();
  const chain = defineChain({
    stores: { own: store.store({ priority: 100 }) },
    credentials: {
      "db:basic": { fields: { user: required() }, from: { own: { fields: { user: "user" } } } },
      "db:other": { fields: { user: required() }, from: { own: { fields: { user: "other" } } } },
    },
  });
  const host = testHost();
  return { chain, host, store, waiting, resolver: createResolver(chain, host) };
}

Deno.test("if one of ten callers that share a flight aborts, the other nine still get the answer", async () => {
  const { resolver, store, waiting } = setUp();
  const controller = new AbortController();
  const reason = new Error("gave up");
  const first = resolver.resolve("db:basic", { signal: controller.signal }).catch((error) => error);
  const others = Array.from({ length: 9 }, () => resolver.resolve("db:basic"));
  controller.abort(reason);
  assertStrictEquals(await first, reason);
  waiting[0]!("u");
  const credentials = await Promise.all(others);
  for (const credential of credentials) assertStrictEquals(credential, credentials[0]);
  assertEquals([credentials[0]!.get("user"), store.asked.length], ["u", 1]);
});

Deno.test("a call with an aborted signal rejects with its reason and asks no store", async () => {
  const { resolver, store } = setUp();
  const reason = new Error("gave up");
  const given = await resolver.resolve("db:basic", { signal: AbortSignal.abort(reason) }).catch((error) => error);
  assertStrictEquals(given, reason);
  assertEquals(store.asked.length, 0);
});

Deno.test("a thousand aborted calls leave no timer and no unhandled rejection behind", async () => {
  const { resolver, host, waiting } = setUp();
  const patient = resolver.resolve("db:basic");
  const before = host.clock.timers;
  const aborted = Array.from({ length: 1_000 }, () => {
    const controller = new AbortController();
    const call = resolver.resolve("db:basic", { signal: controller.signal });
    controller.abort();
    return call.then(() => "resolved", ({ name }) => name);
  });
  assertEquals(new Set(await Promise.all(aborted)), new Set(["AbortError"]));
  assertEquals(host.clock.timers, before);
  waiting[0]!("u");
  await patient;
  assertEquals(host.clock.timers, 0);
});

Deno.test("two callers that share a flight each get their own default", async () => {
  const store = scriptedStore({ shape: variables, later: true });
  const { resolver } = smallChain({ own: store.store({ priority: 100 }) }, { own: { prefix: "" } });
  const [one, two, none, found] = await Promise.allSettled([
    resolver.resolve("db:basic", { default: { user: "one" } }),
    resolver.resolve("db:basic", { default: { user: "two" } }),
    resolver.resolve("db:basic"),
    resolver.find("db:basic"),
  ]);
  assertEquals(one.status === "fulfilled" && one.value.get("user"), "one");
  assertEquals(two.status === "fulfilled" && two.value.get("user"), "two");
  assertEquals(none.status === "rejected" && none.reason.code, "not_found");
  assertEquals(found.status === "fulfilled" && found.value, undefined);
  assertEquals(store.asked.length, 1);
});

Deno.test("a credential that is invalidated during its walk is resolved again, and the old answer is not held", async () => {
  const { resolver, host, waiting } = setUp();
  const early = resolver.resolve("db:basic");
  resolver.invalidate("db:basic");
  const late = resolver.resolve("db:basic");
  assertEquals(waiting.length, 2);
  waiting[1]!("new");
  assertEquals((await late).get("user"), "new");
  waiting[0]!("old");
  await host.clock.advance(0);
  for (const answer of waiting.slice(2)) answer("new");
  assertEquals((await early).get("user"), "new");
  assertEquals((await resolver.resolve("db:basic")).get("user"), "new");
});

Deno.test("invalidate() with an older credential does nothing, and repeated calls with the held one renew it once", async () => {
  const store = scriptedStore({ shape: variables, answers: { user: "one" } });
  const { resolver } = smallChain({ own: store.store({ priority: 100, recheck: 60_000 }) }, { own: { prefix: "" } });
  const first = await resolver.resolve("db:basic");
  store.answers.user = "two";
  for (let call = 0; call < 1_000; call++) resolver.invalidate(first);
  const second = await resolver.resolve("db:basic");
  assertEquals([second.get("user"), store.asked.length], ["two", 2]);
  resolver.invalidate(first);
  assertStrictEquals(await resolver.resolve("db:basic"), second);
  assertEquals(store.asked.length, 2);
});

Deno.test("a store that is installed during a walk takes part in it, and walks of other credentials go on undisturbed", async () => {
  const { resolver, host, store, waiting } = setUp();
  const early = resolver.resolve("db:basic");
  const other = resolver.resolve("db:other");
  const installed = resolver.install("minted", memory({ priority: 500, values: { user: "minted" } }), {
    "db:basic": { prefix: "" },
  });
  assertEquals((await resolver.resolve("db:basic")).source, "minted");
  for (const answer of waiting) answer("old");
  await host.clock.advance(0);
  assertEquals((await early).source, "minted");
  assertEquals((await other).get("user"), "old");
  assertEquals(store.asked, ["user", "other"]);

  const listed = () => resolver.describe().stores.map(({ name, installed }) => [name, installed]);
  assertEquals(listed(), [["minted", true], ["own", undefined]]);
  installed[Symbol.dispose]();
  installed[Symbol.dispose]();
  assertEquals(listed(), [["own", undefined]]);
  const back = resolver.resolve("db:basic");
  waiting.at(-1)!("back");
  assertEquals((await back).source, "own");
});

Deno.test("an installed store is asked at its own priority, and not at all if it is disabled", async () => {
  const store = scriptedStore({ shape: variables, answers: { user: "own" } });
  const { resolver } = smallChain({ own: store.store({ priority: 100 }) }, { own: { prefix: "" } });
  using _below = resolver.install("below", memory({ priority: 50, values: { user: "below" } }), {
    "db:basic": { prefix: "" },
  });
  using _off = resolver.install("off", memory({ priority: 500, enabled: false, values: { user: "off" } }), {
    "db:basic": { prefix: "" },
  });
  const credential = await resolver.resolve("db:basic");
  assertEquals([credential.source, credential.trace[0]?.outcome], ["own", "off"]);
});

Deno.test("install() refuses a name or a priority that is taken, and an unknown credential", () => {
  const { resolver } = setUp();
  const from = { "db:basic": { prefix: "" } };
  const refused = (name: string, priority: number, mapped: object = from) =>
    assertThrows(() => resolver.install(name, memory({ priority }), mapped as typeof from), ChainError).message;
  assertEquals(refused("own", 7), 'install("own"): The chain already has a store with this name: choose another name');
  assertEquals(
    refused("new", 100),
    'stores.new.priority: Stores "own" and "new" both have 100: expected different priorities',
  );
  assertEquals(
    refused("new", 7, { "no:such": { prefix: "" } }),
    'install("new").from["no:such"]: Cannot find a credential "no:such": the credentials are db:basic, db:other',
  );
  assertEquals(resolver.describe().stores.length, 1);
});

Deno.test('calls of a disposed resolver fail with "closed", and a call that was waiting ends', async () => {
  const { resolver, waiting } = setUp();
  const early = resolver.install("early", memory({ priority: 8 }), { "db:basic": { prefix: "" } });
  const pending = resolver.resolve("db:basic").then(() => "resolved", ({ code }) => code);
  await resolver[Symbol.asyncDispose]();
  for (const answer of waiting) answer("u");
  assertEquals(["resolved", "closed"].includes(await pending), true);
  assertEquals((await rejection(resolver.resolve("db:basic"))).code, "closed");
  assertEquals((await rejection(resolver.find("db:basic"))).code, "closed");
  assertEquals(resolver.peek("db:basic"), undefined);
  assertThrows(() => resolver.onChange("db:basic", () => {}), CredentialError, "disposed");
  const store = memory({ priority: 9, values: { user: "u" } });
  assertThrows(() => resolver.install("late", store, { "db:basic": { prefix: "" } }), CredentialError, "disposed");
  early[Symbol.dispose]();
  assertEquals((await rejection(resolver.resolve("db:basic"))).code, "closed");
  assertEquals(resolver.describe().credentials.map(({ key, held }) => [key, held]), [
    ["db:basic", undefined],
    ["db:other", undefined],
  ]);
});

Deno.test("a look-up that needs a credential after the resolver was disposed of fails, and the error names the reason", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const store = scriptedStore({
    shape: document,
    needs: ["client"],
    answer: async (_, { need }) => {
      await promise;
      return { user: (await need("client")).get("id") };
    },
  });
  const chain = defineChain({
    stores: {
      own: store.store({ priority: 2, client: "own:client" }),
      seed: memory({ priority: 1, values: { id: "seed", user: "seed" } }),
    },
    credentials: {
      "own:client": { fields: { id: required() }, from: { seed: { prefix: "" } } },
      "db:basic": { fields: { user: required() }, from: { own: "db.json", seed: { prefix: "" } } },
    },
  });
  const resolver = createResolver(chain, testHost());
  const pending = rejection(resolver.resolve("db:basic"));
  await resolver[Symbol.asyncDispose]();
  resolve();
  assertEquals(
    (await pending).message,
    'Cannot resolve "db:basic": "own" is invalid: the resolver is disposed: create another',
  );
});

Deno.test("a log function that throws does not fail a resolve", async () => {
  const { chain, waiting } = setUp();
  const log = () => {
    throw new Error("the log is full");
  };
  const resolver = createResolver(chain, { ...testHost(), log });
  const failed = rejection(resolver.resolve("db:basic"));
  waiting[0]!("");
  assertEquals((await failed).code, "not_found");
  const first = resolver.resolve("db:basic");
  waiting[1]!("one");
  await first;
  resolver.invalidate("db:basic");
  const second = resolver.resolve("db:basic");
  waiting[2]!("two");
  assertEquals((await second).get("user"), "two");
  assertEquals((await resolver.resolve("db:basic")).get("user"), "two");
});

Deno.test("the error for an unknown key lists the chain's keys", async () => {
  const { resolver } = setUp();
  for (const ask of [resolver.resolve("no:such" as "db:basic"), resolver.find("no:such" as "db:basic")]) {
    const { code, message } = await rejection(ask);
    assertEquals(code, "unknown_key");
    assertEquals(
      message,
      'Cannot resolve "no:such": the chain has no such credential: the credentials are db:basic, db:other',
    );
  }
});

Deno.test("getResolver() says which parts of another host it does not use", () => {
  const chain = defineChain({
    stores: { memory: memory({ priority: 1 }) },
    credentials: { "a:b": { fields: { key: required() }, from: { memory: { prefix: "" } } } },
  });
  const [first, second] = [testHost(), testHost()];
  const { env } = first;
  getResolver(chain, first);
  getResolver(chain, first);
  getResolver(chain);
  getResolver(chain, { env });
  getResolver(chain, { env: {}, files: first.files, clock: first.clock });
  assertEquals(first.events, []);
  getResolver(chain, second);
  const ignored = { type: "ignored", detail: "getResolver uses the files and clock of its first call" } as const;
  assertEquals([first.events, second.events], [[ignored], [ignored]]);
  getResolver(chain, { files: false });
  assertEquals(first.events.at(-1), { type: "ignored", detail: "getResolver uses the files of its first call" });
  resetResolver(chain);
  getResolver(chain, second);
  assertEquals(second.events.length, 1);
});

Deno.test("getResolver() returns one resolver for each chain, with the first host, until resetResolver()", async () => {
  const store = scriptedStore({ shape: variables, answers: { user: "u" } });
  const { chain } = smallChain({ own: store.store({ priority: 100 }) }, { own: { prefix: "" } });
  const first = getResolver(chain, testHost());
  assertStrictEquals(getResolver(chain), first);
  await first.resolve("db:basic");
  resetResolver(chain);
  const second = getResolver(chain, testHost());
  assertNotStrictEquals(second, first);
  resetResolver();
  assertNotStrictEquals(getResolver(chain, testHost()), second);
});

Deno.test("resolve() gives a promise in every case, also where the host or what it is given is broken", async () => {
  const broken = () => {
    throw new TypeError("its own");
  };
  const upper = scriptedStore({ shape: variables });
  upper.answer = unavailable("HTTP 503");
  const { resolver } = smallChain(
    { upper: upper.store({ priority: 2 }), memory: memory({ priority: 1, values: { user: "u" } }) },
    { upper: { prefix: "" }, memory: { prefix: "" } },
    { random: broken },
  );
  await assertRejects(() => resolver.resolve("db:basic"), TypeError, "its own");
  await assertRejects(() => resolver.resolve(Symbol("db") as never), TypeError);
  const { resolver: sound } = setUp();
  await assertRejects(() => sound.resolve("db:basic", null as never), TypeError);
});

Deno.test("a budget that is not a number of milliseconds is refused in words, and not taken for one that is over", async () => {
  const { resolver } = setUp();
  for (const budget of [NaN, -1]) {
    const error = await resolver.resolve("db:basic", { budget }).catch((error) => error);
    assertEquals([error.name, error.message], ["TypeError", "Expected a budget of 0 or more milliseconds"]);
  }
});

Deno.test("the log and the chance of a host may be methods that use their host", async () => {
  class OwnHost {
    readonly events: string[] = [];
    readonly env = { A_USER: "u" };
    random() {
      return this.events.length * 0;
    }
    log({ type }: { readonly type: string }) {
      this.events.push(type);
    }
  }
  const host = new OwnHost();
  const { store } = slowStore();
  const chain = defineChain({
    stores: {
      own: store.store({ priority: 2, enabled: false }),
      memory: memory({ priority: 1, values: { user: "u" } }),
    },
    credentials: {
      "db:basic": { fields: { user: required() }, from: { own: { prefix: "" }, memory: { prefix: "" } } },
    },
  });
  await createResolver(chain, host).resolve("db:basic");
  assertEquals(host.events, ["walk"]);
});
