import { assert, assertEquals, assertInstanceOf, assertStrictEquals } from "@std/assert";
import { createResolver, type Credential, defineChain, required, unavailable, variables } from "../../../mod.ts";
import { scriptedStore, testHost } from "../../../src/testing/mod.ts";
import { changingCredential, reported, unhandledRejections } from "../../support/fixtures/changing_credential.ts";
import { bundleProgram } from "../../support/programs/run_program.ts";
import { slowStore } from "../../support/fixtures/slow_store.ts";
import { smallChain } from "../../support/fixtures/small_chain.ts";
import { minted } from "../../support/tokens/minted.ts";

const MINUTE = 60_000;

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
  resolver.install("upper", store.store({ priority: 900, recheck: 0, client: "m2m:client" }), {
    "b:token": { fields: { token: "t", client: "c" } },
  });
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
});

Deno.test("listeners were told once when the resolve that noticed a change settles, and the credential is held", async () => {
  for (const later of [false, true]) {
    const { store, resolver, rotate } = changingCredential();
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
  const { store, resolver, rotate } = changingCredential();
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

Deno.test("a listener that another listener removes is not told any more, and one that is added is not told of this change", async () => {
  const { resolver, rotate } = changingCredential();
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
  const { resolver, store, host } = changingCredential();
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
