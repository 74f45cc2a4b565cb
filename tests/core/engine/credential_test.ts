import { assertEquals, assertFalse, assertThrows } from "@std/assert";
import { inspect } from "node:util";
import * as v from "valibot";
import {
  createResolver,
  type Credential,
  defineChain,
  env,
  optional,
  required,
  type StandardSchema,
} from "../../../mod.ts";
import { testHost } from "../../../src/testing/mod.ts";
import { LOGIN, smallChain } from "../../support/fixtures/small_chain.ts";

const SECRET = `not-a-secret-${crypto.randomUUID()}`;

async function credential() {
  const { resolver } = smallChain({ env: env({ priority: 1 }) }, { env: { prefix: "DB_" } }, {
    fields: { ...LOGIN, note: optional() },
    env: { DB_USER: SECRET, DB_PASSWORD: SECRET },
  });
  return await resolver.resolve("db:basic");
}

const ROUTES: Readonly<Record<string, (credential: Credential) => unknown>> = {
  "toString": String,
  "a template literal": (credential) => `${credential}`,
  "JSON": (credential) => JSON.stringify(credential),
  "JSON in an object": (credential) => JSON.stringify({ deep: [credential] }),
  "Deno.inspect": (credential) => Deno.inspect(credential, { depth: 99, showHidden: true }),
  "Deno.inspect of an object that contains it": (credential) => Deno.inspect({ credential }, { depth: 99 }),
  "util.inspect": (credential) => inspect(credential, { depth: 99, showHidden: true, getters: true }),
  "util.inspect without its custom function": (credential) =>
    inspect(credential, { depth: 99, showHidden: true, customInspect: false }),
  "a spread": (credential) => inspect({ ...credential }, { depth: 99 }),
  "a clone": (credential) => inspect(structuredClone(credential), { depth: 99, showHidden: true }),
  "Object.entries": (credential) => inspect(Object.entries(credential), { depth: 99 }),
  "every own property": (credential) =>
    inspect(Reflect.ownKeys(credential).map((name) => Object.getOwnPropertyDescriptor(credential, name)), {
      depth: 99,
    }),
  "every property of its class": (credential) =>
    inspect(Object.getOwnPropertyDescriptors(Object.getPrototypeOf(credential)), { depth: 99, showHidden: true }),
  "an error's cause": (credential) => inspect(new Error("failed", { cause: credential }), { depth: 99 }),
  "console.log": (credential) => {
    const lines: string[] = [];
    const log = console.log;
    console.log = (...args) => lines.push(args.map((arg) => Deno.inspect(arg)).join(" "));
    console.log("%o", credential, credential);
    console.log = log;
    return lines.join();
  },
};

for (const [route, take] of Object.entries(ROUTES)) {
  Deno.test(`a credential shows no value through ${route}`, async () => {
    assertFalse(String(take(await credential())).includes(SECRET));
  });
}

Deno.test("a printed credential shows its key, its source and the names of its fields, but no value", async () => {
  const held = await credential();
  assertEquals(String(held), "Credential db:basic from env (user, password)");
  assertEquals(Deno.inspect(held), "Credential db:basic from env (user, password)");
  assertEquals(JSON.parse(JSON.stringify(held)), {
    key: "db:basic",
    source: "env",
    fields: ["user", "password"],
    degraded: false,
  });
});

Deno.test("get() returns a field's value, and throws for a field that the credential does not have", async () => {
  const held = await credential();
  assertEquals([held.get("user"), held.get("note"), held.sourceOf("note")], [SECRET, undefined, undefined]);
  const message = 'Cannot get "toString" of "db:basic": its fields are user, password, note';
  assertThrows(() => held.get("toString" as "user"), TypeError, message);
  assertThrows(() => held.sourceOf("__proto__" as "user"), TypeError, "Cannot get");
});

Deno.test("a caller cannot change the credential of others: its trace and fields are frozen", async () => {
  const held = await credential();
  assertThrows(() => (held.trace as unknown[]).push("x"), TypeError);
  assertThrows(() => (held.fields as string[]).push("x"), TypeError);
  assertThrows(() => Object.assign(held.trace[0]!, { store: "x" }), TypeError);
});

Deno.test("a field has its schema's output type, and an error shows neither an invalid value nor the schema's message", async () => {
  const port: StandardSchema<string, number> = {
    "~standard": {
      version: 1,
      vendor: "own",
      validate: (value) =>
        /^\d+$/.test(String(value)) ? { value: Number(value) } : { issues: [{ message: `not a port: ${value}` }] },
    },
  };
  const chain = defineChain({
    stores: { env: env({ priority: 1 }) },
    credentials: { "db:port": { fields: { port: required(port) }, from: { env: { prefix: "DB_" } } } },
  });
  const found: number = (await createResolver(chain, testHost({ env: { DB_PORT: "5432" } })).resolve("db:port")).get(
    "port",
  );
  assertEquals(found, 5432);
  const wrong = await createResolver(chain, testHost({ env: { DB_PORT: SECRET } })).resolve("db:port").catch((error) =>
    error
  );
  assertEquals(wrong.message, 'Cannot resolve "db:port": "env" is invalid: DB_PORT does not fit its schema');
  assertFalse(inspect(wrong, { depth: 99, showHidden: true }).includes(SECRET));
});

Deno.test("the error for a schema that throws or is asynchronous blames the schema, without quoting its error", async () => {
  const schemas: readonly (readonly [() => never, string])[] = [
    [() => {
      throw new Error(SECRET);
    }, "DB_PORT has a schema that threw an error"],
    [
      () => Promise.reject(new Error(SECRET)) as never,
      "DB_PORT has an asynchronous schema: expected a synchronous one",
    ],
    [() => ({}) as never, "DB_PORT has a schema that gives no value"],
    [
      () => {
        let asked = 0;
        const type = { toString: () => asked++ ? SECRET : "string" };
        return { issues: [{ type, message: SECRET, expected: SECRET, received: SECRET, path: [SECRET] }] } as never;
      },
      "DB_PORT does not fit its schema (string)",
    ],
  ];
  for (const [validate, detail] of schemas) {
    const schema: StandardSchema<string, string> = { "~standard": { version: 1, vendor: "own", validate } };
    const chain = defineChain({
      stores: { env: env({ priority: 1 }) },
      credentials: { "db:port": { fields: { port: required(schema) }, from: { env: { prefix: "DB_" } } } },
    });
    const wrong = await createResolver(chain, testHost({ env: { DB_PORT: SECRET } })).resolve("db:port").catch((
      error,
    ) => error);
    assertEquals(wrong.message, `Cannot resolve "db:port": "env" is invalid: ${detail}`);
  }
});

Deno.test("the error of a schema names the kind of mistake, but neither what was found nor what was expected", async () => {
  const fields = {
    user: required(v.pipe(v.string(), v.minLength(200))),
    port: required(v.pipe(v.string(), v.transform(Number))),
  };
  const { chain, host, resolver } = smallChain({ env: env({ priority: 1 }) }, { env: { prefix: "DB_" } }, {
    fields,
    env: { DB_USER: SECRET, DB_PORT: "5432" },
  });
  const wrong = await resolver.resolve("db:basic").catch((error) => error);
  assertEquals(
    wrong.message,
    'Cannot resolve "db:basic": "env" is invalid: DB_USER does not fit its schema (min_length)',
  );
  assertFalse(inspect(wrong, { depth: 99, showHidden: true }).includes(SECRET));
  host.env.DB_USER = "x".repeat(200);
  const port: number = (await createResolver(chain, host).resolve("db:basic")).get("port");
  assertEquals(port, 5432);
});
