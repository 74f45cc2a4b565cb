import { assert, assertEquals, assertInstanceOf, assertStrictEquals } from "@std/assert";
import {
  createResolver,
  type Credential,
  defineChain,
  type LogEvent,
  memory,
  required,
  unavailable,
  variables,
} from "../../../mod.ts";
import { scriptedStore, testHost } from "../../../src/testing/mod.ts";
import { bundleProgram } from "../../support/programs/run_program.ts";
import { rejection } from "../../support/fixtures/rejection.ts";
import { slowStore } from "../../support/fixtures/slow_store.ts";
import { smallChain } from "../../support/fixtures/small_chain.ts";
import { minted } from "../../support/tokens/minted.ts";

const MINUTE = 60_000;

/** Creates a resolver of one credential, whose values a test sets, on a host that logs to `log`. */
function setUp(log: (event: LogEvent) => unknown = () => {}) {
  const store = scriptedStore({ shape: variables, answers: { user: "one" } });
  const { chain, host } = smallChain({ own: store.store({ priority: 100, recheck: 60_000 }) }, { own: { prefix: "" } });
  const resolver = createResolver(chain, { ...host, log: log as (event: LogEvent) => void });
  const rotate = (user: string) => {
    store.answers.user = user;
    resolver.invalidate("db:basic");
  };
  return { store, host, resolver, rotate };
}

/** Collects rejections that nothing handles, which end a Node process, until it is disposed of. */
function unhandledRejections() {
  const reasons: unknown[] = [];
  const listener = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    reasons.push(event.reason);
  };
  addEventListener("unhandledrejection", listener);
  return { reasons, [Symbol.dispose]: () => removeEventListener("unhandledrejection", listener) };
}

/** Lets rejections be reported that nothing handles. */
function reported(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

Deno.test("a listener for a client that invalidates the token obtained with it ends no later call without an answer", async () => {
  const { host, server, resolver, clock } = minted();
  let told = 0;
  resolver.onChange("m2m:client", () => {
    told++;
    resolver.invalidate("a:token");
  });
  await resolver.resolve("a:token");
  for (let rotation = 1; rotation <= 3; rotation++) {
    host.env.M2M_CLIENT_SECRET = `rotated-${rotation}`;
    resolver.invalidate("m2m:client");
    const start = clock.now();
    const [credential] = await Promise.all([resolver.resolve("a:token"), clock.advance(0)]);
    assertEquals([credential.get("client"), told, clock.now() - start], [`rotated-${rotation}`, rotation, 0]);
    assertStrictEquals(await resolver.resolve("a:token"), resolver.peek("a:token"));
  }
  assert(server.requests <= 7, `Expected at most 7 requests, found ${server.requests}`);
});

Deno.test("a listener is told outside of the walk that noticed the change, and sees that nothing is being asked", async () => {
  const { host, resolver } = minted();
  let isAsking = 0;
  const seen: unknown[] = [];
  const store = scriptedStore({
    shape: variables,
    needs: ["client"],
    answer: async (_, { need }) => {
      isAsking++;
      const client = await need("client");
      isAsking--;
      return `for ${client.get("client_secret")}`;
    },
  });
  const upper = {
    installed: resolver.install("upper", store.store({ priority: 900, recheck: 0, client: "m2m:client" }), {
      "b:token": { fields: { token: "t", client: "c" } },
    }),
    [Symbol.asyncDispose]: () => resolver[Symbol.asyncDispose](),
  };
  await resolver.resolve("b:token");
  const tell = (what: string) => (credential: Credential) => {
    seen.push([what, isAsking, resolver.peek(what as "b:token") === credential]);
  };
  resolver.onChange("m2m:client", tell("m2m:client"));
  resolver.onChange("b:token", tell("b:token"));
  host.env.M2M_CLIENT_SECRET = "rotated";
  resolver.invalidate("m2m:client");
  await resolver.resolve("b:token");
  assertEquals(seen, [["m2m:client", 0, true], ["b:token", 0, true]]);
  assert(upper.installed);
});

Deno.test("listeners were told once when the resolve that noticed a change settles, and the credential is held", async () => {
  for (const later of [false, true]) {
    const { store, resolver, rotate } = setUp();
    store.later = later;
    const told: unknown[] = [];
    resolver.onChange("db:basic", (credential) => {
      told.push(credential);
      assertStrictEquals(resolver.peek("db:basic"), credential);
    });
    await resolver.resolve("db:basic");
    rotate("two");
    const second = await resolver.resolve("db:basic");
    assertEquals(told, [second]);
    await Promise.all([resolver.resolve("db:basic"), resolver.find("db:basic")]);
    assertEquals(told, [second]);
  }
});

Deno.test("a listener that always invalidates its own credential causes one walk for each later call, and no endless one", async () => {
  const { store, resolver, rotate } = setUp();
  let told = 0;
  resolver.onChange("db:basic", (credential) => {
    told++;
    resolver.invalidate(credential);
  });
  await resolver.resolve("db:basic");
  rotate("two");
  assertEquals((await resolver.resolve("db:basic")).get("user"), "two");
  assertEquals([told, store.asked.length], [1, 2]);
  await resolver.resolve("db:basic");
  await resolver.resolve("db:basic");
  assertEquals([told, store.asked.length], [1, 3]);
});

Deno.test("listeners that invalidate and resolve each other's credentials end, and each is told of each change", async () => {
  const stores = scriptedStore({ shape: variables, answers: { a: "one", b: "one" } });
  const chain = defineChain({
    stores: { own: stores.store({ priority: 1, recheck: MINUTE }) },
    credentials: {
      "a:a": { fields: { user: required() }, from: { own: { fields: { user: "a" } } } },
      "b:b": { fields: { user: required() }, from: { own: { fields: { user: "b" } } } },
    },
  });
  const resolver = createResolver(chain, testHost());
  const told: string[] = [];
  const listen = (key: "a:a" | "b:b", other: "a:a" | "b:b") =>
    resolver.onChange(key, async (credential) => {
      told.push(`${key} ${credential.get("user")}`);
      resolver.invalidate(other);
      await resolver.resolve(other);
    });
  listen("a:a", "b:b");
  listen("b:b", "a:a");
  await Promise.all([resolver.resolve("a:a"), resolver.resolve("b:b")]);
  Object.assign(stores.answers, { a: "two", b: "two" });
  resolver.invalidate("a:a");
  await resolver.resolve("a:a");
  await reported();
  assertEquals(told, ["a:a two", "b:b two"]);
});

for (const way of ["a listener", "a log"] as const) {
  const isLog = way === "a log";

  Deno.test(`${way} that installs or removes a store during a resolve leaves each call a promise and a credential`, async () => {
    let act = () => {};
    const { store, resolver, rotate } = setUp((event) => isLog && event.type === "changed" && act());
    if (!isLog) resolver.onChange("db:basic", () => act());
    await resolver.resolve("db:basic");
    let installed: Disposable | undefined;
    act = () => {
      installed ??= resolver.install("minted", memory({ priority: 500, values: { user: "minted" } }), {
        "db:basic": { prefix: "" },
      });
    };
    rotate("two");
    const first = resolver.resolve("db:basic");
    assertInstanceOf(first, Promise);
    assertEquals((await first).get("user"), "two");
    act = () => {};
    assertEquals((await resolver.resolve("db:basic")).source, "minted");

    act = () => installed?.[Symbol.dispose]();
    resolver.install("newer", memory({ priority: 600, values: { user: "newer" } }), { "db:basic": { prefix: "" } });
    const second = resolver.resolve("db:basic");
    assertInstanceOf(second, Promise);
    assertEquals((await second).source, "newer");
    const third = resolver.resolve("db:basic");
    assertInstanceOf(third, Promise);
    assertEquals((await third).source, "newer");
    assertEquals(resolver.describe().stores.map(({ name }) => name), ["newer", "own"]);
    assert(store.asked.length >= 2);
  });

  Deno.test(`${way} that disposes of the resolver leaves each call a promise that ends`, async () => {
    let act = () => {};
    const { resolver, rotate } = setUp((event) => isLog && event.type === "changed" && act());
    if (!isLog) resolver.onChange("db:basic", () => act());
    await resolver.resolve("db:basic");
    act = () => void resolver[Symbol.asyncDispose]();
    rotate("two");
    const call = resolver.resolve("db:basic");
    assertInstanceOf(call, Promise);
    const ended = await call.then(({ source }) => source, ({ code }) => code);
    assert(["own", "closed"].includes(ended), `Expected a credential or "closed", found ${ended}`);
    assertEquals((await rejection(resolver.resolve("db:basic"))).code, "closed");
  });

  Deno.test(`${way} that rejects or throws is no unhandled rejection, and fails no call`, async () => {
    using unhandled = unhandledRejections();
    const faults = [
      () => Promise.reject(new Error("its own")),
      async () => await Promise.reject(new Error("its own")),
      () => {
        throw new Error("its own");
      },
      () => ({
        get then() {
          throw new Error("its own");
        },
      }),
      () => ({ then: (_: unknown, reject: (reason: unknown) => void) => reject(new Error("its own")) }),
    ];
    for (const fault of faults) {
      const { resolver, rotate } = setUp(isLog ? fault : () => {});
      if (!isLog) resolver.onChange("db:basic", fault as () => void);
      const told: string[] = [];
      resolver.onChange("db:basic", (credential) => void told.push(credential.get("user")));
      await resolver.resolve("db:basic");
      rotate("two");
      assertEquals((await resolver.resolve("db:basic")).get("user"), "two");
      assertEquals(told, ["two"]);
    }
    await reported();
    assertEquals(unhandled.reasons, []);
  });
}

Deno.test("a listener that another listener removes is not told any more, and one that is added is not told of this change", async () => {
  const { resolver, rotate } = setUp();
  const told: string[] = [];
  await resolver.resolve("db:basic");
  resolver.onChange("db:basic", () => {
    told.push("first");
    second[Symbol.dispose]();
    resolver.onChange("db:basic", () => void told.push("added"));
  });
  const second = resolver.onChange("db:basic", () => void told.push("second"));
  rotate("two");
  await resolver.resolve("db:basic");
  assert(!told.includes("added"), `Expected no "added", found ${told}`);
  assertEquals(told[0], "first");
});

Deno.test("waitUntil that throws fails no call, and the call is a promise", async () => {
  const { store, waiting } = slowStore();
  const { resolver } = smallChain({ own: store.store({ priority: 1 }) }, { own: { prefix: "" } });
  using unhandled = unhandledRejections();
  const waitUntil = () => {
    throw new Error("the request has ended");
  };
  const call = resolver.resolve("db:basic", { waitUntil });
  assertInstanceOf(call, Promise);
  const other = resolver.resolve("db:basic", { waitUntil });
  assertInstanceOf(other, Promise);
  for (const answer of waiting) answer("u");
  assertEquals([(await call).get("user"), (await other).get("user"), store.asked.length], ["u", "u", 1]);
  await reported();
  assertEquals(unhandled.reasons, []);
});

Deno.test("a credential that becomes degraded and then healthy again is told, each time once", async () => {
  const { resolver, store, host } = setUp();
  const told: boolean[] = [];
  resolver.onChange("db:basic", ({ degraded }) => void told.push(degraded));
  await resolver.resolve("db:basic");
  for (const answer of [unavailable("sealed"), unavailable("sealed"), "one", "one"]) {
    store.answers.user = answer;
    await host.clock.advance(MINUTE);
    await resolver.resolve("db:basic");
    await resolver.resolve("db:basic");
  }
  assertEquals(told, [true, false]);
});

Deno.test("a listener that rejects ends no Node process", async () => {
  using program = await bundleProgram("reject_and_share.ts");
  assertEquals(await program.run("node-20", []), "two, 0 unhandled, 0 warnings");
});
