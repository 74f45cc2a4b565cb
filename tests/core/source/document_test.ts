import { assertEquals } from "@std/assert";
import {
  createResolver,
  defineChain,
  document,
  type DocumentMapping,
  optional,
  required,
  setting,
} from "../../../mod.ts";
import { scriptedStore, testHost } from "../../../src/testing/mod.ts";
import { rejection } from "../../support/fixtures/rejection.ts";

const FIELDS = { id: required(), secret: required(), principal: optional(), region: setting() };

const POLARIS: DocumentMapping<"id" | "secret" | "principal"> = {
  document: "p.json",
  fields: {
    id: ["client_id", "/credentials/clientId"],
    secret: ["client_secret", "/credentials/clientSecret"],
    principal: ["principal", "/principal/name"],
  },
};

function resolverOf(answer: unknown, mapping: string | DocumentMapping<keyof typeof FIELDS>) {
  const store = scriptedStore({ shape: document, answer });
  const chain = defineChain({
    stores: { own: store.store({ priority: 1 }) },
    credentials: { "db:oauth": { fields: FIELDS, from: { own: mapping } } },
  });
  return createResolver(chain, testHost());
}

async function valuesOf(answer: unknown, mapping: string | DocumentMapping<keyof typeof FIELDS>) {
  const credential = await resolverOf(answer, mapping).resolve("db:oauth");
  return Object.fromEntries(credential.fields.map((name) => [name, credential.get(name as "id")]));
}

const FLAT = { client_id: "flat", client_secret: "flat-secret", principal: "flat-name" };
const OWN = { principal: { name: "own-name" }, credentials: { clientId: "own", clientSecret: "own-secret" } };

Deno.test("a mapping that is a document's name reads the members with the fields' names", async () => {
  assertEquals(await valuesOf({ id: "i", secret: "s", other: "o" }, "p.json"), { id: "i", secret: "s" });
});

Deno.test("a document is read in whichever of two forms it has", async () => {
  assertEquals(await valuesOf(FLAT, POLARIS), { id: "flat", secret: "flat-secret", principal: "flat-name" });
  assertEquals(await valuesOf(OWN, POLARIS), { id: "own", secret: "own-secret", principal: "own-name" });
});

Deno.test("the values of a document with both forms all come from one form", async () => {
  const both = { ...OWN, client_id: "flat", client_secret: "flat-secret" };
  assertEquals(await valuesOf(both, POLARIS), { id: "flat", secret: "flat-secret" });
  assertEquals(await valuesOf({ ...OWN, ...FLAT }, POLARIS), {
    id: "flat",
    secret: "flat-secret",
    principal: "flat-name",
  });
});

Deno.test("a form without its secret is not completed from the other form", async () => {
  for (const incomplete of [{ ...OWN, client_id: "flat" }, { ...OWN, client_id: "flat", client_secret: " " }]) {
    const { code, missing } = await rejection(resolverOf(incomplete, POLARIS).resolve("db:oauth"));
    assertEquals([code, missing], ["incomplete", ["p.json#client_secret"]]);
  }
  const { missing } = await rejection(
    resolverOf({ principal: { name: "n" }, credentials: { clientId: "own" } }, POLARIS).resolve("db:oauth"),
  );
  assertEquals(missing, ["p.json#/credentials/clientSecret"]);
});

Deno.test("a JSON Pointer reaches into arrays, and its escapes are decoded (RFC 6901)", async () => {
  const mapping = { document: "p.json", fields: { id: "/users/1/a~1b", secret: "/users/1/m~0n" } };
  assertEquals(await valuesOf({ users: [{}, { "a/b": "i", "m~n": "s" }] }, mapping), { id: "i", secret: "s" });
});

Deno.test("a member is found although its name has a slash, a dot or a space", async () => {
  const mapping = { document: "p.json", fields: { id: "a.b", secret: "c d" } };
  assertEquals(await valuesOf({ "a.b": "i", "c d": "s", a: { b: "no" } }, mapping), { id: "i", secret: "s" });
});

Deno.test("only a document's own members are read, including those with names that every object inherits", async () => {
  const mapping = { document: "p.json", fields: { id: "constructor", secret: "__proto__" } };
  assertEquals(await resolverOf({}, mapping).find("db:oauth"), undefined);
  assertEquals(
    await resolverOf({}, { document: "p.json", fields: { id: "/constructor/name", secret: "toString" } }).find(
      "db:oauth",
    ),
    undefined,
  );
  const own = JSON.parse('{"constructor":"i","__proto__":"s"}');
  assertEquals(await valuesOf(own, mapping), { id: "i", secret: "s" });
  const { code } = await rejection(
    resolverOf(JSON.parse('{"__proto__":{"id":"i","secret":"s"}}'), "p.json").resolve("db:oauth"),
  );
  assertEquals(code, "incomplete");
});

Deno.test("a template joins its parts, and stops the walk if one of them is missing", async () => {
  const mapping = { document: "p.json", fields: { id: "{client_id}:{client_secret}", secret: "client_secret" } };
  assertEquals(await valuesOf({ client_id: "i", client_secret: "a:b:c" }, mapping), { id: "i:a:b:c", secret: "a:b:c" });
  const incomplete = await rejection(resolverOf({ client_id: "i" }, mapping).resolve("db:oauth"));
  assertEquals([incomplete.code, incomplete.missing[0]], ["incomplete", "p.json#client_secret"]);
  assertEquals(await resolverOf({}, mapping).find("db:oauth"), undefined);
});

Deno.test("a template's part that contains the separator is invalid, since it would read as another identity", async () => {
  const mapping = { document: "p.json", fields: { id: "{client_id}:{client_secret}", secret: "client_secret" } };
  const { code, message } = await rejection(
    resolverOf({ client_id: "with:colon", client_secret: "s" }, mapping).resolve("db:oauth"),
  );
  assertEquals(code, "invalid");
  assertEquals(
    message,
    'Cannot resolve "db:oauth": "own" is invalid: p.json#client_id contains ":", which separates the parts of the template',
  );
});

Deno.test("a form whose template lacks a part is not passed over for the next form", async () => {
  const mapping = {
    document: "p.json",
    fields: { id: ["{a}:{b}", "{/c/a}:{/c/b}"], secret: ["s", "/c/s"] },
  };
  const both = { a: "1", c: { a: "3", b: "4", s: "5" } };
  assertEquals((await rejection(resolverOf(both, mapping).resolve("db:oauth"))).code, "incomplete");
  assertEquals(await valuesOf({ c: { a: "3", b: "4", s: "5" } }, mapping), { id: "3:4", secret: "5" });
});

Deno.test("a document that is not an object is invalid, and so is a field that is not text", async () => {
  const cases = [
    [["id"], "p.json is an array: expected a JSON object"],
    ["text", "p.json is a scalar: expected a JSON object"],
    [7, "p.json is a scalar: expected a JSON object"],
    [{ id: 7, secret: "s" }, "p.json#id is not text"],
    [{ id: true, secret: "s" }, "p.json#id is not text"],
    [{ id: ["i"], secret: "s" }, "p.json#id is not text"],
    [{ id: { of: "i" }, secret: "s" }, "p.json#id is not text"],
  ] as const;
  for (const [answer, detail] of cases) {
    const error = await rejection(resolverOf(answer, "p.json").resolve("db:oauth"));
    assertEquals([error.code, error.trace[0]?.detail], ["invalid", detail]);
  }
});

Deno.test("an object where the first form has text belongs to the next form, and is invalid if that form is absent", async () => {
  assertEquals((await valuesOf(OWN, POLARIS)).principal, "own-name");
  const { code } = await rejection(resolverOf({ client_id: {}, client_secret: {} }, POLARIS).resolve("db:oauth"));
  assertEquals(code, "invalid");
});

Deno.test("a setting is read from the same document", async () => {
  assertEquals(await valuesOf({ id: "i", secret: "s", region: "here" }, "p.json"), {
    id: "i",
    secret: "s",
    region: "here",
  });
});

Deno.test("a setting at the place of the identity, or around it, does not hide what is there in another form", async () => {
  const around = { document: "p.json", fields: { id: "/login/id", secret: "/login/secret", region: "/login" } };
  const other = await rejection(resolverOf({ login: { accessKey: "k", secretKey: "s" } }, around).resolve("db:oauth"));
  assertEquals(other.trace[0]?.detail, "p.json is there, but has none of /login/id, /login/secret");
  const same = { document: "p.json", fields: { id: "id", secret: "secret", region: "id" } };
  assertEquals((await rejection(resolverOf({ id: " " }, same).resolve("db:oauth"))).code, "incomplete");
  assertEquals(await resolverOf({ region: "eu" }, "p.json").find("db:oauth"), undefined);
});

Deno.test("a look-up that gives no plain data, such as a response, is not taken for a document that holds nothing", async () => {
  for (const answer of [new Response("{}"), new Map([["id", "i"]]), new Date(0), Object.create({ id: "i" })]) {
    const { code, trace } = await rejection(resolverOf(answer, "p.json").resolve("db:oauth"));
    assertEquals([code, trace[0]?.detail], ["invalid", "p.json is not plain data: expected a JSON object"]);
  }
  assertEquals(await resolverOf(Object.create(null), "p.json").find("db:oauth"), undefined);
});
