import { assertEquals, assertNotStrictEquals, assertStrictEquals } from "@std/assert";
import { defineStore, fromEnv, invalid, unavailable, variables } from "../../mod.ts";
import { rejection } from "../support/fixtures/rejection.ts";
import { LOGIN, smallChain } from "../support/fixtures/small_chain.ts";

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
  const { host, resolver } = smallChain(
    { own: own({ priority: 1, url: fromEnv("OWN_URL"), region: fromEnv("OWN_REGION", "here") }) },
    { own: { prefix: "" } },
    { fields: LOGIN, env: { OWN_URL: "https://own.example", OTHER: "other" } },
  );
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
    const { resolver } = smallChain({ own: own({ priority: 1 }) }, { own: { prefix: "" } }, { fields: LOGIN });
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
  const { resolver } = smallChain({ own: own({ priority: 1 }) }, { own: { prefix: "" } }, { fields: LOGIN });
  await resolver.resolve("db:basic");
  await resolver.resolve("db:basic");
  assertEquals(contexts.length, 4);
  assertStrictEquals(contexts[0], contexts[1]);
  assertNotStrictEquals(contexts[1], contexts[2]);
});

Deno.test("a store gets no files of a host that has none, also where a way to read them later is given", () => {
  const opened: unknown[] = [];
  const own = defineStore({
    kind: "own",
    shape: variables,
    open: (_, { files, asyncFiles }) => {
      opened.push(files, asyncFiles);
      return undefined;
    },
  });
  const { resolver } = smallChain({ own: own({ priority: 1 }) }, { own: { prefix: "" } }, { files: false });
  resolver.describe();
  assertEquals(opened, [undefined, undefined]);
});
