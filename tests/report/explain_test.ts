import { assert, assertEquals } from "@std/assert";
import { parse } from "valibot";
import {
  createResolver,
  defineChain,
  denied,
  destination,
  document,
  env,
  flag,
  optional,
  required,
  setting,
  token,
  unavailable,
  variables,
} from "../../mod.ts";
import { explain, explanationSchema } from "../../src/report/mod.ts";
import { scriptedStore, testHost } from "../../src/testing/mod.ts";
import { rejection } from "../support/fixtures/rejection.ts";

function stores() {
  return {
    issuer: scriptedStore({ shape: token, local: false, recheck: 1_000 }),
    file: scriptedStore({ shape: document }),
    env: scriptedStore({ shape: variables }),
  };
}

function setUp({ issuer, file, env } = stores()) {
  const chain = defineChain({
    stores: {
      issuer: issuer.store({ priority: 3 }),
      file: file.store({ priority: 2 }),
      env: env.store({ priority: 1 }),
    },
    credentials: {
      "db:basic": {
        fields: { user: required(), hint: optional(), uri: destination({ from: ["env"] }), region: setting() },
        from: { issuer: { fields: { user: "sub" } }, file: "db.json", env: { prefix: "" } },
      },
    },
  });
  const host = testHost();
  return { issuer, file, env, host, resolver: createResolver(chain, host) };
}

Deno.test("explain() also asks the stores below the winner, which a resolve does not ask", async () => {
  const { file, env, resolver } = setUp();
  file.answer = { user: "runtime" };
  env.answers.user = "seed";
  env.answers.uri = "bolt://127.0.0.1";
  const live = { live: true };
  const { source, fields, trace, degraded } = parse(explanationSchema, await explain(resolver, "db:basic", live));
  assertEquals([source, degraded, fields], ["file", false, { user: "file", uri: "env" }]);
  assertEquals(trace.map(({ store, outcome, role }) => [store, outcome, role]), [
    ["issuer", "miss", "passed"],
    ["file", "hit", "winner"],
    ["env", "hit", "setting"],
  ]);
  delete env.answers.uri;
  file.answer = { user: "runtime", uri: "bolt://[::1]", region: "here" };
  const again = await explain(resolver, "db:basic", live);
  assertEquals(again.trace.at(-1), { store: "env", outcome: "hit", role: "shadowed" });
  file.answer = { user: "runtime", region: "here" };
  const asked = await explain(resolver, "db:basic", live);
  assertEquals(
    asked.trace.at(-1),
    { store: "env", outcome: "hit", role: "shadowed" },
    "asked for a setting that it lacks",
  );
});

Deno.test("explain() changes nothing that is held, and calls no listener", async () => {
  const { file, resolver, host } = setUp();
  const notified: unknown[] = [];
  using _ = resolver.onChange("db:basic", (credential) => notified.push(credential));
  file.answer = { user: "first" };
  const before = JSON.stringify(resolver.describe());
  await explain(resolver, "db:basic");
  assertEquals(JSON.stringify(resolver.describe()), before);
  assertEquals(resolver.peek("db:basic"), undefined);
  const held = await resolver.resolve("db:basic");
  file.answer = { user: "second" };
  await explain(resolver, "db:basic");
  assert(resolver.peek("db:basic") === held);
  assertEquals([notified, host.events.filter(({ type }) => type === "changed")], [[], []]);
});

Deno.test("explain() shows why a store stopped the walk, and which store it hides", async () => {
  const { file, env, resolver } = setUp();
  file.answer = { hint: "alone" };
  env.answers.user = "seed";
  const explanation = parse(explanationSchema, await explain(resolver, "db:basic", { live: true }));
  assertEquals([explanation.source, explanation.error], [null, "incomplete"]);
  assertEquals(explanation.trace.slice(1), [
    {
      store: "file",
      outcome: "incomplete",
      role: "stopped",
      detail: "only part of the identity is present",
      missing: ["db.json#user"],
    },
    { store: "env", outcome: "hit", role: "shadowed" },
  ]);
});

Deno.test("explain() shows how to supply a credential that no store has", async () => {
  const { resolver } = setUp();
  const { error, trace } = await explain(resolver, "db:basic", { live: true });
  assertEquals(error, "not_found");
  assertEquals(trace.map(({ missing }) => missing), [undefined, ["db.json#user"], ["user"]]);
});

Deno.test("explain() uses a held token, and mints one only if it is live", async () => {
  const { issuer, env, resolver } = setUp();
  issuer.answer = { values: { sub: "minted" }, expiresIn: 600 };
  env.answers.user = "seed";
  const idle = await explain(resolver, "db:basic");
  assertEquals([idle.source, idle.unknown, issuer.asked.length], [null, ["issuer"], 0]);
  assertEquals(idle.trace[0]?.detail, "holds no token, and was not asked: the option live asks it");
  const live = await explain(resolver, "db:basic", { live: true });
  assertEquals([live.source, issuer.asked.length, resolver.peek("db:basic")], ["issuer", 1, undefined]);
  await resolver.resolve("db:basic");
  assertEquals(issuer.asked.length, 2, "a token that a live explanation minted was held");
  const held = await explain(resolver, "db:basic");
  assertEquals([held.source, issuer.asked.length], ["issuer", 2]);
});

Deno.test("explain() does not ask a store during its backoff, even if it is live", async () => {
  const { issuer, env, resolver, host } = setUp();
  env.answers.user = "seed";
  issuer.answer = { values: { sub: "minted" }, expiresIn: 600 };
  await resolver.resolve("db:basic");
  await host.clock.advance(400_000);
  issuer.answer = unavailable("HTTP 503");
  await resolver.resolve("db:basic");
  const asked = issuer.asked.length;
  for (const live of [false, true]) {
    const { source, trace } = await explain(resolver, "db:basic", { live });
    assertEquals([source, issuer.asked.length], ["issuer", asked]);
    assertEquals(trace[0]?.detail, "HTTP 503; its previous answer is used");
  }
});

Deno.test("explain() uses a held token for a needed credential, and mints one only if it is live", async () => {
  const issuer = scriptedStore({ shape: token, local: false, answer: { values: { token: "t" }, expiresIn: 600 } });
  const vault = scriptedStore({ shape: variables, needs: ["login"], local: false });
  vault.answer = async (_, context) => String((await context.need("login")).get("token") && "from the vault");
  const chain = defineChain({
    stores: {
      issuer: issuer.store({ priority: 2 }),
      vault: vault.store({ priority: 1, login: "vault:login" }),
    },
    credentials: {
      "vault:login": { fields: { token: required() }, from: { issuer: true } },
      "db:basic": { fields: { user: required() }, from: { vault: { prefix: "" } } },
    },
  });
  const resolver = createResolver(chain, testHost());
  const idle = await explain(resolver, "db:basic");
  assertEquals([idle.source, idle.error, idle.unknown, issuer.asked.length], [null, undefined, ["vault"], 0]);
  assertEquals(
    idle.trace[0]?.detail,
    "needs a credential that is not held, and was not asked: the option live asks it",
  );
  const live = await explain(resolver, "db:basic", { live: true });
  assertEquals([live.source, issuer.asked.length, resolver.peek("vault:login")], ["vault", 1, undefined]);
  await resolver.resolve("vault:login");
  assertEquals([(await explain(resolver, "db:basic")).source, issuer.asked.length], ["vault", 2]);
});

function rolesOf(trace: readonly { readonly store: string; readonly role: string }[]): readonly string[] {
  return trace.map(({ store, role }) => `${store} ${role}`);
}

Deno.test("explain() names no winner below a token store that it did not ask, since a resolve would ask that first", async () => {
  const { file, env, resolver } = setUp();
  file.answer = { user: "runtime" };
  env.answers.user = "seed";
  env.answers.uri = "bolt://127.0.0.1";
  const { trace, ...rest } = parse(explanationSchema, await explain(resolver, "db:basic"));
  assertEquals(rest, { version: 1, key: "db:basic", source: null, degraded: false, fields: {}, unknown: ["issuer"] });
  assertEquals(trace, [
    {
      store: "issuer",
      outcome: "miss",
      role: "passed",
      detail: "holds no token, and was not asked: the option live asks it",
    },
    { store: "file", outcome: "hit", role: "shadowed" },
    { store: "env", outcome: "hit", role: "shadowed" },
  ]);
});

Deno.test("explain() names no error and no outage below a token store that it did not ask", async () => {
  const { file, env, resolver } = setUp();
  for (const answer of [{ hint: "alone" }, unavailable("away"), undefined]) {
    file.answer = answer;
    const { source, error, degraded, unknown, trace } = await explain(resolver, "db:basic");
    assertEquals([source, error, degraded, unknown], [null, undefined, false, ["issuer"]]);
    assertEquals(rolesOf(trace), ["issuer passed", "file shadowed", "env shadowed"]);
  }
  env.answers.user = "seed";
  assertEquals((await explain(resolver, "db:basic")).trace[2]?.outcome, "hit", "the store still says what it has");
});

Deno.test("explain() counts a token that has expired as none, since a resolve would ask for another", async () => {
  const { issuer, env, resolver, host } = setUp();
  issuer.answer = { values: { sub: "minted" }, expiresIn: 600 };
  env.answers.user = "seed";
  await resolver.resolve("db:basic");
  await host.clock.advance(599_000);
  assertEquals((await explain(resolver, "db:basic")).source, "issuer");
  await host.clock.advance(1_000);
  const { source, unknown, trace } = await explain(resolver, "db:basic");
  assertEquals([source, unknown], [null, ["issuer"]]);
  assertEquals(trace[0]?.detail, "holds a token that has expired, and was not asked: the option live asks it");
  assertEquals(issuer.asked.length, 1);
});

Deno.test("explain() knows the winner below a token store that is off, invalid, or not asked after a failure", async () => {
  const issuer = scriptedStore({ shape: token, local: false, answer: denied("invalid_client") });
  for (
    const [options, environment, outcome] of [
      [{ enabled: false }, {}, "off"],
      [{ enabled: flag("ISSUER") }, { ISSUER: "perhaps" }, "invalid"],
      [{ onDenied: "next" }, {}, "denied"],
    ] as const
  ) {
    const chain = defineChain({
      stores: { issuer: issuer.store({ priority: 2, onInvalid: "next", ...options }), env: env({ priority: 1 }) },
      credentials: { "db:basic": { fields: { user: required() }, from: { issuer: true, env: { prefix: "DB_" } } } },
    });
    const resolver = createResolver(chain, testHost({ env: { DB_USER: "seed", ...environment } }));
    await resolver.resolve("db:basic");
    const { source, unknown, trace } = await explain(resolver, "db:basic");
    assertEquals([source, unknown, trace[0]?.outcome], ["env", undefined, outcome]);
  }
});

Deno.test("explain() knows the winner above a token store that it did not ask", async () => {
  const issuer = scriptedStore({ shape: token, local: false });
  const chain = defineChain({
    stores: { env: env({ priority: 2 }), issuer: issuer.store({ priority: 1 }) },
    credentials: { "db:basic": { fields: { user: required() }, from: { issuer: true, env: { prefix: "DB_" } } } },
  });
  const host = testHost({ env: { DB_USER: "seed" } });
  const { source, unknown, fields } = await explain(createResolver(chain, host), "db:basic");
  assertEquals([source, unknown, fields], ["env", undefined, { user: "env" }]);
  const partial = await explain(createResolver(chain, testHost()), "db:basic");
  assertEquals([partial.source, partial.error, partial.unknown], [null, undefined, ["issuer"]]);
});

/** A store that needs a token, above one that does not. */
function vaultChain(from: object, settings: object = {}) {
  const issuer = scriptedStore({ shape: token, local: false, answer: { values: { token: "t" }, expiresIn: 600 } });
  const vault = scriptedStore({ shape: variables, needs: ["login"], local: false });
  vault.answer = async (name, { need }) => (await need("login")).source + name;
  const chain = defineChain({
    stores: {
      issuer: issuer.store({ priority: 3 }),
      vault: vault.store({ priority: 2, login: "vault:login" }),
      env: env({ priority: 1 }),
    },
    credentials: {
      "vault:login": { fields: { token: required() }, from: { issuer: true, env: { prefix: "LOGIN_" } } },
      "db:basic": {
        fields: { user: required(), region: setting(), zone: setting({ default: "a" }) },
        from: from as { vault: object; env: object },
      },
    },
    ...settings,
  });
  const host = testHost({ env: { DB_USER: "seed", DB_REGION: "here", LOGIN_TOKEN: "static" } });
  return { issuer, vault, resolver: createResolver(chain, host) };
}

Deno.test("explain() names no winner below a store whose own login is unknown, though a lower store has that login", async () => {
  const { issuer, vault, resolver } = vaultChain({ vault: { prefix: "" }, env: { prefix: "DB_" } });
  const { source, unknown, trace } = await explain(resolver, "db:basic");
  assertEquals([source, unknown, rolesOf(trace)], [null, ["vault"], ["vault passed", "env shadowed"]]);
  assertEquals([issuer.asked.length, vault.asked.length > 0], [0, true]);
  assertEquals((await explain(resolver, "db:basic", { live: true })).source, "vault");
});

Deno.test("explain() names the winner, but no source of a setting that a store it did not ask may give", async () => {
  const { resolver } = vaultChain({
    vault: { fields: { region: "region", zone: "zone" } },
    env: { fields: { user: "DB_USER", region: "DB_REGION" } },
  });
  const idle = await explain(resolver, "db:basic");
  assertEquals([idle.source, idle.unknown, idle.fields], ["env", ["vault"], { user: "env", region: "env" }]);
  const live = await explain(resolver, "db:basic", { live: true });
  assertEquals([live.source, live.unknown, live.fields], ["env", undefined, {
    user: "env",
    region: "env",
    zone: "vault",
  }]);
});

Deno.test("explain() lists the chain's keys in the error for an unknown key", async () => {
  const { resolver } = setUp();
  const { code, message } = await rejection(explain(resolver, "db:other" as "db:basic"));
  assertEquals(code, "unknown_key");
  assertEquals(message, 'Cannot resolve "db:other": the chain has no such credential: the credentials are db:basic');
});

Deno.test("explain() asks for what stores need once, also where two of them need it, and not for what is held", async () => {
  const login = scriptedStore({
    shape: token,
    local: false,
    answer: { values: { token: "fake-token" }, expiresIn: 60 },
  });
  const lease = scriptedStore<"token", "login">({ shape: token, needs: ["login"], local: false });
  lease.answer = async (_, { need }) => {
    await need("login");
    return denied("not this role");
  };
  const resolver = createResolver(
    defineChain({
      stores: {
        login: login.store({ priority: 3 }),
        first: lease.store({ priority: 2, login: "vault:token", onDenied: "next" }),
        second: lease.store({ priority: 1, login: "vault:token" }),
      },
      credentials: {
        "vault:token": { fields: { token: required() }, from: { login: true } },
        "pg:app": { fields: { user: required() }, from: { first: true, second: true } },
      },
    }),
    testHost(),
  );
  const needsOf = async (live: boolean) =>
    parse(explanationSchema, await explain(resolver, "pg:app", { live })).needs
      ?.map(({ key, neededBy, source }) => [key, neededBy, source]);
  assertEquals(await needsOf(false), [["vault:token", ["first", "second"], null]]);
  assertEquals(login.asked.length, 0);
  assertEquals(await needsOf(true), [["vault:token", ["first", "second"], "login"]]);
  assertEquals(login.asked.length, 1);
  await resolver.resolve("vault:token");
  assertEquals(await needsOf(true), [["vault:token", ["first", "second"], "login"]]);
  assertEquals(login.asked.length, 2);
  assertEquals((await explain(resolver, "vault:token")).needs, undefined);
});
