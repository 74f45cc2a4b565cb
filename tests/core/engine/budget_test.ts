import { assertEquals } from "@std/assert";
import { createResolver, defineChain, defineStore, document, required, type Store, variables } from "../../../mod.ts";
import { scriptedStore, testClock, testHost } from "../../../src/testing/mod.ts";

const SECOND = 1_000;
const never = () => new Promise<undefined>(() => {});
const FIELDS = { value: required() };

/** A store that gives no answer, whose kind has a timeout. */
const slow = defineStore({
  kind: "slow",
  shape: document,
  timeout: 30 * SECOND,
  needs: ["login?"],
  open: () => async (_, { need }) => {
    await need("login");
    return await never();
  },
});

/** Returns after how many seconds a caller of each credential is told, and what. */
async function toldAfter(chain: { stores: Record<string, Store>; credentials: object }, keys: readonly string[]) {
  const clock = testClock();
  const resolver = createResolver(defineChain(chain as never), testHost({ clock }));
  const told: Record<string, readonly [seconds: number, message: string]> = {};
  const start = clock.now();
  for (const key of keys) {
    resolver.resolve(key as never).then(() => {
      told[key] = [(clock.now() - start) / SECOND, "resolved"];
    }, ({ message }) => {
      told[key] = [(clock.now() - start) / SECOND, message];
    });
  }
  await clock.advance(200 * SECOND);
  return keys.map((key) => told[key]![0]);
}

function chainOf(stores: Record<string, Store>, from: Record<string, object>) {
  const credentials = Object.fromEntries(
    Object.entries(from).map(([key, from]) => [key, { fields: FIELDS, from }]),
  );
  return { stores, credentials };
}

Deno.test("a store's kind has a timeout of its own, which the store's options replace, and its callers wait that long", async () => {
  for (const [options, seconds] of [[{}, 30], [{ timeout: 70 }, 0.07], [{ timeout: 40 * SECOND }, 40]] as const) {
    const stores = { slow: slow({ priority: 1, ...options }) };
    assertEquals(await toldAfter(chainOf(stores, { "a:b": { slow: "d" } }), ["a:b"]), [seconds]);
  }
});

Deno.test("a caller waits 10 s, and longer by what the timeouts of the stores that it is served by exceed 5 s", async () => {
  const pending = scriptedStore({ shape: variables, answer: never });
  const quick = scriptedStore({ shape: variables, answers: { value: "v" } });
  const stores = {
    first: slow({ priority: 5 }),
    second: slow({ priority: 4, timeout: 20 * SECOND }),
    third: pending.store({ priority: 3 }),
    fourth: pending.store({ priority: 2 }),
    fifth: pending.store({ priority: 1 }),
    quick: quick.store({ priority: 0 }),
  };
  const from = {
    "all:slow": { first: "d", second: "d" },
    "all:pending": { third: { prefix: "" }, fourth: { prefix: "f_" }, fifth: { prefix: "g_" } },
    "both:last": { first: "d", third: { prefix: "" } },
  };
  // The first walk asks two stores, whose timeouts are 50 s; that of three stores of 5 s is cut at 10 s.
  assertEquals(await toldAfter(chainOf(stores, from), Object.keys(from)), [50, 10, 35]);
});

Deno.test("a caller of what needs a slow credential waits for that too", async () => {
  const stores = {
    inner: slow({ priority: 3 }),
    outer: slow({ priority: 2, timeout: 25 * SECOND, login: "login:x" }),
    quick: scriptedStore({ shape: variables, answer: never }).store({ priority: 1 }),
  };
  const from = { "login:x": { inner: "d" }, "a:b": { outer: "d" }, "other:c": { quick: { prefix: "" } } };
  assertEquals(await toldAfter(chainOf(stores, from), ["login:x", "a:b", "other:c"]), [30, 30, 5]);
  const late = scriptedStore({ shape: document, answer: () => ({ value: "v" }) });
  const both = { ...stores, inner: late.store({ priority: 3, timeout: 30 * SECOND }) };
  assertEquals(await toldAfter(chainOf(both, from), ["a:b"]), [25]);
});

Deno.test("a timeout of a caller's own, or one without an end, is as the chain says", async () => {
  const clock = testClock();
  const resolver = createResolver(
    defineChain({
      stores: { slow: slow({ priority: 1 }), endless: slow({ priority: 2, timeout: Infinity }) },
      credentials: {
        "a:b": { fields: FIELDS, from: { slow: "d" } },
        "c:d": { fields: FIELDS, from: { endless: "d" } },
      },
    }),
    testHost({ clock }),
  );
  let message = "";
  resolver.resolve("a:b", { budget: 7 * SECOND }).catch((error) => message = error.message);
  let isOver = false;
  resolver.resolve("c:d").catch(() => isOver = true);
  await clock.advance(7 * SECOND);
  assertEquals(message, 'Cannot resolve "a:b": no answer within the budget of 7000 ms');
  await clock.advance(500 * SECOND);
  assertEquals(isOver, false);
});
