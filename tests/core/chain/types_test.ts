import { assertEquals } from "@std/assert";
import {
  createResolver,
  type Credential,
  defineChain,
  defineStore,
  denied,
  destination,
  env,
  file,
  flag,
  fromEnv,
  memory,
  mounted,
  optional,
  perCredential,
  required,
  setting,
  type Share,
  type StandardSchema,
  token,
  variables,
} from "../../../mod.ts";
import { redis } from "../../../src/share/engines/redis.ts";
import { oauth2 } from "../../../src/stores/oauth2/oauth2.ts";
import { sts } from "../../../src/stores/sts/sts.ts";
import { testHost } from "../../../src/testing/mod.ts";

// Hint: only the tests run. The compiler checks the rest: a line that is no longer a mistake fails the type check.

const port: StandardSchema<string, number> = {
  "~standard": { version: 1, vendor: "own", validate: (value) => ({ value: Number(value) }) },
};

const consul = defineStore({
  kind: "consul",
  shape: variables,
  options: ["url", "retries"],
  open: ({ url, retries }: { url: string; retries?: number }) => (name) =>
    name === url ? undefined : denied(`${retries}`),
});

const exchange = defineStore({
  kind: "exchange",
  shape: token,
  options: ["endpoint"],
  request: ["resource"],
  needs: ["client"],
  open: (_: { endpoint: string }) => async (request: { resource: string }, { need }) => ({
    values: { access_token: `${request.resource} ${(await need("client")).get("id")}` },
  }),
});

const leasing = defineStore({
  kind: "leasing",
  shape: token,
  share: "1",
  open: (_: { endpoint: string }) => () => undefined,
});

const sharing = defineStore({
  kind: "sharing",
  shape: token,
  share: "1",
  needs: ["client"],
  open: (_: { endpoint: string }) => () => undefined,
});

/** A stand-in for an engine of `./share`. */
function engine<const Key extends string>(options: { readonly seal: Key }): Share<Key> {
  return { engine: "own", needs: [options.seal] };
}

const FIELDS = {
  user: required(),
  port: required(port),
  note: optional(),
  uri: destination({ from: ["env"] }),
  region: setting({ default: "here" }),
  size: setting(port, { default: 7 }),
};

const chain = defineChain({
  stores: {
    exchange: exchange({ priority: 300, endpoint: fromEnv("ENDPOINT"), client: "own:client" }),
    consul: consul({ priority: 150, url: fromEnv("CONSUL_URL"), enabled: flag("CONSUL") }),
    file: file({ priority: 200, directory: "data" }),
    env: env({ priority: 100 }),
  },
  credentials: {
    "own:client": { fields: { id: required() }, from: { env: { prefix: "OWN_" } } },
    "db:basic": {
      fields: FIELDS,
      from: {
        exchange: { resource: "urn:db", fields: { user: "access_token" }, with: { port: "5432" } },
        file: { document: "db.json", fields: { user: ["user", "/login/name"], port: "port" } },
        env: { prefix: "DB_" },
        consul: { prefix: "db/", fields: { user: "db/login" } },
      },
    },
  },
});

const resolverOf = () =>
  createResolver(chain, testHost({ env: { DB_USER: "u", DB_PORT: "5432", ENDPOINT: "e", CONSUL_URL: "c" } }));

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function holds<_T extends true>(): void {}

Deno.test("get() has the type of the field's declaration, or the output type of its schema", async () => {
  const resolver = createResolver(
    defineChain({
      stores: { env: env({ priority: 100 }) },
      credentials: { "db:basic": { fields: FIELDS, from: { env: { prefix: "DB_" } } } },
    }),
    testHost({ env: { DB_USER: "u", DB_PORT: "5432" } }),
  );
  const credential = await resolver.resolve("db:basic");
  const user: string = credential.get("user");
  const number: number = credential.get("port");
  const note: string | undefined = credential.get("note");
  const region: string = credential.get("region");
  const size: number = credential.get("size");
  assertEquals([user, number, note, region, size], ["u", 5432, undefined, "here", 7]);
  const get = () => credential.get("note");
  holds<Equal<ReturnType<typeof get>, string | undefined>>();
  holds<Equal<typeof credential.key, "db:basic">>();
});

Deno.test("a credential has a structural type, and a resolver accepts only its chain's keys", () => {
  const resolver = resolverOf();
  const takes = (_: Credential<typeof FIELDS, "db:basic">) => true;
  const build = perCredential(resolver, "db:basic", takes);
  holds<Equal<ReturnType<typeof build>, Promise<boolean>>>();
  holds<Equal<Parameters<typeof resolver.resolve>[0], "own:client" | "db:basic">>();
  assertEquals(resolver.peek("db:basic"), undefined);
});

Deno.test("the keys that a share needs are part of its store's type, and a store without one has only its own", () => {
  const share = engine({ seal: "own:seal" });
  const shared = sharing({ priority: 1, endpoint: fromEnv("E"), client: "own:client", share });
  holds<Equal<typeof shared.needs, readonly ("own:client" | "own:seal")[]>>();
  const alone = sharing({ priority: 1, endpoint: "e", client: "own:client" });
  holds<Equal<typeof alone.needs, readonly "own:client"[]>>();
  const login = leasing({ priority: 1, endpoint: "e", share: engine({ seal: "own:seal" }) });
  holds<Equal<typeof login.needs, readonly "own:seal"[]>>();
  const none = leasing({ priority: 1, endpoint: "e" });
  holds<Equal<typeof none.needs, readonly never[]>>();
  assertEquals([shared, alone, login, none].map(({ needs }) => needs), [
    ["own:client", "own:seal"],
    ["own:client"],
    ["own:seal"],
    [],
  ] as never);
  const m2m = oauth2({ priority: 1, issuer: "https://own.example", client: "own:client", share });
  const keys = sts({ priority: 1, endpoint: "https://own.example", webIdentity: "own:client", share });
  holds<Equal<typeof m2m.needs, readonly ("own:client" | "own:seal")[]>>();
  holds<Equal<typeof keys.needs, readonly ("own:client" | "own:seal")[]>>();
});

Deno.test("a share is written where it is used, and its keys are checked there too", () => {
  const connect = () => ({ send: () => Promise.resolve(0) });
  const key = { fields: { key: required() }, from: { env: { prefix: "OWN_" } } } as const;
  const login = {
    fields: { client_id: required(), client_secret: required() },
    from: { env: { prefix: "OWN_" } },
  } as const;
  const chain = defineChain({
    stores: {
      m2m: oauth2({
        priority: 3,
        issuer: "https://own.example",
        client: "own:client",
        share: redis({ credential: "own:engine", seal: "own:seal", connect }),
      }),
      lease: leasing({ priority: 2, endpoint: "e", share: redis({ seal: "own:seal", connect }) }),
      env: env({ priority: 1 }),
    },
    credentials: {
      "own:client": login,
      "own:seal": key,
      "own:engine": key,
      "a:b": { fields: { token: required() }, from: { m2m: { fields: { token: "access_token" } }, lease: true } },
    },
  });
  const credential = () => createResolver(chain, testHost()).resolve("a:b");
  holds<Equal<ReturnType<Awaited<ReturnType<typeof credential>>["get"]>, string>>();
  assertEquals(chain.stores.lease.needs, ["own:seal"]);
  assertEquals(chain.stores.m2m.needs, ["own:client", "own:seal", "own:engine"]);
});

/** Mistakes, each of which must be a compile error. */
export function mistakes(resolver: ReturnType<typeof resolverOf>): void {
  const stores = { file: file({ priority: 2, directory: "d" }), env: env({ priority: 1 }) };
  const fields = { user: required(), note: optional(), region: setting() };

  // @ts-expect-error An unknown store.
  defineChain({ stores, credentials: { "db:basic": { fields, from: { vault: "db.json" } } } });
  // @ts-expect-error An unknown field in a mapping of variables.
  defineChain({ stores, credentials: { "db:basic": { fields, from: { env: { fields: { usr: "U" } } } } } });
  const document = { document: "d", fields: { usr: "u" } } as const;
  // @ts-expect-error An unknown field in a mapping of a document.
  defineChain({ stores, credentials: { "db:basic": { fields, from: { file: document } } } });
  const whole = { document: "d", text: true, fields: { user: "" } } as const;
  defineChain({ stores, credentials: { "db:basic": { fields, from: { file: whole } } } });
  const member = { document: "d", text: true, fields: { user: "u" } } as const;
  // @ts-expect-error A member of a plain text.
  defineChain({ stores, credentials: { "db:basic": { fields, from: { file: member } } } });
  const parsed = { document: "d", text: false, fields: { user: "u" } } as const;
  // @ts-expect-error A plain text that is none.
  defineChain({ stores, credentials: { "db:basic": { fields, from: { file: parsed } } } });
  // @ts-expect-error A document's mapping for variables.
  defineChain({ stores, credentials: { "db:basic": { fields, from: { env: "db.json" } } } });
  // @ts-expect-error Variables' mapping for a document.
  defineChain({ stores, credentials: { "db:basic": { fields, from: { file: { prefix: "DB_" } } } } });
  // @ts-expect-error A token's mapping for variables.
  defineChain({ stores, credentials: { "db:basic": { fields, from: { env: true } } } });
  // @ts-expect-error A key without a purpose.
  defineChain({ stores, credentials: { db: { fields, from: { env: { prefix: "DB_" } } } } });
  // @ts-expect-error An unknown name in anyOf.
  defineChain({ stores, credentials: { "db:basic": { fields, anyOf: ["usr"], from: { env: { prefix: "DB_" } } } } });
  // @ts-expect-error A setting in anyOf.
  defineChain({ stores, credentials: { "db:basic": { fields, anyOf: ["region"], from: { env: { prefix: "DB_" } } } } });
  // @ts-expect-error A misspelt property of a credential.
  defineChain({ stores, credentials: { "db:basic": { fields, from: {}, anyof: [] } } });
  // @ts-expect-error A misspelt property of a mapping.
  defineChain({ stores, credentials: { "db:basic": { fields, from: { env: { perfix: "DB_" } } } } });
  // @ts-expect-error A misspelt property of a chain.
  defineChain({ stores, credentials: {}, default: "forbid" });
  // @ts-expect-error An unknown policy on defaults.
  defineChain({ stores, credentials: {}, defaults: "deny" });
  const home = { home: destination({ from: ["vault"] }) };
  // @ts-expect-error A destination from an unknown store.
  defineChain({ stores, credentials: { "db:basic": { fields: { ...fields, ...home }, from: {} } } });
  // @ts-expect-error A credential without stores.
  defineChain({ stores, credentials: { "db:basic": { fields } } });
  // @ts-expect-error A credential without fields.
  defineChain({ stores, credentials: { "db:basic": { from: { env: { prefix: "DB_" } } } } });
  // @ts-expect-error An object that is not a store.
  defineChain({ stores: { env: { priority: 1 } }, credentials: {} });

  const needy = exchange({ priority: 1, endpoint: "e", client: "no:such" });
  // @ts-expect-error A need that the chain has no credential for.
  defineChain({ stores: { needy }, credentials: { "own:client": { fields: { id: required() }, from: {} } } });
  const granted = { stores: { x: exchange({ priority: 1, endpoint: "e", client: "own:client" }), ...stores } };
  const client = { "own:client": { fields: { id: required() }, from: { env: { prefix: "OWN_" } } } };
  // @ts-expect-error A request without what the token store requires.
  defineChain({ ...granted, credentials: { ...client, "a:b": { fields, from: { x: { fields: { user: "u" } } } } } });
  const asked = { resource: "r", fields: { region: "r" } } as const;
  // @ts-expect-error A setting from a token.
  defineChain({ ...granted, credentials: { ...client, "a:b": { fields, from: { x: asked } } } });
  // @ts-expect-error A missing need.
  exchange({ priority: 1, endpoint: "e" });

  const share = engine({ seal: "no:seal" });
  const sealed = sharing({ priority: 9, endpoint: "e", client: "own:client", share });
  // @ts-expect-error A seal that the chain has no credential for.
  defineChain({ stores: { ...stores, sealed }, credentials: client });
  const connect = () => ({ send: () => Promise.resolve(0) });
  defineChain({
    stores: {
      ...stores,
      // @ts-expect-error The same, written where it is used.
      leased: leasing({ priority: 9, endpoint: "e", share: redis({ seal: "no:seal", connect }) }),
    },
    credentials: client,
  });
  defineChain({
    stores: {
      ...stores,
      // @ts-expect-error An engine's credential that the chain does not have.
      leased: leasing({
        priority: 9,
        endpoint: "e",
        share: redis({ credential: "no:c", seal: "own:client", connect }),
      }),
    },
    credentials: client,
  });
  const given = engine({ seal: "own:client" });
  defineChain({
    stores: { ...stores, given: leasing({ priority: 9, endpoint: "e", share: given }) },
    credentials: client,
  });
  // @ts-expect-error A share on a store whose tokens cannot be shared.
  exchange({ priority: 1, endpoint: "e", client: "own:client", share: given });
  // @ts-expect-error A share on a store that gives no tokens.
  env({ priority: 1, share: given });
  // @ts-expect-error A share on a store that a user defined, and that lists no options.
  consul({ priority: 1, url: "u", share: given });
  // @ts-expect-error A share that is none.
  leasing({ priority: 1, endpoint: "e", share: true });
  // @ts-expect-error A version of what is shared, of a store that gives no tokens.
  defineStore({ kind: "own", shape: variables, share: "1", open: () => () => undefined });

  // @ts-expect-error A missing option of every store.
  env({});
  // @ts-expect-error A mistyped option of every store.
  env({ priority: "1" });
  // @ts-expect-error A missing option of the store itself.
  file({ priority: 1 });
  // @ts-expect-error A mistyped option of the store itself.
  file({ priority: 1, directory: 7 });
  // @ts-expect-error A misspelt option.
  mounted({ priority: 1, directory: "d", reckeck: 5 });
  // @ts-expect-error A flag instead of a string.
  mounted({ priority: 1, directory: flag("F") });
  // @ts-expect-error A reference instead of a flag.
  env({ priority: 1, enabled: fromEnv("E") });
  // @ts-expect-error A reference instead of a number.
  consul({ priority: 1, url: "u", retries: fromEnv("R") });
  // @ts-expect-error A missing option of a store that a user defined.
  consul({ priority: 1 });
  // @ts-expect-error An option that only token stores have.
  env({ priority: 1, advisoryWindow: 5 });
  // @ts-expect-error An unknown policy.
  env({ priority: 1, onDenied: "ignore" });
  // @ts-expect-error A value that is not a string.
  memory({ priority: 1, values: { user: 7 } });

  // @ts-expect-error An unknown key.
  resolver.resolve("no:such");
  // @ts-expect-error An unknown field in a default.
  resolver.resolve("db:basic", { default: { user: "u", port: 1, usr: "u" } });
  // @ts-expect-error An incomplete default.
  resolver.resolve("db:basic", { default: { user: "u" } });
  // @ts-expect-error A default with a field that its schema has not converted.
  resolver.resolve("db:basic", { default: { user: "u", port: "5432" } });
  // @ts-expect-error A default for find(), which takes none.
  resolver.find("db:basic", { default: { user: "u", port: 1 } });
  // @ts-expect-error A misspelt option of a call.
  resolver.resolve("db:basic", { defaults: { user: "u", port: 1 } });
  // @ts-expect-error An unknown key to invalidate.
  resolver.invalidate("no:such");
  // @ts-expect-error An unknown key to listen to.
  resolver.onChange("no:such", () => {});
  // @ts-expect-error An unknown key to install for.
  resolver.install("m", memory({ priority: 9 }), { "no:such": { prefix: "" } });
  // @ts-expect-error A mapping of the wrong shape to install.
  resolver.install("m", memory({ priority: 9 }), { "db:basic": "db.json" });

  const credential = resolver.peek("db:basic")!;
  // @ts-expect-error An unknown field.
  credential.get("usr");
  // @ts-expect-error An optional field is not always there.
  credential.get("note").length;
  // @ts-expect-error A number is not a string.
  const text: string = credential.get("port");
  // @ts-expect-error A credential does not change.
  credential.source = text;
  // @ts-expect-error An unknown key for a client.
  perCredential(resolver, "no:such", () => text);

  // @ts-expect-error A look-up that returns a number where the shape has strings.
  defineStore({ kind: "k", shape: variables, open: () => () => 7 });
  // @ts-expect-error A look-up that needs a credential which it did not declare.
  defineStore({ kind: "k", shape: variables, open: () => async (_, { need }) => `${await need("client")}` });
  // @ts-expect-error A store without a look-up.
  defineStore({ kind: "k", shape: variables });
  const variable = (name: string) => name;
  // @ts-expect-error An option in the list that the store does not have.
  defineStore({ kind: "k", shape: variables, options: ["ulr"], open: (_: { url: string }) => variable });
  const answer = (request: { resource: string }) => ({ values: { ...request } });
  // @ts-expect-error A parameter in the list that the store is not asked for.
  defineStore({ kind: "k", shape: token, request: ["resuorce"], open: () => answer });
  // @ts-expect-error An object that is not a schema.
  required({ validate: () => true });
  // @ts-expect-error A default of the wrong type.
  setting(port, { default: "7" });
}
