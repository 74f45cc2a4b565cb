import { assertEquals, assertStrictEquals } from "@std/assert";
import {
  createResolver,
  defineChain,
  defineStore,
  denied,
  env,
  flag,
  fromEnv,
  invalid,
  memory,
  required,
  token,
  unavailable,
  variables,
  whenSet,
} from "../../../mod.ts";
import { permissions } from "../../../src/report/mod.ts";
import { scriptedStore, testHost } from "../../../src/testing/mod.ts";
import { problems, rejection } from "../../support/fixtures/rejection.ts";
import { smallChain } from "../../support/fixtures/small_chain.ts";

interface OwnOptions {
  readonly url: string;
  readonly proxy?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly scopes?: readonly string[];
  readonly servers?: readonly { readonly url: string; readonly port?: number }[];
}

/** A store that notes what it is opened with. */
function noting() {
  const opened: { options: OwnOptions; declared: object }[] = [];
  const own = defineStore({
    kind: "own",
    shape: variables,
    options: {
      url: "string",
      proxy: "string|undefined",
      headers: "object|undefined",
      scopes: "object|undefined",
      servers: "object|undefined",
    },
    open: (options: OwnOptions, { declared }) => {
      opened.push({ options, declared });
      return () => "u";
    },
  });
  return { own, opened };
}

Deno.test("whenSet() switches a store on where its variable is set, whatever its value, and not where it is blank", async () => {
  for (
    const [value, state, reason] of [
      [undefined, "off", "set STS_URL"],
      ["  ", "off", "set STS_URL"],
      ["false", "on", undefined],
      ["https://s3.example", "on", undefined],
      [denied("needs --allow-env=STS_URL"), "invalid", "needs --allow-env=STS_URL"],
    ] as const
  ) {
    const own = memory({ priority: 1, enabled: whenSet("STS_URL"), values: { user: "u" } });
    const { resolver } = smallChain({ own }, { own: { prefix: "" } }, { env: { STS_URL: value } });
    const [store] = resolver.describe().stores;
    assertEquals([store?.state, store?.reason], [state, reason]);
    if (state === "on") assertEquals((await resolver.resolve("db:basic")).source, "own");
  }
  const { resolver } = smallChain(
    { own: memory({ priority: 1, enabled: whenSet("STS_URL"), values: { user: "u" } }) },
    { own: { prefix: "" } },
    { env: { STS_URL: denied("needs --allow-env=STS_URL") } },
  );
  assertEquals((await rejection(resolver.resolve("db:basic", { default: { user: "d" } }))).code, "denied");
});

Deno.test("whenSet() forbids defaults where its variable is set", async () => {
  for (const set of [false, true]) {
    const chain = defineChain({
      stores: { env: env({ priority: 1 }) },
      credentials: { "db:basic": { fields: { user: required() }, from: { env: { prefix: "DB_" } } } },
      defaults: { forbidWhen: whenSet("CI") },
    });
    const resolver = createResolver(chain, testHost({ env: set ? { CI: "false" } : {} }));
    const [result] = await Promise.allSettled([resolver.resolve("db:basic", { default: { user: "d" } })]);
    assertEquals(result.status === "rejected" && result.reason.code, set && "default_forbidden");
  }
});

Deno.test("a list of flags switches a store on where all of them hold, and the hint names only what is missing", () => {
  const cases: [environment: Record<string, unknown>, state: string, reason: string | undefined][] = [
    [{}, "off", "set M2M to true, set STS_URL and set ROLE"],
    [{ M2M: "false", STS_URL: "u" }, "off", "set M2M to true and set ROLE"],
    [{ M2M: "true" }, "off", "set STS_URL and set ROLE"],
    [{ M2M: "true", STS_URL: "u" }, "invalid", "ROLE is not set"],
    [{ M2M: "true", STS_URL: "u", ROLE: "r" }, "on", undefined],
    [{ M2M: "maybe", ROLE: "r" }, "off", "set M2M to true and set STS_URL"],
    [
      { M2M: "maybe", STS_URL: "u", ROLE: "r" },
      "invalid",
      "M2M is not a flag: expected 1, true, yes, on, 0, false, no or off",
    ],
    [{ M2M: denied("needs --allow-env=M2M"), STS_URL: "u" }, "invalid", "needs --allow-env=M2M"],
    [
      { M2M: denied("needs --allow-env=M2M"), STS_URL: denied("needs --allow-env=STS_URL") },
      "invalid",
      "needs --allow-env=M2M,STS_URL",
    ],
    [
      { ROLE: denied("needs --allow-env=ROLE") },
      "off",
      "set M2M to true, set STS_URL and make ROLE readable",
    ],
  ];
  for (const [environment, state, reason] of cases) {
    const { own } = noting();
    const { resolver } = smallChain(
      {
        own: own({
          priority: 1,
          enabled: [true, flag("M2M"), whenSet("STS_URL")],
          url: fromEnv("STS_URL"),
          proxy: fromEnv("ROLE"),
        }),
      },
      { own: { prefix: "" } },
      { env: environment },
    );
    const [store] = resolver.describe().stores;
    assertEquals([store?.state, store?.reason], [state, reason], JSON.stringify(environment));
    assertEquals(store?.references.map(({ option, variable }) => `${option}: ${variable}`), [
      "enabled: M2M",
      "enabled: STS_URL",
      "url: STS_URL",
      "proxy: ROLE",
    ]);
  }
});

Deno.test("a list with false in it switches a store off, and an empty one leaves it on", () => {
  const { resolver } = smallChain({
    off: memory({ priority: 1, enabled: [whenSet("A"), false] }),
    on: memory({ priority: 2, enabled: [] }),
  }, { off: { prefix: "" } });
  assertEquals(resolver.describe().stores.map(({ state, reason }) => [state, reason]), [
    ["on", undefined],
    ["off", "set A and set enabled to true"],
  ]);
});

Deno.test("a list of what switches a store on takes flags, true and false alone", () => {
  for (const wrong of [["true"], [fromEnv("A")], [[flag("A")]], [flag("A"), null], { A: true }]) {
    assertEquals(
      problems(() => smallChain({ own: memory({ priority: 1, enabled: wrong as never }) }, { own: { prefix: "" } })),
      ["stores.own.enabled: Expected true, false or a flag, such as flag() returns"],
    );
  }
});

Deno.test("a reference within an object or a list is read, and the path says where it is", async () => {
  const { own, opened } = noting();
  const chain = defineChain({
    stores: {
      own: own({
        priority: 1,
        url: fromEnv("URL"),
        headers: { "Polaris-Realm": fromEnv("REALM", "default"), Accept: "text/plain" },
        scopes: ["read", fromEnv("SCOPE")],
        servers: [{ url: fromEnv("SERVER"), port: 1 }],
      }),
    },
    credentials: { "db:basic": { fields: { user: required() }, from: { own: { prefix: "" } } } },
  });
  const host = testHost({ env: { URL: "u", SCOPE: "write" } });
  const resolver = createResolver(chain, host);
  const { code, message } = await rejection(resolver.resolve("db:basic"));
  assertEquals([code, message], ["invalid", 'Cannot resolve "db:basic": "own" is invalid: SERVER is not set']);
  host.env.SERVER = "s";
  assertEquals((await resolver.resolve("db:basic")).get("user"), "u");
  assertEquals({ ...opened[0]?.options }, {
    priority: 1,
    url: "u",
    headers: { "Polaris-Realm": "default", Accept: "text/plain" },
    scopes: ["read", "write"],
    servers: [{ url: "s", port: 1 }],
  } as object);
  assertEquals(opened[0]?.declared, {
    url: "$URL",
    "headers.Polaris-Realm": "default",
    "scopes.1": "$SCOPE",
    "servers.0.url": "$SERVER",
  });
  assertEquals(resolver.describe().stores[0]?.references, [
    { option: "url", variable: "URL", set: true },
    { option: "headers.Polaris-Realm", variable: "REALM", set: false },
    { option: "scopes.1", variable: "SCOPE", set: true },
    { option: "servers.0.url", variable: "SERVER", set: true },
  ]);
  assertEquals(permissions(chain, host).env, ["URL", "REALM", "SCOPE", "SERVER"]);
  assertEquals(opened.length, 1);
});

Deno.test("a blank fallback leaves an option, a member or an entry out, and is no text", () => {
  const { own, opened } = noting();
  const { resolver } = smallChain(
    {
      own: own({
        priority: 1,
        url: "u",
        proxy: fromEnv("PROXY", ""),
        headers: { a: fromEnv("A", ""), b: fromEnv("B", " \t"), c: "c" },
        scopes: [fromEnv("SCOPE", ""), "read"],
      }),
    },
    { own: { prefix: "" } },
    { env: { A: " " } },
  );
  assertEquals(resolver.describe().stores[0]?.state, "on");
  const [{ options }] = opened as [typeof opened[0]];
  assertEquals(Object.keys(options), ["priority", "url", "headers", "scopes"]);
  assertEquals([options.headers, options.scopes], [{ c: "c" }, ["read"]]);
});

Deno.test("an option that a store cannot do without is invalid where a blank fallback leaves it out, and names the variable", () => {
  const { own, opened } = noting();
  const store = own({ priority: 1, url: fromEnv("URL", ""), proxy: fromEnv("PROXY", "") });
  const { resolver } = smallChain({ own: store }, { own: { prefix: "" } });
  const [described] = resolver.describe().stores;
  assertEquals([described?.state, described?.reason, opened], ["invalid", "URL is not set", []]);
});

Deno.test("options without references are given to a store as they are, also what cannot be looked into", async () => {
  const values: Record<string, string> = { user: "first" };
  const circular: Record<string, unknown> = { text: fromEnv("A", "a") };
  circular.self = circular;
  const guarded = new Proxy({}, {
    ownKeys: () => {
      throw new Error("no permission to list them");
    },
  });
  const seen: unknown[] = [];
  const own = defineStore({
    kind: "own",
    shape: variables,
    open: (options: { circular: object; guarded: object }) => {
      seen.push(options.circular, options.guarded);
      return () => undefined;
    },
  });
  const { resolver } = smallChain(
    { own: own({ priority: 2, circular, guarded }), memory: memory({ priority: 1, recheck: 0, values }) },
    { own: { prefix: "" }, memory: { prefix: "" } },
  );
  assertEquals((await resolver.resolve("db:basic")).get("user"), "first");
  values.user = "second";
  assertEquals((await resolver.resolve("db:basic")).get("user"), "second");
  assertEquals((seen[0] as typeof circular).text, "a");
  assertStrictEquals(seen[1], guarded);
});

/** A token store that may have either of two options. */
function either() {
  const store = defineStore({
    kind: "either",
    shape: token,
    options: { tokenEndpoint: "string|undefined", issuer: "string|undefined" },
    anyOf: ["tokenEndpoint", "issuer"],
    open: (options: { tokenEndpoint?: string; issuer?: string }) => () => ({ values: options as never }),
  });
  const chainOf = (options: Parameters<typeof store>[0]) =>
    defineChain({
      stores: { m2m: store(options) },
      credentials: { "db:basic": { fields: { issuer: required() }, from: { m2m: true } } },
    });
  return chainOf;
}

Deno.test("a store that needs one of several options says so where none is declared, or none of their variables is set", async () => {
  const chainOf = either();
  assertEquals(problems(() => createResolver(chainOf({ priority: 1 }), testHost())), [
    "stores.m2m: Expected tokenEndpoint or issuer",
  ]);
  const chain = chainOf({
    priority: 1,
    enabled: flag("M2M"),
    tokenEndpoint: fromEnv("URL", ""),
    issuer: fromEnv("ISSUER", ""),
  });
  const reasonWith = (environment: Record<string, unknown>) =>
    createResolver(chain, testHost({ env: environment })).describe().stores[0]?.reason;
  assertEquals(reasonWith({}), "set M2M to true and set URL or ISSUER");
  assertEquals(reasonWith({ ISSUER: "i" }), "set M2M to true");
  assertEquals(reasonWith({ M2M: "on" }), "URL or ISSUER is not set");
  assertEquals(reasonWith({ M2M: "on", URL: denied("needs --allow-env=URL") }), "needs --allow-env=URL");
  assertEquals(permissions(chain, testHost({ env: { M2M: "on" } })).notes, [
    '"m2m" needs URL or ISSUER to be set: run this again after that',
  ]);
  const resolver = createResolver(chain, testHost({ env: { M2M: "on", ISSUER: "i" } }));
  assertEquals((await resolver.resolve("db:basic")).get("issuer"), "i");
});

/** Two credentials of a token store whose requests refer to variables. */
function askingChain() {
  const tokens = scriptedStore({ shape: token, answer: { values: { token: "t" }, expiresIn: 600 } });
  const chain = defineChain({
    stores: { m2m: tokens.store({ priority: 2 }), env: env({ priority: 1 }) },
    credentials: {
      "a:token": {
        fields: { token: required() },
        from: {
          m2m: { scope: fromEnv("A_SCOPE", ""), headers: { realm: fromEnv("REALM", "r") } },
          env: { prefix: "A_" },
        },
      },
      "b:token": {
        fields: { token: required() },
        from: { m2m: { headers: { realm: "r" }, scope: fromEnv("B_SCOPE", "") }, env: { prefix: "B_" } },
      },
      "c:token": { fields: { token: required() }, from: { m2m: { scope: fromEnv("C_SCOPE") }, env: { prefix: "C_" } } },
    },
  });
  return { tokens, chain };
}

Deno.test("what a credential asks for is read when it is asked for: what is blank is left out, and equal requests share a token", async () => {
  const { tokens, chain } = askingChain();
  const resolver = createResolver(chain, testHost({ env: { A_SCOPE: "read", B_SCOPE: "read", C_SCOPE: " " } }));
  const [a, b] = await Promise.all([resolver.resolve("a:token"), resolver.resolve("b:token")]);
  assertEquals([a.get("token"), b.get("token")], ["t", "t"]);
  assertEquals(tokens.asked, [{ scope: "read", headers: { realm: "r" } }]);
  const other = createResolver(chain, testHost({ env: { B_SCOPE: "write" } }));
  await Promise.all([other.resolve("a:token"), other.resolve("b:token")]);
  assertEquals(tokens.asked.slice(1), [{ headers: { realm: "r" } }, { headers: { realm: "r" }, scope: "write" }]);
});

Deno.test("a variable of a request that is lacking stops the walk of that credential alone, until it is set", async () => {
  const { tokens, chain } = askingChain();
  const host = testHost({ env: { C_TOKEN: "seed" } });
  const resolver = createResolver(chain, host);
  const { code, message } = await rejection(resolver.resolve("c:token", { default: { token: "d" } }));
  assertEquals([code, message], ["invalid", 'Cannot resolve "c:token": "m2m" is invalid: C_SCOPE is not set']);
  assertEquals(tokens.asked, []);
  assertEquals((await resolver.resolve("a:token")).source, "m2m");
  host.env.C_SCOPE = "c";
  assertEquals((await resolver.resolve("c:token")).source, "m2m");
  assertEquals(tokens.asked.at(-1), { scope: "c" });
});

Deno.test("a variable of a request that may not be read is denied, and one that is away lets a lower store answer for seconds", async () => {
  const { chain } = askingChain();
  const host = testHost({ env: { C_TOKEN: "seed", C_SCOPE: denied("needs --allow-env=C_SCOPE") } });
  const resolver = createResolver(chain, host);
  const error = await rejection(resolver.resolve("c:token"));
  assertEquals([error.code, error.trace[0]?.detail], ["denied", "needs --allow-env=C_SCOPE"]);
  Object.assign(host.env, { C_SCOPE: unavailable("away") });
  const lower = await resolver.resolve("c:token");
  assertEquals([lower.source, lower.degraded], ["env", true]);
  Object.assign(host.env, { C_SCOPE: "c" });
  await host.clock.advance(5_001);
  const own = await resolver.resolve("c:token");
  assertEquals([own.source, own.degraded], ["m2m", false]);
});

Deno.test("describe() and permissions() name the variables of what credentials ask for", () => {
  const { chain } = askingChain();
  const host = testHost({ env: { A_SCOPE: "read", C_SCOPE: invalid("odd") } });
  assertEquals(createResolver(chain, host).describe().stores[0]?.references, [
    { option: 'credentials["a:token"].scope', variable: "A_SCOPE", set: true },
    { option: 'credentials["a:token"].headers.realm', variable: "REALM", set: false },
    { option: 'credentials["b:token"].scope', variable: "B_SCOPE", set: false },
    { option: 'credentials["c:token"].scope', variable: "C_SCOPE", set: false, unreadable: "invalid" },
  ]);
  const { env } = permissions(chain, host);
  assertEquals(["A_SCOPE", "REALM", "B_SCOPE", "C_SCOPE"].filter((name) => !env.includes(name)), []);
});
