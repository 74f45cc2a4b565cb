import { assertEquals, assertStrictEquals } from "@std/assert";
import { createResolver, env, type LogEvent } from "../../../mod.ts";
import { ambientOf } from "../../../src/core/engine/internals.ts";
import { observe } from "../../../src/core/engine/observe.ts";
import { changingCredential, reported, unhandledRejections } from "../../support/fixtures/changing_credential.ts";
import { smallChain } from "../../support/fixtures/small_chain.ts";

const KEY = "db:basic";

function types(events: readonly LogEvent[]): readonly string[] {
  return events.map(({ type }) => type);
}

/** Creates a resolver without a log of its own. */
function quietResolver() {
  const { chain, host } = smallChain({ env: env({ priority: 1 }) }, { env: { prefix: "DB_" } }, {
    env: { DB_USER: "reader" },
  });
  const { log: _, ...quiet } = host;
  return createResolver(chain, quiet);
}

Deno.test("a resolver that exists is observed from now on, besides the log of its host, until that is ended", async () => {
  const logged: LogEvent[] = [];
  const seen: LogEvent[] = [];
  const { resolver, rotate } = changingCredential((event) => logged.push(event));
  await resolver.resolve(KEY);
  const observer = observe(resolver, (event) => seen.push(event));
  rotate("two");
  await resolver.resolve(KEY);
  assertEquals(types(seen), ["walk", "changed"]);
  assertEquals(types(logged), ["walk", "walk", "changed"]);
  observer[Symbol.dispose]();
  rotate("three");
  await resolver.resolve(KEY);
  assertEquals([seen.length, logged.length], [2, 5]);
});

Deno.test("a function that is added twice is called twice, and ending one of them ends one", async () => {
  const resolver = quietResolver();
  const seen: LogEvent[] = [];
  const add = () => observe(resolver, (event) => seen.push(event));
  const [first, second] = [add(), add()];
  await resolver.resolve(KEY);
  assertEquals(types(seen), ["walk", "walk"]);
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  resolver.invalidate(KEY);
  await resolver.resolve(KEY);
  assertEquals(types(seen), ["walk", "walk", "walk"]);
  second[Symbol.dispose]();
  assertEquals(ambientOf(resolver).log, undefined, "nobody listens, so that no event is created");
  resolver.invalidate(KEY);
  await resolver.resolve(KEY);
  assertEquals(seen.length, 3);
  observe(resolver, (event) => seen.push(event));
  resolver.invalidate(KEY);
  await resolver.resolve(KEY);
  assertEquals(seen.length, 4);
});

Deno.test("what one observer throws or rejects with reaches neither the others, nor the log, nor the caller", async () => {
  using rejections = unhandledRejections();
  const logged: LogEvent[] = [];
  const seen: LogEvent[] = [];
  const { resolver } = changingCredential((event) => {
    logged.push(event);
    throw new Error("the log fails");
  });
  using _throwing = observe(resolver, () => {
    throw new Error("the observer fails");
  });
  using _rejecting = observe(resolver, () => Promise.reject(new Error("the observer rejects")) as unknown as void);
  using _last = observe(resolver, (event) => seen.push(event));
  assertEquals((await resolver.resolve(KEY)).get("user"), "one");
  assertEquals([types(logged), types(seen)], [["walk"], ["walk"]]);
  await reported();
  assertEquals(rejections.reasons, []);
});

Deno.test("what an observer does with the resolver before it waits is told to no observer, so that there is an end", async () => {
  const logged: LogEvent[] = [];
  const seen: LogEvent[] = [];
  const { resolver } = changingCredential((event) => logged.push(event));
  const using = (event: LogEvent) => {
    seen.push(event);
    resolver.invalidate(KEY);
    void resolver.resolve(KEY);
  };
  using _first = observe(resolver, using);
  using _second = observe(resolver, using);
  await resolver.resolve(KEY);
  await reported();
  assertEquals([types(logged), types(seen)], [["walk"], ["walk", "walk"]]);
});

Deno.test("an observer that ends another one in the middle of an event keeps it from being told", async () => {
  const resolver = quietResolver();
  const seen: string[] = [];
  using _first = observe(resolver, () => {
    seen.push("first");
    second[Symbol.dispose]();
  });
  const second = observe(resolver, () => seen.push("second"));
  await resolver.resolve(KEY);
  assertEquals(seen, ["first"]);
});

Deno.test("a warm resolve tells observers nothing, and returns the same promise as without any", async () => {
  const resolver = quietResolver();
  const seen: LogEvent[] = [];
  const held = resolver.resolve(KEY);
  await held;
  using _ = observe(resolver, (event) => seen.push(event));
  for (let at = 0; at < 1_000; at++) assertStrictEquals(resolver.resolve(KEY), resolver.resolve(KEY));
  assertEquals(seen, []);
});
