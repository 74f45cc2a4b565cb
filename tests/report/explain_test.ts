import { assert, assertEquals } from "@std/assert";
import { parse } from "valibot";
import {
  createResolver,
  defineChain,
  destination,
  document,
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
  const { source, fields, trace, degraded } = parse(explanationSchema, await explain(resolver, "db:basic"));
  assertEquals([source, degraded, fields], ["file", false, { user: "file", uri: "env" }]);
  assertEquals(trace.map(({ store, outcome, role }) => [store, outcome, role]), [
    ["issuer", "miss", "passed"],
    ["file", "hit", "winner"],
    ["env", "hit", "setting"],
  ]);
  delete env.answers.uri;
  file.answer = { user: "runtime", uri: "bolt://[::1]", region: "here" };
  const again = await explain(resolver, "db:basic");
  assertEquals(again.trace.at(-1), { store: "env", outcome: "hit", role: "shadowed" });
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
  const explanation = parse(explanationSchema, await explain(resolver, "db:basic"));
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
  const { error, trace } = await explain(resolver, "db:basic");
  assertEquals(error, "not_found");
  assertEquals(trace.map(({ missing }) => missing), [undefined, ["db.json#user"], ["user"]]);
});

Deno.test("explain() uses a held token, and mints one only if it is live", async () => {
  const { issuer, env, resolver } = setUp();
  issuer.answer = { values: { sub: "minted" }, expiresIn: 600 };
  env.answers.user = "seed";
  const idle = await explain(resolver, "db:basic");
  assertEquals([idle.source, issuer.asked.length], ["env", 0]);
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
  assertEquals([idle.source, idle.error, issuer.asked.length], [null, "not_found", 0]);
  assertEquals(idle.trace[0]?.detail, "holds no token, and was not asked: the option live asks it");
  const live = await explain(resolver, "db:basic", { live: true });
  assertEquals([live.source, issuer.asked.length, resolver.peek("vault:login")], ["vault", 1, undefined]);
  await resolver.resolve("vault:login");
  assertEquals([(await explain(resolver, "db:basic")).source, issuer.asked.length], ["vault", 2]);
});

Deno.test("explain() lists the chain's keys in the error for an unknown key", async () => {
  const { resolver } = setUp();
  const { code, message } = await rejection(explain(resolver, "db:other" as "db:basic"));
  assertEquals(code, "unknown_key");
  assertEquals(message, 'Cannot resolve "db:other": the chain has no such credential: the credentials are db:basic');
});
