import { assertEquals, assertStrictEquals } from "@std/assert";
import { defineStore, destination, env, file, optional, required, token } from "../../mod.ts";
import { validateChain } from "../../src/report/mod.ts";
import shipped from "../../chain.config.ts";
import { MISTAKES, MISTAKES_OF_THE_THOROUGH_CHECK, MISTAKES_WITH_CONSEQUENCES } from "../support/fixtures/mistakes.ts";
import { SHARE_MISTAKES, SHARE_MISTAKES_OF_THE_THOROUGH_CHECK } from "../support/fixtures/share_mistakes.ts";
import { problems } from "../support/fixtures/rejection.ts";

const SENTINEL = "s3nt1nel-of-a-secret" as never;
const fields = { user: required() };
const from = { env: { prefix: "DB_" } };

Deno.test("validateChain() returns the shipped chain unchanged", () => {
  assertStrictEquals<unknown>(validateChain(shipped), shipped);
});

Deno.test("validateChain() lists every problem of a chain at once, each with its place", () => {
  const chain = {
    stores: { m2m: 5, file: file({ priority: 100, directory: "state" }), env: env({ priority: 100 }) },
    credentials: {
      "polaris:oauth": {
        fields: { id: required(), principal: { presence: SENTINEL } },
        from: { vault: {}, env: { prefix: 4 }, file: { document: "a.json", fields: { id: "", nobody: "x" } } },
        anyof: ["id"],
      },
      plain: { fields, from: {} },
      "n:n": null,
    },
    defaults: SENTINEL,
  };
  assertEquals(problems(() => validateChain(chain)), [
    'defaults: Expected "allow", "forbid", or a flag in forbidWhen',
    'credentials["polaris:oauth"].fields.principal.presence: Unknown presence: expected required, optional, setting, ' +
    "destination",
    'credentials["polaris:oauth"].from.env.prefix: Expected a string',
    'credentials["n:n"]: Expected an object',
    "stores.m2m: Expected a store, such as env() or file() returns",
    'stores.env.priority: Stores "file" and "env" both have 100: expected different priorities',
    'credentials["polaris:oauth"].anyof: Unknown member "anyof": did you mean "anyOf"?',
    'credentials["polaris:oauth"].from.vault: Cannot find a store named "vault": the stores are m2m, file, env',
    'credentials["polaris:oauth"].from.file.fields.nobody: Unknown member "nobody": expected id, principal',
    'credentials["polaris:oauth"].from.file.fields.id: Expected a member, a JSON Pointer or a template: "" is a whole ' +
    "text, with text: true",
    'credentials["plain"]: Expected a key such as "service:purpose"',
    'credentials["plain"].from: Names no store: expected at least one of m2m, file, env',
  ]);
});

const issuer = defineStore({ kind: "issuer", shape: token, needs: ["client"], open: () => () => undefined });

const CASES: readonly (readonly [what: string, chain: unknown, problem: string])[] = [
  ["nothing", undefined, "the chain: Expected an object"],
  ["a list", [], "the chain: Expected an object"],
  ["a text", SENTINEL, "the chain: Expected an object"],
  [
    "a member too many",
    { stores: {}, credentials: {}, store: SENTINEL },
    'store: Unknown member "store": did you mean "stores"?',
  ],
  [
    "stores that are a list",
    { stores: [], credentials: {} },
    "stores: Expected an object",
  ],
  [
    "a store's options of the wrong kind",
    { stores: { env: env({ priority: 1, enabled: SENTINEL, timeout: -1, onDenied: SENTINEL }) }, credentials: {} },
    "stores.env.timeout: Expected a number of milliseconds, 0 or more\n" +
    'stores.env.onDenied: Expected "next" or "stop"\n' +
    "stores.env.enabled: Expected true, false or a flag, such as flag() returns",
  ],
  [
    "a priority that is not a number",
    { stores: { env: env({ priority: SENTINEL }) }, credentials: {} },
    "stores.env.priority: Expected a finite number",
  ],
  [
    "no fields",
    { stores: { env: env({ priority: 1 }) }, credentials: { "db:basic": { from } } },
    'credentials["db:basic"].fields: Expected at least one required or optional field',
  ],
  [
    "an object that is not a schema",
    {
      stores: { env: env({ priority: 1 }) },
      credentials: { "db:basic": { fields: { user: { presence: "required", schema: SENTINEL } }, from } },
    },
    'credentials["db:basic"].fields.user.schema: Expected a Standard Schema, such as those of valibot',
  ],
  [
    "a destination from an unknown store",
    {
      stores: { env: env({ priority: 1 }) },
      credentials: { "db:basic": { fields: { user: optional(), uri: destination({ from: ["vault"] }) }, from } },
    },
    'credentials["db:basic"].fields.uri.from: Cannot find a store named "vault": the stores are env',
  ],
  [
    "names of the wrong kind",
    {
      stores: { env: env({ priority: 1 }) },
      credentials: { "db:basic": { fields, from: { env: { fields: { user: [1] } } } } },
    },
    'credentials["db:basic"].from.env.fields.user: Expected a name or a list of names',
  ],
  [
    "a request of the wrong kind for a token store",
    {
      stores: { issuer: issuer({ priority: 2, client: "db:basic" }), env: env({ priority: 1 }) },
      credentials: { "db:basic": { fields, from }, "db:token": { fields, from: { issuer: "everything" } } },
    },
    'credentials["db:token"].from.issuer: Expected true, or an object with the parameters of the request',
  ],
  [
    "a need that the chain has no credential for",
    {
      stores: { issuer: issuer({ priority: 2, client: "db:other" }), env: env({ priority: 1 }) },
      credentials: { "db:basic": { fields, from } },
    },
    'stores.issuer.client: Cannot find a credential "db:other": the credentials are db:basic',
  ],
];

for (const [what, chain, problem] of CASES) {
  Deno.test(`validateChain() refuses ${what}, without quoting a value`, () => {
    const found = problems(() => validateChain(chain));
    assertEquals(found.join("\n"), problem);
    assertEquals(found.some((line) => line.includes(SENTINEL)), false);
  });
}

for (const [what, chain, expected] of [...MISTAKES, ...SHARE_MISTAKES, ...MISTAKES_WITH_CONSEQUENCES]) {
  Deno.test(`validateChain() says of ${what} what a resolver says, once`, () => {
    assertEquals(problems(() => validateChain(chain)), expected);
  });
}

for (const [what, chain, expected] of [...MISTAKES_OF_THE_THOROUGH_CHECK, ...SHARE_MISTAKES_OF_THE_THOROUGH_CHECK]) {
  Deno.test(`validateChain() refuses ${what}, of which a resolver says nothing, or less`, () => {
    assertEquals(problems(() => validateChain(chain)), expected);
  });
}

Deno.test("validateChain() lists a wrong name beside a wrong value in the same part of a chain", () => {
  const chain = {
    stores: { "my-file": file({ priority: 2, directory: "state" }), env: env({ priority: 1 }) },
    credentials: {
      "db:basic": {
        fields: { user: required(), nobody: required, uri: { presence: "setting", form: [] } },
        anyOf: [7],
        from: { "my-file": { document: "", feilds: {} }, env: { prefix: 4, fields: { usr: "U" } } },
        form: {},
      },
      "db:other": { fields: { user: required() }, from: { env: { prefix: 4 } } },
    },
  };
  assertEquals(problems(() => validateChain(chain)), [
    'credentials["db:basic"].fields.nobody: Expected a field, such as required(), optional(), setting() or ' +
    "destination() returns",
    'credentials["db:basic"].anyOf["0"]: Expected a string',
    'credentials["db:basic"].from["my-file"].document: Expected a non-empty string',
    'credentials["db:basic"].from.env.prefix: Expected a string',
    'credentials["db:other"].from.env.prefix: Expected a string',
    'credentials["db:basic"].form: Unknown member "form": did you mean "from"?',
    'credentials["db:basic"].fields.uri.form: Unknown member "form": did you mean "from"?',
    'credentials["db:basic"].from.my-file.feilds: Unknown member "feilds": did you mean "fields"?',
    'credentials["db:basic"].from.env.fields.usr: Unknown member "usr": did you mean "user"?',
  ]);
});

Deno.test("validateChain() names the members of a field that its presence would ignore", () => {
  const ignored = {
    user: { presence: "required", default: SENTINEL, from: ["env"] },
    note: { presence: "optional", default: SENTINEL },
    region: { presence: "setting", default: "eu", from: ["env"] },
    uri: { presence: "destination", from: ["env"], schema: { "~standard": { validate: () => ({}) } } },
  };
  const chain = { stores: { env: env({ priority: 1 }) }, credentials: { "db:basic": { fields: ignored, from } } };
  const at = 'credentials["db:basic"].fields';
  assertEquals(problems(() => validateChain(chain)), [
    `${at}.user.default: A field that is required has no default: remove it, or change the presence`,
    `${at}.user.from: A field that is required has no from: remove it, or change the presence`,
    `${at}.note.default: A field that is optional has no default: remove it, or change the presence`,
    `${at}.region.from: A field that is setting has no from: remove it, or change the presence`,
    `${at}.uri.schema: A field that is destination has no schema: remove it, or change the presence`,
  ]);
});
