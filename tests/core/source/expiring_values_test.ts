import { assertEquals } from "@std/assert";
import {
  answer,
  createResolver,
  defineChain,
  optional,
  required,
  type StoreOptions,
  unavailable,
  variables,
} from "../../../mod.ts";
import { scriptedStore, testHost } from "../../../src/testing/mod.ts";
import { rejection } from "../../support/fixtures/rejection.ts";

const MINUTE = 60_000;

/** Creates a resolver over a store of values that expire. */
function expiring(options: Partial<StoreOptions> & { readonly recheck?: number } = {}) {
  const host = testHost();
  const store = scriptedStore({ shape: variables, recheck: 60 * MINUTE });
  const resolver = createResolver(
    defineChain({
      stores: { own: store.store({ priority: 1, ...options }) },
      credentials: {
        "db:basic": {
          fields: { user: required(), password: required(), note: optional() },
          from: { own: { prefix: "" } },
        },
      },
    }),
    host,
  );
  const give = (expiresAt: number, user = "app") => {
    store.answer = (name) =>
      name === "user" ? answer(user, { expiresAt }) : name === "password" ? "not-a-secret" : undefined;
  };
  return { host, store, resolver, give };
}

Deno.test("a value that says when it expires is asked for again then, however long the store's answers are used", async () => {
  const { host, resolver, give } = expiring({ recheck: Infinity });
  give(host.clock.now() + MINUTE, "first");
  assertEquals((await resolver.resolve("db:basic")).expiresAt, host.clock.now() + MINUTE);
  give(host.clock.now() + 5 * MINUTE, "second");
  await host.clock.advance(MINUTE - 1);
  assertEquals((await resolver.resolve("db:basic")).get("user"), "first");
  await host.clock.advance(1);
  assertEquals(resolver.peek("db:basic"), undefined);
  assertEquals((await resolver.resolve("db:basic")).get("user"), "second");
});

Deno.test("a value is used through an outage of its store until it expires, and not a moment longer", async () => {
  const { host, store, resolver, give } = expiring({ recheck: 1_000 });
  give(host.clock.now() + MINUTE);
  await resolver.resolve("db:basic");
  store.answer = unavailable("no connection");
  await host.clock.advance(MINUTE - 1);
  const { degraded, source } = await resolver.resolve("db:basic");
  assertEquals([degraded, source], [true, "own"]);
  await host.clock.advance(1);
  const late = resolver.resolve("db:basic", { default: { user: "seed", password: "not-a-secret" } });
  assertEquals((await rejection(late)).code, "unavailable");
  assertEquals(resolver.peek("db:basic"), undefined);
});

Deno.test("a clock that goes back lengthens no value: its store is asked again", async () => {
  const { host, store, resolver, give } = expiring({ recheck: Infinity });
  give(host.clock.now() + MINUTE);
  await resolver.resolve("db:basic");
  const asked = store.asked.length;
  host.clock.jump(host.clock.now() - 60 * MINUTE);
  await resolver.resolve("db:basic");
  assertEquals(store.asked.length > asked, true);
});

Deno.test("a value that has expired when it arrives is not used, and neither is a default in its place", async () => {
  for (const expiresAt of [0, -1, NaN]) {
    const { host, resolver, give } = expiring();
    give(Number.isNaN(expiresAt) ? NaN : host.clock.now() + expiresAt);
    const { code } = await rejection(resolver.resolve("db:basic", { default: { user: "a", password: "b" } }));
    assertEquals(code, "unavailable");
  }
});
