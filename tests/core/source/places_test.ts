import { assertEquals } from "@std/assert";
import { createResolver, document, optional, required, setting } from "../../../mod.ts";
import { scriptedStore, testHost } from "../../../src/testing/mod.ts";

type Locators = Readonly<Record<string, string | readonly string[]>>;

/** Returns what each credential says of a document that all of them read, each with locators of its own. */
async function outcomesOf(content: unknown, readers: Readonly<Record<string, Locators>>): Promise<string[]> {
  const store = scriptedStore({ shape: document, answer: content });
  const credentials = Object.fromEntries(
    Object.entries(readers).map(([key, fields]) => [key, {
      fields: Object.fromEntries(
        Object.keys(fields).map((
          name,
        ) => [name, name === "region" ? setting() : name === "note" ? optional() : required()]),
      ),
      from: { own: { document: "d.json", fields } },
    }]),
  );
  const resolver = createResolver({ stores: { own: store.store({ priority: 1 }) }, credentials } as never, testHost());
  return await Promise.all(
    Object.keys(readers).map(async (key) => {
      const [result] = await Promise.allSettled([resolver.resolve(key as never)]);
      return result.status === "fulfilled" ? "hit" : result.reason.code;
    }),
  );
}

const SECTIONS = {
  "a:login": { user: "/neo4j/user", word: "/neo4j/word", region: "/neo4j/region" },
  "b:login": { user: "/minio/user", word: "/minio/word" },
};

Deno.test("a section of a shared document that is absent is nothing, and one that is there is not passed over", async () => {
  const whole = { user: "u", word: "w" };
  const cases: readonly (readonly [unknown, readonly string[]])[] = [
    [{ minio: whole }, ["not_found", "hit"]],
    [{ minio: whole, neo4j: null }, ["not_found", "hit"]],
    [{ minio: whole, neo4j: {} }, ["not_found", "hit"]],
    [{ minio: whole, neo4j: [] }, ["not_found", "hit"]],
    [{ minio: whole, neo4j: { region: "eu" } }, ["not_found", "hit"]],
    [{ minio: whole, neo4j: { region: "eu", other: 1 } }, ["incomplete", "hit"]],
    [{ minio: whole, neo4j: { username: "u" } }, ["incomplete", "hit"]],
    [{ minio: whole, neo4j: { user: " " } }, ["incomplete", "hit"]],
    [{ minio: whole, neo4j: { user: null } }, ["incomplete", "hit"]],
    [{ minio: whole, neo4j: "not ready" }, ["incomplete", "hit"]],
    [{ minio: whole, neo4j: "" }, ["incomplete", "hit"]],
    [{ minio: whole, neo4j: { user: "u" } }, ["incomplete", "hit"]],
    [{ minio: { accessKey: "k" } }, ["not_found", "incomplete"]],
    [{ other: 1 }, ["not_found", "not_found"]],
  ];
  for (const [content, expected] of cases) {
    assertEquals(await outcomesOf(content, SECTIONS), expected, JSON.stringify(content));
  }
});

Deno.test("members of a shared document that stand side by side belong to their own credential", async () => {
  const flat = {
    "a:login": { user: "neo4j_user", word: "neo4j_word" },
    "b:login": { user: "minio_user", word: "minio_word" },
  };
  const minio = { minio_user: "u", minio_word: "w" };
  assertEquals(await outcomesOf(minio, flat), ["not_found", "hit"]);
  assertEquals(await outcomesOf({ ...minio, neo4j_user: "" }, flat), ["incomplete", "hit"]);
  assertEquals(await outcomesOf({ ...minio, neo4j_word: null }, flat), ["incomplete", "hit"]);
  assertEquals(await outcomesOf({ ...minio, neo4j_pass: "p" }, flat), ["not_found", "hit"]);
});

Deno.test("sections within a common one are told apart, and so are the items of a list", async () => {
  const nested = {
    "a:login": { user: "/services/neo4j/user" },
    "b:login": { user: "/services/minio/user" },
  };
  assertEquals(await outcomesOf({ services: { minio: { user: "u" } } }, nested), ["not_found", "hit"]);
  assertEquals(await outcomesOf({ services: { minio: { user: "u" }, neo4j: { name: "n" } } }, nested), [
    "incomplete",
    "hit",
  ]);
  for (const services of ["not ready", 7, false]) {
    assertEquals(await outcomesOf({ services }, nested), ["incomplete", "incomplete"], `services: ${services}`);
  }
  assertEquals(await outcomesOf({ services: null }, nested), ["not_found", "not_found"]);
  const items = { "a:login": { user: "/hosts/0/user" }, "b:login": { user: "/hosts/1/user" } };
  assertEquals(await outcomesOf({ hosts: [{}, { user: "u" }] }, items), ["not_found", "hit"]);
  assertEquals(await outcomesOf({ hosts: [{ name: "n" }, { user: "u" }] }, items), ["incomplete", "hit"]);
});

Deno.test("credentials with a locator in common, if only a template's part, have a document to themselves", async () => {
  const common = {
    "a:login": { user: "client_id", word: "client_secret" },
    "b:pair": { user: "{client_id}:{client_secret}" },
    "c:login": { user: ["name", "/client_id"], word: ["word", "/client_secret"] },
  };
  assertEquals(await outcomesOf({ accessKey: "k" }, common), ["incomplete", "incomplete", "incomplete"]);
  assertEquals(await outcomesOf({ client_id: "i", client_secret: "s" }, common), ["hit", "hit", "hit"]);
  const three = { ...common, "d:login": { user: "/minio/user" } };
  assertEquals(await outcomesOf({ minio: { user: "u" } }, three), ["not_found", "not_found", "not_found", "hit"]);
});

Deno.test("a credential whose place is the document of all others is not mistaken for one of them", async () => {
  const readers = { "a:all": { user: "/minio" }, "b:login": { user: "/minio/user" } };
  assertEquals(await outcomesOf({ minio: { user: "u" } }, readers), ["invalid", "hit"]);
  assertEquals(await outcomesOf({ other: 1 }, readers), ["not_found", "not_found"]);
});

Deno.test("another store's document of the same name shares nothing", async () => {
  const [one, other] = [{ minio: { user: "u" } }, { minio: { user: "u" } }].map((answer) =>
    scriptedStore({ shape: document, answer })
  );
  const read = (locator: string) => ({ document: "d.json", fields: { user: locator } });
  const resolver = createResolver(
    {
      stores: { one: one!.store({ priority: 2 }), other: other!.store({ priority: 1 }) },
      credentials: {
        "a:login": { fields: { user: required() }, from: { one: read("/neo4j/user") } },
        "b:login": { fields: { user: required() }, from: { other: read("/minio/user") } },
      },
    } as never,
    testHost(),
  );
  const [result] = await Promise.allSettled([resolver.resolve("a:login" as never)]);
  assertEquals(result.status === "rejected" && result.reason.code, "incomplete");
});
