import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { createResolver, defineChain, memory, required, type Resolver, unavailable, variables } from "../../../mod.ts";
import { scriptedStore, testHost } from "../../../src/testing/mod.ts";
import { changingCredential, reported, unhandledRejections } from "../../support/fixtures/changing_credential.ts";
import { rejection } from "../../support/fixtures/rejection.ts";

for (const way of ["a listener", "a log"] as const) {
  const isLog = way === "a log";

  Deno.test(`${way} that installs or removes a store during a resolve leaves each call a promise and a credential`, async () => {
    let act = () => {};
    const { store, resolver, rotate } = changingCredential((event) => isLog && event.type === "changed" && act());
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
    const { resolver, rotate } = changingCredential((event) => isLog && event.type === "changed" && act());
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
      const { resolver, rotate } = changingCredential(isLog ? fault : () => {});
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

Deno.test("a log that is sent with a credential of the chain ends, also while that credential cannot be resolved", async () => {
  for (const answer of [unavailable("down"), () => Promise.resolve(unavailable("down"))]) {
    const store = scriptedStore({ shape: variables, recheck: 0, answer });
    const fields = { user: required() };
    const chain = defineChain({
      stores: { own: store.store({ priority: 1 }) },
      credentials: {
        "a:a": { fields, from: { own: { prefix: "" } } },
        "log:token": { fields, from: { own: { prefix: "" } } },
      },
    });
    let events = 0;
    const log = () => {
      // Hint: a log that never ended would freeze the test.
      if (++events < 1_000) resolver.resolve("log:token").catch(() => {});
    };
    const resolver: Resolver<{ "a:a": typeof fields; "log:token": typeof fields }> = createResolver(chain, {
      ...testHost(),
      log,
    });
    assertEquals((await rejection(resolver.resolve("a:a"))).code, "unavailable");
    await reported();
    assert(events < 20, `Expected a few events, found ${events}`);
  }
});

Deno.test("a listener is not told of a credential that the log had replaced meanwhile, which it would take for the latest", async () => {
  let act = () => {};
  const { resolver, rotate } = changingCredential((event) => event.type === "changed" && act());
  const told: string[] = [];
  resolver.onChange("db:basic", (credential) => told.push(credential.get("user")));
  await resolver.resolve("db:basic");
  act = () => {
    act = () => {};
    rotate("three");
    void resolver.resolve("db:basic");
  };
  rotate("two");
  await resolver.resolve("db:basic");
  assertEquals(told, ["three"]);
});
