import { assert, assertEquals } from "@std/assert";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createResolver, defineChain, defineStore, required, variables } from "../../../mod.ts";
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

Deno.test("thousands of callers with a budget, a default or a signal each wait on one timer, and leave none behind", async () => {
  const given = { user: "default" };
  const own = () => ({ signal: new AbortController().signal });
  for (const options of [() => ({}), () => ({ budget: 500 }), () => ({ default: given }), own]) {
    const { store, waiting } = slowStore();
    const { resolver, host } = smallChain({ own: store.store({ priority: 1 }) }, { own: { prefix: "" } });
    const first = resolver.find("db:basic");
    const timers = host.clock.timers;
    const calls = Array.from({ length: 5_000 }, () => resolver.resolve("db:basic", options()));
    assert(host.clock.timers <= timers + 1, `Expected one more timer than ${timers}, found ${host.clock.timers}`);
    waiting[0]!("u");
    assertEquals(new Set((await Promise.all(calls)).map((credential) => credential.get("user"))), new Set(["u"]));
    assertEquals([(await first)?.get("user"), host.clock.timers], ["u", 0]);
  }
});

Deno.test("a caller that leaves ends nobody else's wait, and each caller's budget is its own", async () => {
  const { store, waiting } = slowStore();
  const { resolver, host } = smallChain({ own: store.store({ priority: 1 }) }, { own: { prefix: "" } });
  const ends: string[] = [];
  const call = (name: string, options: { signal?: AbortSignal; budget?: number }) =>
    resolver.resolve("db:basic", options).then(() => name, ({ message }) => `${name}: ${message}`).then((end) => {
      ends.push(end);
    });
  const first = resolver.find("db:basic");
  const [leaving, last] = [new AbortController(), new AbortController()];
  const calls = [
    call("leaves", { signal: leaving.signal, budget: 200 }),
    call("stays", { signal: new AbortController().signal, budget: 200 }),
    call("is brief", { budget: 100 }),
    call("leaves alone", { signal: last.signal, budget: 300 }),
  ];
  const before = host.clock.timers;
  leaving.abort(new Error("gone"));
  last.abort(new Error("gone"));
  assertEquals(host.clock.timers, before - 1);
  // Hint: in the same millisecond, after the only one with this budget has left.
  calls.push(call("comes after", { budget: 300 }));
  await host.clock.advance(300);
  const wording = (ms: number) => `Cannot resolve "db:basic": no answer within the budget of ${ms} ms`;
  assertEquals(ends, [
    "leaves: gone",
    "leaves alone: gone",
    `is brief: ${wording(100)}`,
    `stays: ${wording(200)}`,
    `comes after: ${wording(300)}`,
  ]);
  await Promise.all(calls);
  waiting[0]!("u");
  assertEquals([(await first)?.get("user"), host.clock.timers], ["u", 0]);
});

Deno.test("a caller that comes after another's budget has ended waits its own, also where the clock stands still", async () => {
  const { store, waiting } = slowStore();
  const { chain, host } = smallChain({ own: store.store({ priority: 1 }) }, { own: { prefix: "" } });
  const clock = { now: () => 0, after: (ms: number, run: () => void) => host.clock.after(ms, run) };
  const resolver = createResolver(chain, { ...host, clock });
  const patient = resolver.resolve("db:basic");
  const first = resolver.resolve("db:basic", { budget: 100 }).catch(({ code }) => code);
  await host.clock.advance(100);
  assertEquals(await first, "unavailable");
  const second = resolver.resolve("db:basic", { budget: 100 });
  await host.clock.advance(50);
  waiting[0]!("u");
  assertEquals([await second, host.clock.timers], [await patient, 0]);
});

Deno.test("requests that are cut off leave none of their signals behind, where promises belong to requests", async () => {
  const store = defineStore({ kind: "own", shape: variables, open: () => () => new Promise<string>(() => {}) });
  const { chain } = smallChain({ own: store({ priority: 1 }) }, { own: { prefix: "" } });
  // Hint: the timers of a request that is cut off never fire.
  const clock = { now: () => 0, after: () => () => {} };
  const resolver = createResolver(chain, { env: {}, clock, requestBound: true });
  const request = () => {
    const { signal } = new AbortController();
    resolver.resolve("db:basic", { signal });
    return new WeakRef(signal);
  };
  const signals = Array.from({ length: 10 }, request);
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  for (let round = 0; round < 10; round++) {
    await new Promise((resolve) => setTimeout(resolve, 0));
    collect();
  }
  // Hint: the latest walk is still in progress.
  assertEquals(signals.slice(0, -1).filter((signal) => signal.deref()).length, 0);
});

Deno.test("a budget that is not a number ends one call, and no process by an unhandled rejection", async () => {
  const { store, waiting } = slowStore();
  const { log: _, clock: __, ...host } = testHost();
  const chain = defineChain({
    stores: { own: store.store({ priority: 1 }) },
    credentials: { "a:a": { fields: { user: required() }, from: { own: { fields: { user: "a" } } } } },
  });
  const resolver = createResolver(chain, host);
  const unhandled: unknown[] = [];
  const note = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    unhandled.push(event.reason);
  };
  addEventListener("unhandledrejection", note);
  try {
    const patient = resolver.resolve("a:a");
    const wrong = await resolver.resolve("a:a", { budget: NaN }).catch((error) => error.name);
    await new Promise((resolve) => setTimeout(resolve, 20));
    waiting[0]!("u");
    assertEquals([wrong, (await patient).get("user"), unhandled], ["TypeError", "u", []]);
  } finally {
    removeEventListener("unhandledrejection", note);
  }
});
