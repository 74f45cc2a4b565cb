import { assert, assertEquals } from "@std/assert";
import { createResolver, defineChain, required } from "../../../mod.ts";
import { testHost } from "../../../src/testing/mod.ts";
import { slowStore } from "../../support/fixtures/slow_store.ts";
import { smallChain } from "../../support/fixtures/small_chain.ts";

Deno.test("ten thousand callers that share a signal share one listener on it, and all end when it aborts", async () => {
  for (const ends of ["answered", "aborted"] as const) {
    const { store, waiting } = slowStore();
    const { resolver, host } = smallChain({ own: store.store({ priority: 1 }) }, { own: { prefix: "" } });
    const controller = new AbortController();
    const { signal } = controller;
    let added = 0;
    let removed = 0;
    const { addEventListener, removeEventListener } = signal;
    signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
      added++;
      return addEventListener.apply(signal, args);
    };
    signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
      removed++;
      return removeEventListener.apply(signal, args);
    };
    const reason = new Error("gave up");
    const calls = Array.from(
      { length: 10_000 },
      () => resolver.resolve("db:basic", { signal }).then((credential) => credential.get("user"), (error) => error),
    );
    const patient = resolver.resolve("db:basic");
    if (ends === "aborted") {
      controller.abort(reason);
      assertEquals(new Set(await Promise.all(calls)), new Set([reason]));
    }
    waiting[0]!("u");
    if (ends === "answered") assertEquals(new Set(await Promise.all(calls)), new Set(["u"]));
    assertEquals((await patient).get("user"), "u");
    assert(added <= 1, `Expected one listener on the signal, found ${added}`);
    assert(ends === "aborted" || removed === added, "Expected no listener to be left on the signal");
    assertEquals([host.clock.timers, store.asked.length], [0, 1]);
  }
});

Deno.test("callers that share a signal but not a key, and those that come after others left, get what is theirs", async () => {
  const { store, waiting } = slowStore();
  const chain = defineChain({
    stores: { own: store.store({ priority: 1, recheck: 0 }) },
    credentials: {
      "a:a": { fields: { user: required() }, from: { own: { fields: { user: "a" } } } },
      "b:b": { fields: { user: required() }, from: { own: { fields: { user: "b" } } } },
    },
  });
  const resolver = createResolver(chain, testHost());
  const controller = new AbortController();
  const { signal } = controller;
  const [a, b] = [resolver.resolve("a:a", { signal }), resolver.resolve("b:b", { signal })];
  waiting[0]!("for a");
  assertEquals((await a).get("user"), "for a");
  const again = resolver.resolve("a:a", { signal });
  controller.abort(new Error("gave up"));
  const messages = (await Promise.allSettled([b, again])).map((each) =>
    each.status === "rejected" ? each.reason.message : "resolved"
  );
  assertEquals(messages, ["gave up", "gave up"]);
  for (const answer of waiting.slice(1)) answer("late");
});

Deno.test("ten thousand callers with one signal cost about what as many without one do", async () => {
  const time = async (options: { signal?: AbortSignal }) => {
    const { store, waiting } = slowStore();
    const { resolver } = smallChain({ own: store.store({ priority: 1 }) }, { own: { prefix: "" } });
    const began = performance.now();
    const calls = Array.from({ length: 10_000 }, () => resolver.resolve("db:basic", options));
    waiting[0]!("u");
    await Promise.all(calls);
    return performance.now() - began;
  };
  // Hint: the best of several runs, since a busy machine slows any single one.
  let [without, shared] = [Infinity, Infinity];
  for (let run = 0; run < 7; run++) {
    without = Math.min(without, await time({}));
    shared = Math.min(shared, await time({ signal: new AbortController().signal }));
  }
  assert(shared < 4 * without, `Expected less than 4 times ${without.toFixed(1)} ms, found ${shared.toFixed(1)} ms`);
});
