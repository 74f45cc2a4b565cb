import { assertEquals, assertStrictEquals } from "@std/assert";
import {
  createResolver,
  defineChain,
  defineStore,
  denied,
  flag,
  fromEnv,
  memory,
  required,
  token,
  variables,
} from "../../../mod.ts";
import { permissions } from "../../../src/report/mod.ts";
import { testHost } from "../../../src/testing/mod.ts";
import { notingStore } from "../../support/fixtures/noting_store.ts";
import { problems, rejection } from "../../support/fixtures/rejection.ts";
import { smallChain } from "../../support/fixtures/small_chain.ts";

Deno.test("a reference within an object or a list is read, and the path says where it is", async () => {
  const { own, opened } = notingStore();
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
  const { own, opened } = notingStore();
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
  const { own, opened } = notingStore();
  const store = own({ priority: 1, url: fromEnv("URL", ""), proxy: fromEnv("PROXY", "") });
  const { resolver } = smallChain({ own: store }, { own: { prefix: "" } });
  const [described] = resolver.describe().stores;
  assertEquals([described?.state, described?.reason, opened], ["invalid", "URL is not set", []]);
});

Deno.test("a store that lists its options by name may call them as a list calls its members", async () => {
  for (const name of ["filter", "length", "keys"]) {
    const own = defineStore({
      kind: "own",
      shape: variables,
      options: [name],
      open: (options: Readonly<Record<string, unknown>>) => () => Object.keys(options).join(),
    });
    const { resolver } = smallChain({ own: own({ priority: 1, [name]: fromEnv("TEXT", "") }) }, {
      own: { prefix: "" },
    });
    assertEquals((await resolver.resolve("db:basic")).get("user"), "priority");
    assertEquals(resolver.describe().stores[0]?.state, "on");
  }
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
  assertEquals(reasonWith({ M2M: "on" }), "neither URL nor ISSUER is set");
  assertEquals(reasonWith({ M2M: "on", URL: denied("needs --allow-env=URL") }), "needs --allow-env=URL");
  assertEquals(permissions(chain, testHost({ env: { M2M: "on" } })).notes, [
    '"m2m" needs URL or ISSUER to be set: then run this again',
  ]);
  const resolver = createResolver(chain, testHost({ env: { M2M: "on", ISSUER: "i" } }));
  assertEquals((await resolver.resolve("db:basic")).get("issuer"), "i");
});
