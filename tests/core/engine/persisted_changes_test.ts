import { assertEquals } from "@std/assert";
import { createResolver, defineChain, file, required } from "../../../mod.ts";
import { ensure, persist } from "../../../src/bootstrap/mod.ts";
import { testHost } from "../../../src/testing/mod.ts";

/** Creates a resolver of two credentials in files. */
function setUp() {
  const host = testHost();
  const fields = { user: required() };
  const chain = defineChain({
    stores: { file: file({ priority: 1, directory: "/state" }) },
    credentials: { "a:a": { fields, from: { file: "a.json" } }, "b:b": { fields, from: { file: "b.json" } } },
  });
  return createResolver(chain, host);
}

Deno.test("persist() and ensure() settle after listeners were told of what they wrote, once", async () => {
  const resolver = setUp();
  const told: string[] = [];
  resolver.onChange("a:a", (credential) => void told.push(credential.get("user")));
  await persist(resolver, "a:a", { user: "one" });
  await resolver.resolve("a:a");
  await persist(resolver, "a:a", { user: "two" });
  assertEquals(told.at(-1), "two");
  await persist(resolver, "a:a", { user: "two" });
  await ensure(resolver, "a:a", () => ({ user: "never" }));
  await resolver.resolve("a:a");
  assertEquals(told.filter((user) => user === "two"), ["two"]);
});

Deno.test("a listener may persist another credential, and await that, without an end of its own call", async () => {
  const resolver = setUp();
  await persist(resolver, "a:a", { user: "one" });
  await persist(resolver, "b:b", { user: "one" });
  const told: string[] = [];
  const copied = Promise.withResolvers<void>();
  resolver.onChange("a:a", async (credential) => {
    told.push(`a:a ${credential.get("user")}`);
    await persist(resolver, "b:b", { user: credential.get("user") });
    copied.resolve();
  });
  resolver.onChange("b:b", (credential) => void told.push(`b:b ${credential.get("user")}`));
  await persist(resolver, "a:a", { user: "two" });
  await copied.promise;
  assertEquals(told, ["a:a two", "b:b two"]);
  assertEquals((await resolver.resolve("b:b")).get("user"), "two");
});
