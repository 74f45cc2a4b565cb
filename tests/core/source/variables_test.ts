import { assertEquals } from "@std/assert";
import {
  createResolver,
  defineChain,
  denied,
  env,
  memory,
  optional,
  required,
  type VariableMapping,
  variables,
} from "../../../mod.ts";
import { scriptedStore, testHost } from "../../../src/testing/mod.ts";
import { rejection } from "../../support/fixtures/rejection.ts";

const FIELDS = { user: required(), password: required(), note: optional() };

async function valuesOf(variables: Record<string, string>, mapping: VariableMapping<keyof typeof FIELDS>) {
  const chain = defineChain({
    stores: { env: env({ priority: 1 }) },
    credentials: { "db:basic": { fields: FIELDS, from: { env: mapping } } },
  });
  const credential = await createResolver(chain, testHost({ env: variables })).find("db:basic");
  return credential && Object.fromEntries(credential.fields.map((name) => [name, credential.get(name as "user")]));
}

Deno.test("a prefix means the field's name in capitals in the environment, and as it is elsewhere", async () => {
  assertEquals(await valuesOf({ DB_USER: "u", DB_PASSWORD: "p", DB_user: "no" }, { prefix: "DB_" }), {
    user: "u",
    password: "p",
  });
  const chain = defineChain({
    stores: { memory: memory({ priority: 1, values: { db_user: "u", DB_USER: "no", db_password: "p" } }) },
    credentials: { "db:basic": { fields: FIELDS, from: { memory: { prefix: "db_" } } } },
  });
  assertEquals((await createResolver(chain).resolve("db:basic")).get("user"), "u");
});

Deno.test("a field's own names come in order of preference, and a blank one does not count", async () => {
  const mapping = { prefix: "DB_", fields: { user: ["DB_LOGIN", "DB_NAME"] } };
  const rest = { DB_PASSWORD: "p" };
  assertEquals((await valuesOf({ ...rest, DB_LOGIN: "l", DB_NAME: "n" }, mapping))?.user, "l");
  assertEquals((await valuesOf({ ...rest, DB_LOGIN: " ", DB_NAME: "n" }, mapping))?.user, "n");
  assertEquals((await valuesOf({ ...rest, DB_LOGIN: "l", DB_USER: "u" }, mapping))?.user, "l");
});

Deno.test("without a prefix only the fields that are named are mapped", async () => {
  const mapping = { fields: { user: "U", password: "P" } };
  assertEquals(await valuesOf({ U: "u", P: "p", note: "n", NOTE: "n" }, mapping), { user: "u", password: "p" });
});

Deno.test("values are given as they are, and blanks count as absent", async () => {
  assertEquals(await valuesOf({ DB_USER: "  u ", DB_PASSWORD: "\tp\n", DB_NOTE: " " }, { prefix: "DB_" }), {
    user: "  u ",
    password: "\tp\n",
  });
  assertEquals(await valuesOf({ DB_USER: "", DB_PASSWORD: " \t\r\n" }, { prefix: "DB_" }), undefined);
});

Deno.test("a field that fails at once leaves no rejection of another field unhandled", async () => {
  const unhandled: string[] = [];
  const listener = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    unhandled.push(String(event.reason));
  };
  globalThis.addEventListener("unhandledrejection", listener);
  for (const password of [denied("sealed"), new Error("a bug")]) {
    const answers = { user: () => Promise.reject(new Error("late")), password };
    const store = scriptedStore({ shape: variables, answers });
    const chain = defineChain({
      stores: { own: store.store({ priority: 1 }) },
      credentials: { "db:basic": { fields: FIELDS, from: { own: { prefix: "" } } } },
    });
    assertEquals((await rejection(createResolver(chain, testHost()).resolve("db:basic"))).code, "invalid");
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  globalThis.removeEventListener("unhandledrejection", listener);
  assertEquals(unhandled, []);
});
