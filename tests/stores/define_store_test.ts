import { assertEquals, assertNotStrictEquals, assertStrictEquals } from "@std/assert";
import {
  createResolver,
  defineChain,
  defineStore,
  fromEnv,
  invalid,
  required,
  unavailable,
  variables,
} from "../../mod.ts";
import { testHost } from "../../src/testing/mod.ts";
import { rejection } from "../support/fixtures/rejection.ts";

const FIELDS = { user: required(), password: required() };

Deno.test("a store is opened once, when it is first asked, with its options read and everything ambient", async () => {
  const opened: unknown[] = [];
  const own = defineStore({
    kind: "own",
    shape: variables,
    open: (options: { url: string; region?: string }, { variable, clock, random, declared }) => {
      opened.push([options.url, options.region, variable("OTHER"), clock.now(), random(), declared]);
      return (name) => name;
    },
  });
  const chain = defineChain({
    stores: { own: own({ priority: 1, url: fromEnv("OWN_URL"), region: fromEnv("OWN_REGION", "here") }) },
    credentials: { "db:basic": { fields: FIELDS, from: { own: { prefix: "" } } } },
  });
  const host = testHost({ env: { OWN_URL: "https://own.example", OTHER: "other" } });
  const resolver = createResolver(chain, host);
  assertEquals(opened, []);
  await resolver.resolve("db:basic");
  resolver.invalidate("db:basic");
  await resolver.resolve("db:basic");
  const declared = { url: "$OWN_URL", region: "here" };
  assertEquals(opened, [["https://own.example", "here", "other", host.clock.now(), 0, declared]]);
});

Deno.test("a store that can not be opened says so: off, refused or a bug", async () => {
  const cases = [
    [() => undefined, "off", "not possible on this runtime"],
    [() => invalid("Expected a region"), "invalid", "Expected a region"],
    [() => unavailable("not yet"), "invalid", "not yet"],
    [
      () => {
        throw new Error("hunter2");
      },
      "invalid",
      "opening it threw, which is a bug in the store",
    ],
  ] as const;
  for (const [open, state, reason] of cases) {
    const own = defineStore({ kind: "own", shape: variables, open });
    const chain = defineChain({
      stores: { own: own({ priority: 1 }) },
      credentials: { "db:basic": { fields: FIELDS, from: { own: { prefix: "" } } } },
    });
    const resolver = createResolver(chain, testHost());
    const [store] = resolver.describe().stores;
    assertEquals([store?.state, store?.reason], [state, reason]);
    if (state === "off") assertEquals(await resolver.find("db:basic"), undefined);
    else assertEquals((await rejection(resolver.resolve("db:basic"))).trace[0]?.detail, reason);
  }
});

Deno.test("one reading of one credential has one context, so that a store can read its place once", async () => {
  const contexts: object[] = [];
  const own = defineStore({
    kind: "own",
    shape: variables,
    recheck: 0,
    open: () => (name, context) => {
      contexts.push(context);
      return name;
    },
  });
  const chain = defineChain({
    stores: { own: own({ priority: 1 }) },
    credentials: { "db:basic": { fields: FIELDS, from: { own: { prefix: "" } } } },
  });
  const resolver = createResolver(chain, testHost());
  await resolver.resolve("db:basic");
  await resolver.resolve("db:basic");
  assertEquals(contexts.length, 4);
  assertStrictEquals(contexts[0], contexts[1]);
  assertNotStrictEquals(contexts[1], contexts[2]);
});
