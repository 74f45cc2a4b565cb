import {
  assertEquals,
  assertNotStrictEquals,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { ChainError, defineStore, fromEnv, invalid, memory, runtimeFiles, unavailable, variables } from "../../mod.ts";
import { lint } from "../../src/report/mod.ts";
import { rejection } from "../support/fixtures/rejection.ts";
import { LOGIN, smallChain } from "../support/fixtures/small_chain.ts";

Deno.test("a store is opened once, when it is first asked, with its options' values and its surroundings", async () => {
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

Deno.test("a store that cannot be opened is off or invalid, and describe() says why", async () => {
  const cases = [
    [() => undefined, "off", "this runtime lacks what it needs"],
    [() => invalid("Expected a region"), "invalid", "Expected a region"],
    [() => unavailable("not yet"), "invalid", "not yet"],
    [
      () => {
        throw new Error("hunter2");
      },
      "invalid",
      "its open() threw: fix the store's code",
    ],
    [
      (() => Promise.reject(new Error("hunter2"))) as never,
      "invalid",
      "its open() returned a promise, not a look-up: fix the store's code",
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

Deno.test("a store that is off says why in its own words, where the runtime is not what it lacks", async () => {
  const off = "this is not a job";
  const own = defineStore({ kind: "own", shape: variables, off, open: () => undefined });
  const { resolver } = smallChain({ own: own({ priority: 1 }) }, { own: { prefix: "" } }, { fields: LOGIN });
  assertEquals(resolver.describe().stores.map(({ state, reason }) => [state, reason]), [["off", off]]);
  assertStringIncludes((await rejection(resolver.resolve("db:basic"))).message, `"own" is off: ${off}`);
});

Deno.test("the fields of one credential are read with one context, so that a store can read its source once", async () => {
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

Deno.test("a store gets no files of a host without files, even if the host has asynchronous ones", () => {
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

Deno.test("a spec may be an object of a class, and the same spec twice is the same kind of store", async () => {
  class Spec {
    readonly kind = "own";
    readonly shape = variables;
    open() {
      return () => "value";
    }
  }
  const spec = new Spec();
  const stores = { upper: defineStore(spec)({ priority: 2 }), lower: defineStore(spec)({ priority: 1 }) };
  const { chain, resolver } = smallChain(stores, { upper: { prefix: "" }, lower: { prefix: "" } });
  assertEquals((await resolver.resolve("db:basic")).get("user"), "value");
  assertEquals(lint(chain).map(({ rule, path }) => [rule, path]), [["shadowed", 'credentials["db:basic"].from.lower']]);
});

Deno.test("a store of one's own that reads files looks again for what was there, and says what follows a part of an identity", async () => {
  const lines = defineStore({
    kind: "lines",
    shape: variables,
    recheck: 1_000,
    local: true,
    readsFiles: true,
    onIncomplete: "stop",
    uses: [runtimeFiles],
    open: (_: object, { files }) => files && ((name) => files.text(`lines/${name}`)),
  });
  const stores = {
    lines: lines({ priority: 2 }),
    memory: memory({ priority: 1, values: { user: "seed", password: "seed" } }),
  };
  const from = { lines: { prefix: "" }, memory: { prefix: "" } };
  const files: Record<string, string> = { "lines/user": "u", "lines/password": "p" };
  const { host, resolver } = smallChain(stores, from, { fields: LOGIN, files });
  const first = await resolver.resolve("db:basic");
  for (const name of Object.keys(files)) delete host.disk[name];
  await host.clock.advance(1_000);
  const pending = resolver.resolve("db:basic");
  Object.assign(host.disk, { "lines/user": "u", "lines/password": "p" });
  await host.clock.advance(50);
  assertStrictEquals(await pending, first);
  delete host.disk["lines/user"];
  await host.clock.advance(1_000);
  const failing = rejection(resolver.resolve("db:basic"));
  await host.clock.advance(150);
  assertEquals((await failing).code, "incomplete");
});

Deno.test("a part of the runtime that throws makes its store invalid, and not a resolve that throws", async () => {
  const uses = [() => {
    throw new Error("hunter2");
  }];
  const own = defineStore({ kind: "own", shape: variables, uses, open: () => () => "u" });
  const { resolver } = smallChain({ own: own({ priority: 1 }) }, { own: { prefix: "" } });
  assertEquals(
    (await rejection(resolver.resolve("db:basic"))).trace[0]?.detail,
    "its open() threw: fix the store's code",
  );
});

Deno.test("a time or a policy that is a reference is a ChainError, since only texts are read from variables", () => {
  const own = defineStore({ kind: "own", shape: variables, open: () => () => "u" });
  for (const option of ["recheck", "timeout", "onDenied", "onInvalid"]) {
    const stores = { own: own({ priority: 1, [option]: fromEnv("T") } as never) };
    assertThrows(
      () => smallChain(stores, { own: { prefix: "" } }),
      ChainError,
      `stores.own.${option}: Expected a ${option.startsWith("on") ? "string" : "number"}`,
    );
  }
});
