import { assertEquals, assertStrictEquals } from "@std/assert";
import {
  createResolver,
  defineChain,
  denied,
  env,
  memory,
  required,
  token,
  unavailable,
  variables,
} from "../../../mod.ts";
import { scriptedStore, testHost } from "../../../src/testing/mod.ts";
import { rejection } from "../../support/fixtures/rejection.ts";
import { smallChain } from "../../support/fixtures/small_chain.ts";

const KEY = "polaris:rest";
const HOUR = 3_600_000;

function tokenChain() {
  const script = scriptedStore({ shape: token });
  const chain = defineChain({
    stores: { m2m: script.store({ priority: 2 }), env: env({ priority: 1 }) },
    credentials: {
      [KEY]: { fields: { token: required() }, from: { m2m: true, env: { prefix: "POLARIS_" } } },
    },
  });
  const host = testHost();
  const resolver = createResolver(chain, host);
  const generation = async () => (await resolver.resolve(KEY)).generation;
  return { script, host, resolver, generation };
}

Deno.test("a generation counts the values of a key from 1, and each renewed token is the next one", async () => {
  const { script, host, resolver, generation } = tokenChain();
  script.answer = { values: { token: "first" }, expiresIn: 3_600 };
  assertEquals([await generation(), await generation()], [1, 1]);
  script.answer = { values: { token: "second" }, expiresIn: 3_600 };
  resolver.invalidate(KEY);
  assertEquals(await generation(), 2);
  script.answer = { values: { token: "first" }, expiresIn: 3_600 };
  await host.clock.advance(HOUR);
  assertEquals(await generation(), 3);
  assertEquals(resolver.describe().credentials[0]!.held?.generation, 3);
});

Deno.test("equal values keep their generation where only their expiry differs, or whether they are degraded", async () => {
  const { script, host, resolver, generation } = tokenChain();
  const first = async () => {
    script.answer = { values: { token: "same" }, expiresIn: 3_600 };
    return await resolver.resolve(KEY);
  };
  const { expiresAt } = await first();
  await host.clock.advance(HOUR);
  const renewed = await first();
  assertEquals([renewed.expiresAt! - expiresAt!, renewed.generation], [HOUR, 1]);

  script.answer = unavailable("HTTP 503");
  host.env.POLARIS_TOKEN = "same";
  await host.clock.advance(HOUR);
  assertEquals(await generation(), 2, "the same text from another store is another credential");

  const { resolver: outage, host: down } = smallChain(
    {
      upper: scriptedStore({ shape: variables, answer: unavailable("away") }).store({ priority: 2, recheck: 1_000 }),
      env: env({ priority: 1 }),
    },
    { upper: { prefix: "" }, env: { prefix: "DB_" } },
    { env: { DB_USER: "reader" } },
  );
  const degraded = await outage.resolve("db:basic");
  assertEquals([degraded.degraded, degraded.generation], [true, 1]);
  await down.clock.advance(60_000);
  assertEquals((await outage.resolve("db:basic")).generation, 1);
});

Deno.test("a key goes on counting after a walk that failed", async () => {
  const { script, host, generation } = tokenChain();
  script.answer = { values: { token: "first" }, expiresIn: 60 };
  assertEquals(await generation(), 1);
  script.answer = denied("the client was refused");
  await host.clock.advance(HOUR);
  await rejection(generation());
  script.answer = { values: { token: "second" }, expiresIn: 3_600 };
  await host.clock.advance(HOUR);
  assertEquals(await generation(), 2);
});

Deno.test("a caller's default has a generation of its own, and an equal one the same", async () => {
  const { host, resolver } = smallChain({ env: env({ priority: 1 }) }, { env: { prefix: "DB_" } });
  const withDefault = (user: string) => resolver.resolve("db:basic", { default: { user } });
  const first = await withDefault("root");
  assertEquals([first.source, first.generation], ["default", 1]);
  assertEquals((await withDefault("other")).generation, 2);
  assertStrictEquals(await withDefault("root"), first);
  host.env.DB_USER = "reader";
  resolver.invalidate("db:basic");
  assertEquals((await withDefault("root")).generation, 3);
});

Deno.test("an equal default keeps its generation while a store is down, and when it is back", async () => {
  const script = scriptedStore({ shape: variables, answer: unavailable("away") });
  const { host, resolver } = smallChain(
    { upper: script.store({ priority: 1, recheck: 0, onUnavailable: "next" }) },
    { upper: { prefix: "" } },
  );
  const shown = async () => {
    await host.clock.advance(60_000);
    const { degraded, generation } = await resolver.resolve("db:basic", { default: { user: "root" } });
    return [degraded, generation];
  };
  assertEquals(await shown(), [true, 1]);
  script.answer = undefined;
  assertEquals(await shown(), [false, 1]);
});

Deno.test("every key counts by itself, and so does every resolver", async () => {
  const chain = defineChain({
    stores: { memory: memory({ priority: 1, values: { a: "1", b: "2" } }) },
    credentials: {
      "x:a": { fields: { a: required() }, from: { memory: { prefix: "" } } },
      "x:b": { fields: { b: required() }, from: { memory: { prefix: "" } } },
    },
  });
  for (const resolver of [createResolver(chain), createResolver(chain)]) {
    const both = [await resolver.resolve("x:a"), await resolver.resolve("x:b")];
    assertEquals(both.map(({ generation }) => generation), [1, 1]);
  }
});
