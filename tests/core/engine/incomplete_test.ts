import { assertEquals } from "@std/assert";
import {
  type Chain,
  createResolver,
  defineChain,
  document,
  type Field,
  optional,
  required,
  setting,
  variables,
} from "../../../mod.ts";
import { scriptedStore, testHost } from "../../../src/testing/mod.ts";
import { rejection } from "../../support/fixtures/rejection.ts";

/** The message of a credential of four fields that a store has in part. */
async function incompleteMessage(
  answer: Readonly<Record<string, string>>,
  anyOf: readonly string[],
  user: Field = optional(),
) {
  const names = ["user", "password", "token", "key"];
  const chain = {
    stores: { own: scriptedStore({ shape: document, answer }).store({ priority: 1 }) },
    credentials: {
      "db:rest": {
        fields: { ...Object.fromEntries(names.map((name) => [name, optional()])), user, region: setting() },
        anyOf,
        from: { own: { document: "db.json", fields: Object.fromEntries(names.map((name) => [name, name])) } },
      },
    },
  } as unknown as Chain;
  const { message, missing } = await rejection(createResolver(chain, testHost()).resolve("db:rest"));
  return [message.replace(/^.*: /, ""), missing.map((name) => name.replace("db.json#", "")).join(" ")];
}

Deno.test("the error of a part of an identity says which names are needed together, and of which one is enough", async () => {
  const one = ["password", "token"];
  for (
    const [answer, anyOf, user, ...expected] of [
      [
        { key: "k" },
        one,
        required(),
        "supply db.json#user, and db.json#password or db.json#token",
        "user password token",
      ],
      [{ user: "u" }, one, required(), "supply db.json#password or db.json#token", "password token"],
      [{ token: "t" }, one, required(), "supply db.json#user", "user"],
      [
        { user: "u" },
        [...one, "key"],
        optional(),
        "supply db.json#password, db.json#token or db.json#key",
        "password token key",
      ],
      [
        { other: "o" },
        [],
        optional(),
        "supply db.json#user, db.json#password, db.json#token or db.json#key",
        "user password token key",
      ],
      [{ other: "o" }, [], required(), "supply db.json#user", "user"],
    ] as const
  ) assertEquals(await incompleteMessage(answer, anyOf, user), expected);
});

Deno.test("a template that lacks a part names it once, though the field is required too", async () => {
  const store = scriptedStore({ shape: document, answer: { id: "i" } }).store({ priority: 1 });
  const chain = defineChain({
    stores: { own: store },
    credentials: {
      "db:basic": {
        fields: { pair: required() },
        from: { own: { document: "db.json", fields: { pair: "{id}:{key}" } } },
      },
    },
  });
  const { message, missing } = await rejection(createResolver(chain, testHost()).resolve("db:basic"));
  assertEquals([message.replace(/^.*: /, ""), missing], ["supply db.json#key", ["db.json#key"]]);
});

Deno.test("where no store has a credential, the error names a whole identity for each store that it can be put into", async () => {
  const own = scriptedStore({ shape: document }).store({ priority: 2 });
  const other = scriptedStore({ shape: variables }).store({ priority: 1 });
  const chain = defineChain({
    stores: { own, other },
    credentials: {
      "db:rest": {
        fields: { user: required(), password: optional(), token: optional() },
        anyOf: ["password", "token"],
        from: { own: "db.json", other: { prefix: "" } },
      },
    },
  });
  const { message, missing } = await rejection(createResolver(chain, testHost()).resolve("db:rest"));
  assertEquals(
    message.replace(/^.*: /, ""),
    'supply db.json#user and db.json#password in "own" or user and password in "other"',
  );
  assertEquals(missing, ["db.json#user", "db.json#password", "user", "password"]);
});
