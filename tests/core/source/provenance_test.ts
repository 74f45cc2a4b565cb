import { assertEquals } from "@std/assert";
import { createResolver, defineChain, required, token, variables } from "../../../mod.ts";
import { scriptedStore, testHost } from "../../../src/testing/mod.ts";

Deno.test("keys that end in digits are told apart, so that a token obtained with the other client is another identity", async () => {
  const clients = scriptedStore({ shape: variables, answers: { other: "fixed" }, recheck: Infinity });
  const logins = scriptedStore<"token", "one" | "other">({ shape: token, needs: ["one", "other"] });
  let used: "one" | "other" = "one";
  logins.answer = async (_, { need }) => ({ values: { token: (await need(used)).get("id") }, expiresIn: 3_600 });
  const keys = scriptedStore<"token", "login">({ shape: token, needs: ["login"] });
  keys.answer = async (_, { need }) => ({
    values: { key: `of ${(await need("login")).get("token")}` },
    expiresIn: 3_600,
  });
  const resolver = createResolver(
    defineChain({
      stores: {
        clients: clients.store({ priority: 3 }),
        logins: logins.store({ priority: 2, one: "client:1", other: "client:11" }),
        keys: keys.store({ priority: 1, login: "a:login" }),
      },
      credentials: {
        "client:1": { fields: { id: required() }, from: { clients: { fields: { id: "one" } } } },
        "client:11": { fields: { id: required() }, from: { clients: { fields: { id: "other" } } } },
        "a:login": { fields: { token: required() }, from: { logins: true } },
        "a:keys": { fields: { key: required() }, from: { keys: true } },
      },
    }),
    testHost(),
  );
  for (let rotated = 1; rotated <= 11; rotated++) {
    clients.answers.one = `rotated ${rotated}`;
    resolver.invalidate("client:1");
    await resolver.resolve("client:1");
  }
  assertEquals((await resolver.resolve("client:1")).generation, 11);
  assertEquals((await resolver.resolve("client:11")).generation, 1);
  assertEquals((await resolver.resolve("a:keys")).get("key"), "of rotated 11");
  used = "other";
  resolver.invalidate("a:login");
  assertEquals((await resolver.resolve("a:login")).get("token"), "fixed");
  assertEquals((await resolver.resolve("a:keys")).get("key"), "of fixed");
});
