import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  createResolver,
  defineChain,
  defineStore,
  destination,
  document,
  env,
  file,
  memory,
  optional,
  required,
  setting,
  token,
  variables,
} from "../../../mod.ts";
import chain from "../../../chain.config.ts";
import { scriptedStore, testHost } from "../../../src/testing/mod.ts";
import { MISTAKES, MISTAKES_WITH_CONSEQUENCES } from "../../support/fixtures/mistakes.ts";
import { problems, rejection } from "../../support/fixtures/rejection.ts";
import { SHARE_MISTAKES } from "../../support/fixtures/share_mistakes.ts";
import { smallChain } from "../../support/fixtures/small_chain.ts";

/** Compiles a chain whose mistakes the types did not find, and returns the problems. */
function problemsOf(chain: object): readonly string[] {
  return problems(() => createResolver(chain as never, testHost()));
}

const FIELDS = { user: required(), password: required(), note: optional() };

Deno.test("the shipped chain compiles", () => {
  createResolver(chain, testHost());
});

Deno.test("a store says which names of a mapping it cannot have, by its options, each at its place", () => {
  const refusing = (shape: typeof variables | typeof document) =>
    defineStore({
      kind: "refusing",
      shape,
      options: ["only"],
      checkMapping: ({ reads, document }, { only }, complain) => {
        const names = document ? [document.name] : reads;
        names.filter((name) => name !== only).forEach((name) => complain(".own", `Has no "${name}"`));
      },
      open: (_: { only: string }) => () => undefined,
    });
  const chain = (only: string) => ({
    stores: {
      variables: refusing(variables)({ priority: 2, only }),
      document: refusing(document)({ priority: 1, only }),
    },
    credentials: {
      "a:b": {
        fields: { user: required() },
        from: { variables: { prefix: "a/" }, document: { document: "a/user", fields: { user: "u" } } },
      },
    },
  });
  assertEquals(problemsOf(chain("a")), [
    'credentials["a:b"].from.variables.own: Has no "a/user"',
    'credentials["a:b"].from.document.own: Has no "a/user"',
  ]);
  createResolver(chain("a/user") as never, testHost());
});

Deno.test("one error lists every problem of a chain, each with its place and what was expected", () => {
  assertEquals(
    problemsOf({
      stores: {
        file: file({ priority: 1, directory: "d" }),
        env: env({ priority: 1 }),
        odd: {},
        default: env({ priority: 2 }),
      },
      credentials: {
        "db:basic": {
          fields: { ...FIELDS, uri: destination({ from: ["vault"] }) },
          anyOf: ["uri"],
          from: { vault: "db.json", env: { prefix: "DB_", feilds: {} } },
        },
        nameless: { fields: { region: setting() }, from: {} },
      },
    }),
    [
      'stores.env.priority: Stores "file" and "env" both have 1: expected different priorities',
      "stores.odd: Expected a store, such as env() or file() returns",
      'stores.default: The name "default" is reserved: choose another name',
      'credentials["db:basic"].fields.uri.from: Cannot find a store named "vault": the stores are file, env, odd, default',
      'credentials["db:basic"].anyOf: "uri" is not a required or optional field: expected user, password, note',
      'credentials["db:basic"].from.vault: Cannot find a store named "vault": the stores are file, env, odd, default',
      'credentials["db:basic"].from.env.feilds: Unknown member "feilds": did you mean "fields"?',
      'credentials["nameless"]: Expected a key such as "service:purpose"',
      'credentials["nameless"].fields: Expected at least one required or optional field',
      'credentials["nameless"].from: Names no store: expected at least one of file, env, odd, default',
    ],
  );
});

Deno.test("a key with a line break is refused, wherever it is", () => {
  const problemsOfKey = (key: string) =>
    problemsOf({
      stores: { env: env({ priority: 1 }) },
      credentials: { [key]: { fields: { user: required() }, from: { env: { prefix: "DB_" } } } },
    });
  for (
    const key of [
      "db\n:basic",
      "\ndb:basic",
      "d\rb:basic",
      "db:\nbasic",
      "db:ba\r\nsic",
      "db:basic\n",
      "db:basic\u2028",
    ]
  ) {
    assertEquals(problemsOfKey(key).join("\n"), `credentials["${key}"]: Expected a key such as "service:purpose"`);
  }
});

for (const [what, chain, expected] of [...MISTAKES, ...SHARE_MISTAKES]) {
  Deno.test(`a resolver is refused ${what}, although no compiler looked`, () => {
    assertEquals(problemsOf(chain), expected);
  });
}

for (const [what, chain, expected] of MISTAKES_WITH_CONSEQUENCES) {
  Deno.test(`a resolver is refused ${what}, and the error lists the mistake itself`, () => {
    const found = problemsOf(chain);
    assertEquals(found.filter((problem) => expected.includes(problem)), expected);
  });
}

Deno.test("a value where a field was forgotten is not quoted, and its length is not told", () => {
  const credentials = { "db:basic": { fields: { user: "s3cret" }, from: { env: { prefix: "DB_" } } } };
  assertEquals(problemsOf({ stores: { env: env({ priority: 1 }) }, credentials }), [
    'credentials["db:basic"].fields.user: Expected a field, such as required() returns',
    'credentials["db:basic"].fields: Expected at least one required or optional field',
  ]);
});

Deno.test("a resolver is refused what is not a field, without which half of an identity would be a whole one", () => {
  for (const user of [required, { presence: "require" }, { presence: "constructor" }, {}, true, null]) {
    const credentials = {
      "db:basic": { fields: { user, password: required() }, from: { env: { prefix: "DB_" } } },
    };
    assertEquals(problemsOf({ stores: { env: env({ priority: 1 }) }, credentials }), [
      'credentials["db:basic"].fields.user: Expected a field, such as required() returns',
    ]);
  }
});

Deno.test("a store of one's own that does not list its options takes any", () => {
  const { store } = scriptedStore({ shape: variables });
  const own = store({ priority: 1, timeut: 5 } as never);
  createResolver(
    { stores: { own }, credentials: { "db:basic": { fields: FIELDS, from: { own: { prefix: "" } } } } },
    testHost(),
  );
});

Deno.test("a store of one's own that lists its options and its request is checked as a built-in one is", () => {
  const issuer = defineStore({
    kind: "issuer",
    shape: token,
    needs: ["client"],
    options: ["realm"],
    request: ["ticket"],
    open: (_: { realm: string }) => (_: { ticket?: string }) => undefined,
  });
  const stores = {
    issuer: issuer({ priority: 2, realm: "r", relm: "r", client: "db:basic", advisoryWindow: 5 } as never),
    env: env({ priority: 1 }),
  };
  const credentials = {
    "db:basic": { fields: FIELDS, from: { env: { prefix: "DB_" } } },
    "db:token": { fields: { token: required() }, from: { issuer: { tiket: "t", with: { token: "t" } } } },
  };
  assertEquals(problemsOf({ stores, credentials }), [
    'stores.issuer.relm: Unknown option "relm": did you mean "realm"?',
    'credentials["db:token"].from.issuer.tiket: Unknown member "tiket": did you mean "ticket"?',
  ]);
});

Deno.test("install() and resolve() name the credential that is meant", async () => {
  const { resolver } = smallChain({ env: env({ priority: 1 }) }, { env: { prefix: "DB_" } });
  const store = memory({ priority: 2, enabld: false } as never);
  assertEquals(problems(() => resolver.install("own", store, { "db:basik": { prefix: "" } } as never)), [
    'install("own").from["db:basik"]: Cannot find a credential "db:basik": did you mean "db:basic"? The credentials ' +
    "are db:basic",
  ]);
  assertEquals(problems(() => resolver.install("own", store, { "db:basic": { prefix: "" } })), [
    'stores.own.enabld: Unknown option "enabld": did you mean "enabled"?',
  ]);
  assertEquals(
    (await rejection(resolver.resolve("DB:basic" as never))).message,
    'Cannot resolve "DB:basic": the chain has no such credential: did you mean "db:basic"? The credentials are db:basic',
  );
});

Deno.test("what a script adds to every object is no check of an option, and is not called", () => {
  const added = () => "not-a-problem";
  Object.assign(Object.prototype, { added });
  try {
    const stores = { file: file({ priority: 1, directory: "d" }) };
    const credentials = { "db:basic": { fields: FIELDS, from: { file: "db.json" } } };
    createResolver({ stores, credentials } as never, testHost());
  } finally {
    delete (Object.prototype as { added?: unknown }).added;
  }
});

Deno.test("a priority that is not a finite number is refused", () => {
  for (const priority of [NaN, Infinity, "1", undefined]) {
    const [problem] = problemsOf({ stores: { env: env({ priority: priority as number }) }, credentials: {} });
    assertEquals(problem, "stores.env.priority: Expected a finite number");
  }
});

Deno.test("a mapping that can never find a whole identity is refused", () => {
  const cases = [
    [{ env: {} }, "Maps no field: expected a prefix, or names in fields"],
    [
      { env: { fields: { user: "U" } } },
      "Maps only part of the identity: expected password too",
    ],
    [{ env: { fields: { usr: "U" } } }, 'Unknown member "usr": did you mean "user"?'],
    [{ env: { fields: { login: "U" } } }, 'Unknown member "login": expected user, password, note'],
    [{ file: "" }, "Expected the name of a document"],
    [{ file: { document: 7, fields: {} } }, "Expected the name of a document"],
    [{ file: { document: ["a", "b"], fields: {} } }, "Expected the name of a document"],
    [{ file: { document: "a.json", fields: {} } }, "Maps no field: expected a locator for at least one"],
    [
      { file: { document: "a.json", fields: { user: "{", password: "p" } } },
      'Expected a template such as "{id}:{secret}"',
    ],
    [
      { file: { document: "a.json", fields: { user: "{a}{b}", password: "p" } } },
      "Expected text between the parts of a template",
    ],
    [
      { file: { document: "a.json", fields: { user: "", password: "p" } } },
      "Expected a member, a JSON Pointer or a template",
    ],
  ] as const;
  for (const [from, message] of cases) {
    const found = problemsOf({
      stores: { file: file({ priority: 2, directory: "d" }), env: env({ priority: 1 }) },
      credentials: { "db:basic": { fields: FIELDS, from } },
    });
    assertStringIncludes(found.join("\n"), message);
  }
});

Deno.test("a store that needs a credential which the chain does not have is refused", () => {
  const store = scriptedStore({ shape: token, needs: ["client"] });
  const stores = { own: store.store({ priority: 2, client: "own:client" }), env: env({ priority: 1 }) };
  assertEquals(problemsOf({ stores, credentials: { "db:basic": { fields: FIELDS, from: { own: true } } } }), [
    'stores.own.client: Cannot find a credential "own:client": the credentials are db:basic',
  ]);
});

Deno.test("a store that needs itself is refused, and the error shows the cycle", () => {
  const first = scriptedStore({ shape: token, needs: ["client"] });
  const second = scriptedStore({ shape: document, needs: ["identity"] });
  const stores = {
    first: first.store({ priority: 2, client: "a:client" }),
    second: second.store({ priority: 1, identity: "b:identity" }),
  };
  const credentials = {
    "a:client": { fields: { id: required() }, from: { second: "a.json" } },
    "b:identity": { fields: { id: required() }, from: { first: true } },
  };
  assertEquals(problemsOf({ stores, credentials }), [
    'credentials["a:client"]: Needs itself: a:client → b:identity → a:client',
  ]);

  const chain = defineChain({
    stores: { env: env({ priority: 1 }) },
    credentials: { "a:client": { fields: { id: required() }, from: { env: { prefix: "A_" } } } },
  });
  const resolver = createResolver(chain, testHost());
  const own = first.store({ priority: 2, client: "a:client" });
  assertEquals(problems(() => resolver.install("own", own, { "a:client": true })), [
    'credentials["a:client"]: Needs itself: a:client → a:client',
  ]);
});

Deno.test("describe() lists what each store reads before any store is asked", () => {
  const host = testHost({ env: { ALPHASWARM_POLARIS_CLIENT_SECRET: "not-a-secret" } });
  const { credentials } = createResolver(chain, host).describe();
  const polaris = credentials.find(({ key }) => key === "polaris:oauth")!;
  assertEquals(polaris.from.find(({ store }) => store === "env")?.reads, [
    "ALPHASWARM_POLARIS_CLIENT_ID",
    "ALPHASWARM_POLARIS_CLIENT_SECRET",
    "ALPHASWARM_POLARIS_PRINCIPAL",
  ]);
  assertEquals(polaris.from.find(({ store }) => store === "file")?.reads, [
    "polaris-principal.json#client_id",
    "polaris-principal.json#/credentials/clientId",
    "polaris-principal.json#client_secret",
    "polaris-principal.json#/credentials/clientSecret",
    "polaris-principal.json#principal",
    "polaris-principal.json#/principal/name",
  ]);
});

Deno.test("stores are asked by priority, whatever their order in the chain", async () => {
  const first = memory({ priority: 3, values: { user: "first" } });
  const second = memory({ priority: 9, values: { user: "second" } });
  const { resolver } = smallChain({ first, second }, { first: { prefix: "" }, second: { prefix: "" } });
  assertEquals((await resolver.resolve("db:basic")).source, "second");
});

Deno.test("an undefined mapping, as of a condition, counts as absent", async () => {
  const { resolver } = smallChain(
    { file: file({ priority: 2, directory: "state" }), env: env({ priority: 1 }) },
    { file: undefined as never, env: { prefix: "DB_" } },
    { fields: FIELDS, env: { DB_USER: "u", DB_PASSWORD: "not-a-secret" } },
  );
  const { trace } = await resolver.resolve("db:basic");
  assertEquals(trace.map(({ store }) => store), ["env"]);
});
