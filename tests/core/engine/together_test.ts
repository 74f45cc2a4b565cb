import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { slowStore } from "../../support/fixtures/slow_store.ts";
import { smallChain } from "../../support/fixtures/small_chain.ts";

function setUp() {
  const { store, waiting } = slowStore();
  const stores = { own: store.store({ priority: 100, timeout: 60_000 }) };
  return { ...smallChain(stores, { own: { prefix: "" } }), waiting };
}

Deno.test("concurrent callers reach the end of their budget together, and a later caller has its whole budget", async () => {
  const { host, waiting, resolver } = setUp();
  const [first, second] = [1, 2].map(() =>
    resolver.resolve("db:basic", { budget: 10_000 }).catch((error) => error.code)
  );
  await host.clock.advance(4_000);
  const later = resolver.resolve("db:basic", { budget: 10_000 });
  await host.clock.advance(6_000);
  assertEquals([await first, await second], ["unavailable", "unavailable"]);
  waiting[0]!("reader");
  assertEquals((await later).get("user"), "reader");
});

Deno.test("ten thousand concurrent callers share their timers", async () => {
  const { host, waiting, resolver } = setUp();
  const all = Array.from({ length: 10_000 }, () => resolver.resolve("db:basic"));
  assert(host.clock.timers < 10, `${host.clock.timers} timers`);
  waiting[0]!("reader");
  const credentials = await Promise.all(all);
  for (const credential of credentials) assertStrictEquals(credential, credentials[0]);
});
