import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import {
  createResolver,
  type Credential,
  defineChain,
  denied,
  document,
  env,
  invalid,
  optional,
  required,
  setting,
  unavailable,
  variables,
} from "../../../mod.ts";
import { scriptedStore, testHost } from "../../../src/testing/mod.ts";
import { chance } from "../../support/outages/chance.ts";
import { simulatedClock } from "../../support/outages/simulated_clock.ts";

const SECOND = 1_000;
const NO_ANSWER = /no answer within its timeout of 5000 ms/;

/** Creates a chain with a store of a network, which hangs while a test says so, and the environment below it. */
function setUp() {
  const clock = simulatedClock();
  const consul = scriptedStore({ shape: variables, recheck: 60 * SECOND, local: false });
  const network = { hangs: false, values: { user: "from-consul", other: "from-consul", region: "from-consul" } };
  consul.answer = (name) =>
    network.hangs ? new Promise(() => {}) : Promise.resolve((network.values as Record<string, string>)[name]);
  const host = testHost({
    clock,
    random: chance(7),
    env: { USER_NAME: "from-env", OTHER_NAME: "from-env", SET_USER: "from-env" },
  });
  const named = (name: string, variable: string) => ({
    fields: { user: required() },
    from: { consul: { fields: { user: name } }, env: { fields: { user: variable } } },
  });
  const chain = defineChain({
    stores: { consul: consul.store({ priority: 200 }), env: env({ priority: 100 }) },
    credentials: {
      "a:user": named("user", "USER_NAME"),
      "b:user": named("user", "USER_NAME"),
      "c:other": named("other", "OTHER_NAME"),
      "d:pair": {
        fields: { user: required(), word: optional() },
        from: { consul: { fields: { user: "pair_user", word: "pair_word" } }, env: { fields: { user: "USER_NAME" } } },
      },
      "e:bare": { fields: { user: required() }, from: { consul: { fields: { user: "user" } } } },
    },
  });
  const resolver = createResolver(chain, host);
  type Key = Parameters<typeof resolver.resolve>[0];
  /** Resolves, and returns the source or the error's code, how long it took, and the trace. */
  const ask = async (key: Key) => {
    const began = clock.now();
    let waited: number | undefined;
    const ended = resolver.resolve(key).then(
      ({ source, degraded, trace }: Credential) => ({ got: degraded ? `${source}, degraded` : source, trace }),
      ({ code, trace }) => ({ got: code as string, trace: trace as Credential["trace"] }),
    );
    ended.then(() => waited = clock.now() - began);
    for (await clock.advance(0); waited === undefined; await clock.advance(10));
    return { ...await ended, waited };
  };
  return { clock, consul, network, resolver, ask };
}

Deno.test("a store that hangs makes one credential wait for a name, and no other one within its pause", async () => {
  const { consul, network, ask } = setUp();
  network.hangs = true;
  const first = await ask("a:user");
  assertEquals([first.got, first.waited, consul.asked.length], ["env, degraded", 5 * SECOND, 1]);
  const second = await ask("b:user");
  assertEquals([second.got, second.waited, consul.asked.length], ["env, degraded", 0, 1]);
  assertEquals(second.trace.map(({ store, outcome }) => [store, outcome]), [["consul", "unavailable"], ["env", "hit"]]);
  assertMatch(second.trace[0]!.detail ?? "", NO_ANSWER);
  const bare = await ask("e:bare");
  assertEquals([bare.got, bare.waited, consul.asked.length], ["unavailable", 0, 1]);
  assertMatch(bare.trace[0]!.detail ?? "", NO_ANSWER);
});

Deno.test("a store that hangs is asked for each name by itself, and for two names of one credential within one timeout", async () => {
  const { consul, network, ask } = setUp();
  network.hangs = true;
  await ask("a:user");
  const other = await ask("c:other");
  assert(other.waited <= 5 * SECOND, `Expected at most 5000 ms, found ${other.waited}`);
  const pair = await ask("d:pair");
  assertEquals([pair.got, pair.waited], ["env, degraded", 5 * SECOND]);
  assert(consul.asked.filter((name) => name.startsWith("pair")).length <= 2);
});

Deno.test("a store that hangs for five minutes costs a wait at growing intervals, and is used again soon after", async () => {
  for (const [key, below] of [["a:user", true], ["e:bare", false]] as const) {
    const { clock, network, ask } = setUp();
    network.hangs = true;
    const waits: number[] = [];
    for (let call = 0; call < 300; call++) {
      const { got, waited } = await ask(key);
      assertEquals(got, below ? "env, degraded" : "unavailable");
      waits.push(waited);
      await clock.advance(SECOND);
    }
    assert(Math.max(...waits) <= 5 * SECOND, `Expected nobody to wait longer than 5000 ms, found ${waits}`);
    const waited = waits.filter((wait) => wait > 100).length;
    assert(waited <= 25, `Expected at most 25 calls to wait, found ${waited}: ${waits}`);
    network.hangs = false;
    const back = clock.now();
    while ((await ask(key)).got !== "consul") await clock.advance(SECOND / 2);
    assert(clock.now() - back <= 16 * SECOND, `Expected 15 s at most until it is used, found ${clock.now() - back}`);
  }
});

Deno.test("what a store gave before it hung is used, degraded, and only one call in each pause waits", async () => {
  const { clock, network, resolver, ask } = setUp();
  const before = await resolver.resolve("a:user");
  network.hangs = true;
  await clock.advance(60 * SECOND);
  const waits: number[] = [];
  for (let call = 0; call < 120; call++) {
    const { got, waited } = await ask("a:user");
    assertEquals(got, "consul, degraded");
    waits.push(waited);
    await clock.advance(SECOND);
  }
  assert(waits.filter((wait) => wait > 100).length <= 12, `Expected at most 12 calls to wait, found ${waits}`);
  network.hangs = false;
  await clock.advance(15 * SECOND);
  const after = await ask("a:user");
  assertEquals([after.got, after.waited], ["consul", 0]);
  assertEquals((await resolver.resolve("a:user")).get("user"), before.get("user"));
});

Deno.test("a store that hangs while it is asked for a setting costs no wait in its pause", async () => {
  const clock = simulatedClock();
  const consul = scriptedStore({ shape: variables, answer: () => new Promise<string>(() => {}) });
  const chain = defineChain({
    stores: { env: env({ priority: 200 }), consul: consul.store({ priority: 100 }) },
    credentials: {
      "s3:keys": {
        fields: { user: required(), region: setting({ default: "us-east-1" }) },
        from: { env: { fields: { user: "S3_USER" } }, consul: { fields: { region: "region" } } },
      },
    },
  });
  const resolver = createResolver(chain, testHost({ clock, env: { S3_USER: "fake" } }));
  let waited = 0;
  for (let call = 0; call < 60; call++) {
    const began = clock.now();
    const pending = resolver.resolve("s3:keys");
    let isOver = false;
    pending.then(() => isOver = true);
    for (await clock.advance(0); !isOver; await clock.advance(10));
    const credential = await pending;
    assertEquals([credential.source, credential.degraded, credential.get("region")], ["env", true, "us-east-1"]);
    if (clock.now() - began > 100) waited++;
    await clock.advance(SECOND);
  }
  assert(waited <= 8, `Expected at most 8 of 60 calls to wait, found ${waited}`);
});

Deno.test("a store that refuses at once is no store that hangs: it is asked again by another credential", async () => {
  const { clock, consul, ask } = setUp();
  consul.answer = () => Promise.resolve(undefined);
  await ask("a:user");
  assertEquals((await ask("b:user")).got, "env");
  assertEquals(consul.asked.length, 2);
  await clock.advance(SECOND);
  assertStrictEquals((await ask("c:other")).waited, 0);
});

Deno.test("a lower store's answer from an outage long over is not given to callers that come while the store is asked again", async () => {
  const { clock, network, resolver, ask } = setUp();
  network.hangs = true;
  assertEquals((await ask("a:user")).got, "env, degraded");
  network.hangs = false;
  await clock.advance(3_600 * SECOND);
  const all = await Promise.all([resolver.resolve("a:user"), resolver.resolve("a:user"), resolver.resolve("a:user")]);
  assertEquals(all.map(({ source, degraded }) => [source, degraded]), all.map(() => ["consul", false]));
});

Deno.test("a store of documents that hangs makes no second credential wait that is in the same document", async () => {
  const clock = simulatedClock();
  const vault = scriptedStore({ shape: document, answer: () => new Promise<never>(() => {}) });
  const chain = defineChain({
    stores: { vault: vault.store({ priority: 200 }), env: env({ priority: 100 }) },
    credentials: {
      "a:one": {
        fields: { user: required() },
        from: { vault: { document: "d", fields: { user: "/a/user" } }, env: { prefix: "" } },
      },
      "b:two": {
        fields: { user: required() },
        from: { vault: { document: "d", fields: { user: "/b/user" } }, env: { prefix: "" } },
      },
    },
  });
  const resolver = createResolver(chain, testHost({ clock, env: { USER: "from-env" } }));
  const [first] = await Promise.all([resolver.resolve("a:one"), clock.advance(5 * SECOND)]);
  const began = clock.now();
  const second = await resolver.resolve("b:two");
  assertEquals([first.source, second.source, clock.now() - began, vault.asked.length], ["env", "env", 0, 1]);
});

Deno.test("a store that asks to wait is not asked again before that is over, by any credential, with nothing below it too", async () => {
  for (const later of [true, false]) {
    const clock = simulatedClock();
    const consul = scriptedStore({ shape: variables, recheck: 0 });
    const refusal = unavailable("the server answered HTTP 429", { retryAfter: 60 * SECOND });
    consul.answer = () => later ? Promise.resolve(refusal) : refusal;
    const chain = defineChain({
      stores: { consul: consul.store({ priority: 1 }) },
      credentials: {
        "a:user": { fields: { user: required() }, from: { consul: { prefix: "" } } },
        "b:user": { fields: { user: required() }, from: { consul: { prefix: "" } } },
      },
    });
    const resolver = createResolver(chain, testHost({ clock }));
    for (let call = 0; call < 300; call++) {
      for (const key of ["a:user", "b:user"] as const) {
        const { code } = await resolver.resolve(key).catch((error) => error);
        assertEquals(code, "unavailable");
      }
      await clock.advance(SECOND);
    }
    assertEquals(consul.asked.length, 5);
    consul.answer = () => "u";
    assertEquals((await resolver.resolve("b:user")).get("user"), "u");
  }
});

Deno.test("a store that asks to wait for one variable is not asked for it, whatever is wrong with another one", async () => {
  const refusal = unavailable("the server answered HTTP 429", { retryAfter: 30 * SECOND });
  const others = [denied("sealed"), invalid("is odd"), unavailable("no connection"), new Error("a bug"), undefined];
  for (const other of others) {
    for (const isLast of [true, false]) {
      const clock = simulatedClock();
      const consul = scriptedStore({ shape: variables });
      const [busy, wrong] = isLast ? ["word", "user"] : ["user", "word"];
      consul.answers[busy!] = () => Promise.resolve(refusal);
      consul.answers[wrong!] = () => other instanceof Error ? Promise.reject(other) : other ?? new Promise(() => {});
      const from = { consul: { prefix: "" } };
      const chain = defineChain({
        stores: { consul: consul.store({ priority: 1, timeout: SECOND }) },
        credentials: {
          "a:pair": { fields: { user: required(), word: required() }, from },
          "b:busy": { fields: { it: required() }, from: { consul: { fields: { it: busy! } } } },
        },
      });
      const resolver = createResolver(chain, testHost({ clock }));
      const pair = resolver.resolve("a:pair").catch(() => {});
      await clock.advance(SECOND);
      await pair;
      await clock.advance(28 * SECOND);
      const { code, trace } = await resolver.resolve("b:busy").catch((error) => error);
      assertEquals([code, trace[0].detail], ["unavailable", "the server answered HTTP 429"]);
      assertEquals(consul.asked.filter((name) => name === busy).length, 1);
      await clock.advance(5 * SECOND);
      consul.answers[busy!] = "v";
      assertEquals((await resolver.resolve("b:busy")).get("it"), "v");
    }
  }
});

Deno.test("a store that asks to wait after its time was up is asked again as after any other timeout", async () => {
  const clock = simulatedClock();
  const consul = scriptedStore({ shape: variables });
  let land: ((refusal: ReturnType<typeof unavailable>) => void) | undefined;
  consul.answer = () => new Promise((resolve) => land = resolve);
  const chain = defineChain({
    stores: { consul: consul.store({ priority: 1, timeout: SECOND }) },
    credentials: { "a:user": { fields: { user: required() }, from: { consul: { prefix: "" } } } },
  });
  const resolver = createResolver(chain, testHost({ clock }));
  const first = resolver.resolve("a:user").catch(({ code }) => code);
  await clock.advance(SECOND);
  assertEquals(await first, "unavailable");
  land!(unavailable("the server answered HTTP 429", { retryAfter: 60 * SECOND }));
  consul.answer = "v";
  await clock.advance(5 * SECOND);
  assertEquals((await resolver.resolve("a:user")).get("user"), "v");
});
