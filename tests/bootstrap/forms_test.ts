import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  createResolver,
  type CredentialError,
  defineChain,
  defineStore,
  destination,
  document,
  file,
  memory,
  optional,
  required,
  setting,
} from "../../mod.ts";
import { ensure, persist } from "../../src/bootstrap/mod.ts";
import { testHost } from "../../src/testing/mod.ts";
import { DOCUMENT, PRINCIPAL_FORMS, principalChain } from "../support/bootstrap/principal_chain.ts";
import { rejection } from "../support/fixtures/rejection.ts";

const MINIO = "minio-service-account.json";
const SECRET = "not-a-secret";

/** What Polaris answers when it creates a principal. */
const POLARIS = {
  principal: { name: "alphaswarm_runtime", clientId: "id-1", properties: {}, entityVersion: 1 },
  credentials: { clientId: "id-1", clientSecret: `${SECRET}-1` },
};

/** What `mc admin user svcacct add ALIAS USER --json` prints. */
const MC = {
  status: "success",
  accessKey: "fake-access-key-1",
  secretKey: `${SECRET}-1`,
  accountStatus: "enabled",
  parentUser: "",
  expiration: "1970-01-01T00:00:00Z",
};

const rest = {
  fields: { credential: optional(), token: optional(), scope: setting() },
  anyOf: ["credential", "token"],
  from: {
    file: {
      document: DOCUMENT,
      fields: {
        credential: ["{client_id}:{client_secret}", "{/credentials/clientId}:{/credentials/clientSecret}"],
      },
    },
  },
} as const;

const chain = defineChain({
  stores: { file: file({ priority: 2, directory: "/state" }), memory: memory({ priority: 1 }) },
  credentials: {
    "polaris:oauth": {
      fields: { client_id: required(), client_secret: required(), principal: optional() },
      from: { file: PRINCIPAL_FORMS },
    },
    "polaris:rest": rest,
    "minio:static": {
      fields: { access_key: required(), secret_key: required(), endpoint_url: destination(), region: setting() },
      from: {
        file: {
          document: MINIO,
          fields: {
            access_key: ["access_key", "accessKey"],
            secret_key: ["secret_key", "secretKey"],
            region: ["region", "location"],
          },
        },
      },
    },
    "db:basic": {
      fields: { user: required(), password: required(), note: optional() },
      from: { file: "db.json", memory: { fields: { user: ["DB_USER", "OLD_USER"], password: "DB_PASSWORD" } } },
    },
  },
});

type Key = keyof typeof chain.credentials;

/** Persists what a caller without types gives, on a host whose directory has these documents. */
function persistOn(documents: Readonly<Record<string, string>>, key: Key, given: unknown, store?: string) {
  const files = Object.fromEntries(Object.entries(documents).map(([name, text]) => [`/state/${name}`, text]));
  const host = testHost({ files });
  const resolver = createResolver(chain, host);
  const persisting = persist(resolver as never, key as never, given as never, { store });
  const textOf = (name: string) => String(host.disk[`/state/${name}`]);
  return { persisting, resolver, host, textOf };
}

async function refused(key: Key, given: unknown, store?: string): Promise<CredentialError> {
  const before = `{"kept": 1, "client_id": "old", "client_secret": "${SECRET}"}`;
  const { persisting, host } = persistOn({ [DOCUMENT]: before }, key, given, store);
  const error = await rejection(persisting);
  assertEquals(error.message.includes(SECRET), false, error.message);
  assertEquals(host.disk, { [`/state/${DOCUMENT}`]: before }, "what was refused changed a document");
  return error;
}

Deno.test("persist() takes Polaris's own answer, keeps its form, and writes nothing else of it", async () => {
  const run = persistOn({}, "polaris:oauth", POLARIS);
  assertEquals(await run.persisting, {
    key: "polaris:oauth",
    store: "file",
    names: [
      `${DOCUMENT}#/credentials/clientId`,
      `${DOCUMENT}#/credentials/clientSecret`,
      `${DOCUMENT}#/principal/name`,
    ],
  });
  assertEquals(JSON.parse(run.textOf(DOCUMENT)), {
    credentials: POLARIS.credentials,
    principal: { name: "alphaswarm_runtime" },
  });
  const found = await run.resolver.resolve("polaris:oauth");
  assertEquals(["client_id", "client_secret", "principal"].map((name) => found.get(name as "client_id")), [
    "id-1",
    `${SECRET}-1`,
    "alphaswarm_runtime",
  ]);
  assertEquals((await run.resolver.resolve("polaris:rest")).get("credential"), `id-1:${SECRET}-1`);
});

Deno.test("persist() takes what mc prints, and never writes its status or a blank member", async () => {
  const run = persistOn({}, "minio:static", MC);
  assertEquals((await run.persisting).names, [`${MINIO}#accessKey`, `${MINIO}#secretKey`]);
  assertEquals(JSON.parse(run.textOf(MINIO)), { accessKey: MC.accessKey, secretKey: MC.secretKey });
  const found = await run.resolver.resolve("minio:static");
  assertEquals([found.get("access_key"), found.get("secret_key")], [MC.accessKey, MC.secretKey]);
});

Deno.test("persist() writes a setting of the form that was given, too", async () => {
  const run = persistOn({}, "minio:static", { ...MC, location: "eu-west-1" });
  await run.persisting;
  assertEquals((await run.resolver.resolve("minio:static")).get("region"), "eu-west-1");
});

Deno.test("persist() replaces another form by the one that was given, and leaves the rest of the text as it is", async () => {
  const flat =
    `{\n\t"note" : 9007199254740993,\n\t"client_id": "old",\n\t"client_secret": "old",\n\t"principal": "old"\n}\n`;
  const run = persistOn({ [DOCUMENT]: flat }, "polaris:oauth", POLARIS);
  await run.persisting;
  const text = run.textOf(DOCUMENT);
  assertStringIncludes(text, `{\n\t"note" : 9007199254740993,\n\t"`);
  assertEquals(Object.keys(JSON.parse(text)), ["note", "principal", "credentials"]);
  assertEquals((await run.resolver.resolve("polaris:oauth")).get("client_id"), "id-1");
  await persist(createResolver(chain, run.host), "polaris:oauth", { client_id: "id-2", client_secret: "new" });
  assertEquals(
    run.textOf(DOCUMENT),
    `{\n\t"note" : 9007199254740993,\n\t"client_id" : "id-2",\n\t"client_secret" : "new"\n}\n`,
  );
});

Deno.test("persist() writes the parts of a template, in either form, so that they are read back as one", async () => {
  for (
    const [given, names] of [
      [{ client_id: "id-1", client_secret: "new", status: "ok" }, ["client_id", "client_secret"]],
      [POLARIS, ["/credentials/clientId", "/credentials/clientSecret"]],
    ] as const
  ) {
    for (
      const before of ['{"client_id":"old","client_secret":"old"}', '{"credentials":{"clientId":"a"}}', "{}", "null"]
    ) {
      const run = persistOn({ [DOCUMENT]: before }, "polaris:rest", given);
      assertEquals((await run.persisting).names, names.map((name) => `${DOCUMENT}#${name}`));
      const secret = given === POLARIS ? `${SECRET}-1` : "new";
      assertEquals((await run.resolver.resolve("polaris:rest")).get("credential"), `id-1:${secret}`);
      assertEquals((await run.resolver.resolve("polaris:oauth")).get("client_secret"), secret);
    }
  }
});

Deno.test("persist() refuses another form for a template whose document another credential could not be read from then", async () => {
  const before = '{"client_id":"old","client_secret":"old","principal":"old"}';
  const run = persistOn({ [DOCUMENT]: before }, "polaris:rest", POLARIS);
  const { code, message } = await rejection(run.persisting);
  assertEquals([code, message, run.textOf(DOCUMENT)], [
    "invalid",
    `Cannot persist "polaris:rest": "polaris:oauth" is in ${DOCUMENT} too, and would not be read back: persist it instead`,
    before,
  ]);
  const instead = persistOn({ [DOCUMENT]: before }, "polaris:oauth", POLARIS);
  await instead.persisting;
  assertEquals((await instead.resolver.resolve("polaris:rest")).get("credential"), `id-1:${SECRET}-1`);
});

Deno.test("persist() names what is missing where a form was given in part, and the part of a template", async () => {
  const cases: readonly [Key, object, readonly string[]][] = [
    ["polaris:oauth", { credentials: { clientId: "id-1" } }, [`${DOCUMENT}#/credentials/clientSecret`]],
    ["polaris:oauth", { ...POLARIS, credentials: { clientId: "id-1", clientSecret: " " } }, [
      `${DOCUMENT}#/credentials/clientSecret`,
    ]],
    ["polaris:rest", { client_id: "id-1" }, [`${DOCUMENT}#client_secret`]],
    ["polaris:rest", { credentials: { clientSecret: SECRET } }, [`${DOCUMENT}#/credentials/clientId`]],
    ["minio:static", { ...MC, secretKey: undefined }, [`${MINIO}#secretKey`]],
  ];
  for (const [key, given, missing] of cases) {
    const error = await refused(key, given);
    assertEquals([error.code, error.missing], ["incomplete", missing]);
    assertEquals(
      error.message,
      `Cannot persist "${key}": only part of the identity is present: supply ${missing.join()}`,
    );
  }
});

Deno.test("persist() refuses two forms at once, also with equal values, and names both", async () => {
  const flat = { client_id: "id-1", client_secret: `${SECRET}-1` };
  const both = (one: string, other: string) =>
    `it was given in two forms at once, as ${one}, and as ${other}: give one of them`;
  const theirs = `${DOCUMENT}#/credentials/clientId and ${DOCUMENT}#/credentials/clientSecret`;
  const ours = `${DOCUMENT}#client_id and ${DOCUMENT}#client_secret`;
  const cases: readonly [Key, object, string][] = [
    [
      "polaris:oauth",
      { ...POLARIS, ...flat },
      both(ours, `${theirs.replace(" and", ",")} and ${DOCUMENT}#/principal/name`),
    ],
    ["polaris:oauth", { credentials: POLARIS.credentials, principal: "p" }, both(`${DOCUMENT}#principal`, theirs)],
    ["polaris:oauth", { ...flat, credentials: { clientId: "id-2" } }, both(ours, `${DOCUMENT}#/credentials/clientId`)],
    ["polaris:rest", { ...POLARIS, ...flat }, both(ours, theirs)],
    ["polaris:rest", { ...flat, credential: `id:${SECRET}` }, both(ours, "the field credential")],
    ["polaris:rest", { ...flat, token: SECRET, scope: "ALL" }, both(ours, "the fields token and scope")],
    [
      "minio:static",
      { ...MC, access_key: "other", secret_key: SECRET },
      both(
        `${MINIO}#access_key and ${MINIO}#secret_key`,
        `${MINIO}#accessKey and ${MINIO}#secretKey`,
      ),
    ],
    [
      "minio:static",
      { ...MC, access_key: "other" },
      both(
        `${MINIO}#access_key`,
        `${MINIO}#accessKey and ${MINIO}#secretKey`,
      ),
    ],
    ["minio:static", { ...MC, region: "eu" }, both(`${MINIO}#accessKey and ${MINIO}#secretKey`, "the field region")],
  ];
  for (const [key, given, reason] of cases) {
    const { code, message } = await refused(key, given);
    assertEquals([code, message], ["invalid", `Cannot persist "${key}": ${reason}`]);
  }
});

Deno.test("persist() says what it takes where it knows no form of what was given, and quotes no name of it", async () => {
  const failure = { status: "error", error: { message: SECRET, type: "fatal" }, [SECRET]: 1 };
  const minio = await refused("minio:static", failure);
  assertEquals(
    [minio.code, minio.message],
    [
      "invalid",
      'Cannot persist "minio:static": a value has a name that is not a field: the fields are access_key, secret_key, ' +
      'endpoint_url and region; no store can hold it: "file" reads accessKey and secretKey of ' + MINIO,
    ],
  );
  assertStringIncludes(
    (await refused("polaris:rest", failure)).message,
    'the fields are credential, token and scope; no store can hold it: "file" reads client_id and client_secret, or ' +
      `/credentials/clientId and /credentials/clientSecret of ${DOCUMENT}`,
  );
  assertStringIncludes(
    (await refused("db:basic", failure)).message,
    'no store can hold it: "file" reads no other names; "memory" reads DB_USER and DB_PASSWORD',
  );
});

Deno.test("persist() refuses an unknown name beside field values, since it may be a mistyped one", async () => {
  for (
    const given of [
      { client_id: "id-1", client_secret: SECRET, principl: "p" },
      { client_id: "id-1", principl: "p" },
      { client_id: "id-1", client_secret: SECRET, status: "success" },
    ]
  ) {
    const { code, message } = await refused("polaris:oauth", given);
    assertEquals(code, "invalid");
    assertStringIncludes(
      message,
      "a value has a name that is not a field: the fields are client_id, client_secret and",
    );
  }
});

Deno.test("persist() refuses a value that the store would not read as it was given", async () => {
  const cases: readonly [Key, object, string][] = [
    ["polaris:rest", { client_id: `a:${SECRET}`, client_secret: "b" }, `${DOCUMENT}#client_id contains ":"`],
    ["polaris:rest", { client_id: 7, client_secret: SECRET }, `${DOCUMENT}#client_id is not text`],
    ["minio:static", { accessKey: { x: SECRET }, secretKey: SECRET }, "only part of the identity"],
    ["minio:static", { accessKey: "a", secretKey: 7 }, `${MINIO}#secretKey is not text`],
    ["minio:static", { accessKey: "a", secretKey: `${SECRET}\0` }, `${MINIO}#secretKey is not valid UTF-8 text`],
    ["minio:static", { accessKey: "a", secretKey: 7n }, `a value of ${MINIO} cannot be written as JSON`],
  ];
  for (const [key, given, reason] of cases) assertStringIncludes((await refused(key, given)).message, reason);
});

Deno.test("persist() takes a document for the store that is chosen, and for variables by their names", async () => {
  const named = persistOn({}, "minio:static", MC, "file");
  assertEquals((await named.persisting).store, "file");
  const run = persistOn({}, "db:basic", { OLD_USER: "u", DB_PASSWORD: "p", OTHER: "x" });
  assertEquals(await run.persisting, { key: "db:basic", store: "memory", names: ["OLD_USER", "DB_PASSWORD"] });
  const found = await run.resolver.resolve("db:basic");
  assertEquals([found.get("user"), found.get("password"), found.source], ["u", "p", "memory"]);
  assertStringIncludes(
    (await refused("db:basic", { OLD_USER: "u", DB_USER: "v", DB_PASSWORD: SECRET })).message,
    "it was given in two forms at once, as DB_USER and DB_PASSWORD, and as OLD_USER",
  );
});

Deno.test("persist() hands a document to a user's own store as a whole", async () => {
  const vault = new Map<string, object>([["secret", { note: 1, clientId: "old" }]]);
  const own = defineStore({
    kind: "vault",
    shape: document,
    open: () => (name) => Promise.resolve(vault.get(name)),
    write: () => ({ name, after }) => void vault.set(name, after),
  });
  const resolver = createResolver(defineChain({
    stores: { vault: own({ priority: 1 }) },
    credentials: {
      "a:b": {
        fields: { id: required(), key: required() },
        from: { vault: { document: "secret", fields: { id: ["id", "clientId"], key: ["key", "clientKey"] } } },
      },
    },
  }));
  await persist(resolver as never, "a:b" as never, { clientId: "i", clientKey: "k", more: 1 } as never);
  assertEquals(vault.get("secret"), { note: 1, clientId: "i", clientKey: "k" });
});

Deno.test("ensure() takes what the service itself answered to the mint", async () => {
  const host = testHost();
  const resolver = createResolver(principalChain("/state"), host);
  const orphans: unknown[] = [];
  const options = { onOrphan: (values: unknown) => void orphans.push(values) };
  const minting = (answer: unknown) => ensure(resolver, "polaris:oauth", () => answer as never, options);
  const twice = rejection(minting({ ...POLARIS, client_id: "other" }));
  while (orphans.length === 0) await host.clock.advance(100);
  assertEquals([(await twice).code, orphans.length], ["invalid", 1]);
  const minted = await minting(POLARIS);
  assertEquals([minted.get("client_id"), minted.get("principal"), orphans.length], ["id-1", "alphaswarm_runtime", 1]);
});

Deno.test("ensure() mints an identity of one field where its store does not map the other", async () => {
  const host = testHost();
  const resolver = createResolver(
    defineChain({
      stores: { file: file({ priority: 1, directory: "/state" }) },
      credentials: {
        "a:b": {
          fields: { key: optional(), token: optional() },
          anyOf: ["key", "token"],
          from: { file: { document: "a.json", fields: { token: "token" } } },
        },
      },
    }),
    host,
  );
  assertEquals((await ensure(resolver, "a:b", () => ({ token: "minted" }))).get("token"), "minted");
});
