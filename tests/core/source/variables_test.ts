import { assertEquals } from "@std/assert";
import { denied, env, invalid, memory, optional, unavailable, type VariableMapping, variables } from "../../../mod.ts";
import { scriptedStore } from "../../../src/testing/mod.ts";
import { rejection } from "../../support/fixtures/rejection.ts";
import { LOGIN, smallChain } from "../../support/fixtures/small_chain.ts";

const FIELDS = { ...LOGIN, note: optional() };

async function valuesOf(variables: Record<string, string>, mapping: VariableMapping<keyof typeof FIELDS>) {
  const { resolver } = smallChain({ env: env({ priority: 1 }) }, { env: mapping }, { fields: FIELDS, env: variables });
  const credential = await resolver.find("db:basic");
  return credential && Object.fromEntries(credential.fields.map((name) => [name, credential.get(name as "user")]));
}

Deno.test("a prefix is followed by the field's name, in capitals in the environment and unchanged elsewhere", async () => {
  assertEquals(await valuesOf({ DB_USER: "u", DB_PASSWORD: "p", DB_user: "no" }, { prefix: "DB_" }), {
    user: "u",
    password: "p",
  });
  const values = { db_user: "u", DB_USER: "no", db_password: "p" };
  const stores = { memory: memory({ priority: 1, values }) };
  const { resolver } = smallChain(stores, { memory: { prefix: "db_" } }, { fields: FIELDS });
  assertEquals((await resolver.resolve("db:basic")).get("user"), "u");
});

Deno.test("a field's own names are read in order of preference, and a blank variable is passed over", async () => {
  const mapping = { prefix: "DB_", fields: { user: ["DB_LOGIN", "DB_NAME"] } };
  const rest = { DB_PASSWORD: "p" };
  assertEquals((await valuesOf({ ...rest, DB_LOGIN: "l", DB_NAME: "n" }, mapping))?.user, "l");
  assertEquals((await valuesOf({ ...rest, DB_LOGIN: " ", DB_NAME: "n" }, mapping))?.user, "n");
  assertEquals((await valuesOf({ ...rest, DB_LOGIN: "l", DB_USER: "u" }, mapping))?.user, "l");
});

Deno.test("without a prefix only the named fields are mapped", async () => {
  const mapping = { fields: { user: "U", password: "P" } };
  assertEquals(await valuesOf({ U: "u", P: "p", note: "n", NOTE: "n" }, mapping), { user: "u", password: "p" });
});

Deno.test("values are returned unchanged, and blank ones count as absent", async () => {
  assertEquals(await valuesOf({ DB_USER: "  u ", DB_PASSWORD: "\tp\n", DB_NOTE: " " }, { prefix: "DB_" }), {
    user: "  u ",
    password: "\tp\n",
  });
  assertEquals(await valuesOf({ DB_USER: "", DB_PASSWORD: " \t\r\n" }, { prefix: "DB_" }), undefined);
});

Deno.test("a field that fails at once does not leave another field's rejection unhandled", async () => {
  const unhandled: string[] = [];
  const listener = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    unhandled.push(String(event.reason));
  };
  globalThis.addEventListener("unhandledrejection", listener);
  for (const password of [denied("sealed"), new Error("a bug")]) {
    const answers = { user: () => Promise.reject(new Error("late")), password };
    const store = scriptedStore({ shape: variables, answers });
    const { resolver } = smallChain({ own: store.store({ priority: 1 }) }, { own: { prefix: "" } }, { fields: FIELDS });
    assertEquals((await rejection(resolver.resolve("db:basic"))).code, "invalid");
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  globalThis.removeEventListener("unhandledrejection", listener);
  assertEquals(unhandled, []);
});

Deno.test("a denial names every variable that may not be read, so that one flag fixes it", async () => {
  const variables = {
    DB_USER: denied("needs --allow-env=DB_USER"),
    DB_PASSWORD: denied("needs --allow-env=DB_PASSWORD"),
  };
  const { resolver } = smallChain({ env: env({ priority: 1 }) }, { env: { prefix: "DB_" } }, {
    fields: FIELDS,
    env: { ...variables, DB_NOTE: "readable" },
  });
  const { code, trace } = await rejection(resolver.resolve("db:basic"));
  assertEquals([code, trace[0]?.detail], ["denied", "needs --allow-env=DB_USER,DB_PASSWORD"]);
});

Deno.test("what is wrong with several variables is told of each, and once where it is the same", async () => {
  const script = scriptedStore({ shape: variables, answers: { user: denied("sealed"), password: denied("sealed") } });
  const stores = { own: script.store({ priority: 1 }) };
  const { resolver } = smallChain(stores, { own: { prefix: "" } }, { fields: FIELDS });
  assertEquals((await rejection(resolver.resolve("db:basic"))).trace[0]?.detail, "sealed");
  Object.assign(script.answers, { user: invalid("user is odd"), note: invalid("note is odd") });
  const next = smallChain(stores, { own: { prefix: "" } }, { fields: FIELDS }).resolver;
  const { code, trace } = await rejection(next.resolve("db:basic"));
  assertEquals([code, trace[0]?.detail], ["denied", "user is odd, sealed and note is odd"]);
});

Deno.test("the most severe of what is wrong with several variables counts, in whatever order they are declared", async () => {
  const away = unavailable("no connection");
  for (const answers of [{ user: away, password: invalid("is odd") }, { user: invalid("is odd"), password: away }]) {
    for (const later of [false, true]) {
      const upper = scriptedStore({ shape: variables, answers, later });
      const lower = memory({ priority: 1, values: { user: "lower", password: "not-a-secret" } });
      const mapping = { prefix: "" };
      const stores = { upper: upper.store({ priority: 2 }), lower };
      const { resolver } = smallChain(stores, { upper: mapping, lower: mapping }, { fields: FIELDS });
      assertEquals((await rejection(resolver.resolve("db:basic"))).code, "invalid");
    }
  }
});
