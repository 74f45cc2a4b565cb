import { assertEquals, assertFalse } from "@std/assert";
import {
  createResolver,
  defineChain,
  denied,
  env,
  file,
  flag,
  fromEnv,
  memory,
  mounted,
  optional,
  required,
  token,
  variables,
} from "../../../mod.ts";
import { scriptedStore, testHost } from "../../../src/testing/mod.ts";
import { rejection } from "../../support/fixtures/rejection.ts";
import { smallChain } from "../../support/fixtures/small_chain.ts";

const SECRET = "hunter2";

Deno.test("describe() shows the chain and what is held, asks no store and shows no value", async () => {
  const asked = scriptedStore({ shape: variables, answers: { user: SECRET, password: SECRET } });
  const chain = defineChain({
    stores: {
      env: env({ priority: 100 }),
      own: asked.store({ priority: 200 }),
      off: mounted({ priority: 300, directory: "d", enabled: flag("MOUNTED") }),
    },
    credentials: {
      "db:basic": {
        fields: { user: required(), password: required(), note: optional() },
        from: { env: { prefix: "DB_" }, own: { prefix: "" } },
      },
      "db:any": { fields: { a: optional(), b: optional() }, anyOf: ["a", "b"], from: { off: { prefix: "" } } },
    },
  });
  const host = testHost({ env: { DB_NOTE: SECRET } });
  const resolver = createResolver(chain, host);
  assertEquals(resolver.describe(), {
    version: 1,
    stores: [
      {
        name: "off",
        kind: "mounted",
        shape: "variables",
        priority: 300,
        state: "off",
        reason: "set MOUNTED to true",
        references: [{ option: "enabled", variable: "MOUNTED", set: false }],
      },
      { name: "own", kind: "scripted", shape: "variables", priority: 200, state: "on", references: [] },
      { name: "env", kind: "env", shape: "variables", priority: 100, state: "on", references: [] },
    ],
    credentials: [
      {
        key: "db:basic",
        fields: [
          { name: "user", presence: "required" },
          { name: "password", presence: "required" },
          { name: "note", presence: "optional" },
        ],
        from: [
          { store: "own", reads: ["user", "password", "note"] },
          { store: "env", reads: ["DB_USER", "DB_PASSWORD", "DB_NOTE"] },
        ],
      },
      {
        key: "db:any",
        fields: [{ name: "a", presence: "optional" }, { name: "b", presence: "optional" }],
        anyOf: ["a", "b"],
        from: [{ store: "off", reads: ["a", "b"] }],
      },
    ],
  });
  assertEquals(asked.asked, []);

  await resolver.resolve("db:basic");
  const { held, last } = resolver.describe().credentials[0]!;
  const at = "2026-01-01T00:00:00.000Z";
  const fields = { user: "own", password: "own" };
  assertEquals(held, { source: "own", fields, degraded: false, generation: 1, resolvedAt: at });
  assertEquals(last, { at, trace: [{ store: "own", outcome: "hit", role: "winner" }] });
  assertFalse(JSON.stringify(resolver.describe()).includes(SECRET));
});

Deno.test("describe() shows the last failure, with what is missing", async () => {
  const { resolver } = smallChain({ env: env({ priority: 1 }) }, { env: { prefix: "DB_" } });
  await rejection(resolver.resolve("db:basic"));
  const { held, last } = resolver.describe().credentials[0]!;
  assertEquals([held, last?.error, last?.missing], [undefined, "not_found", ["DB_USER"]]);
});

Deno.test("describe() shows the name of a variable, whether it is set and what is wrong with it, but not its value", () => {
  const chain = defineChain({
    stores: {
      set: file({ priority: 1, directory: fromEnv("SET_DIR") }),
      unset: file({ priority: 2, directory: fromEnv("UNSET_DIR") }),
      fallback: file({ priority: 3, directory: fromEnv("OTHER_DIR", "data") }),
      unknown: memory({ priority: 4, enabled: flag("IS_ON") }),
      closed: memory({ priority: 5, enabled: flag("IS_CLOSED") }),
      never: memory({ priority: 6, enabled: false }),
    },
    credentials: {},
  });
  const host = testHost({
    env: { SET_DIR: SECRET, IS_ON: SECRET, IS_CLOSED: denied("needs --allow-env=IS_CLOSED"), OTHER_DIR: " " },
  });
  const { stores } = createResolver(chain, host).describe();
  assertEquals(stores.map(({ name, state, reason, references }) => [name, state, reason, references[0]?.set]), [
    ["never", "off", "set enabled to true", undefined],
    ["closed", "invalid", "needs --allow-env=IS_CLOSED", false],
    ["unknown", "invalid", "IS_ON is not a flag: expected 1, true, yes, on, 0, false, no or off", true],
    ["fallback", "on", undefined, false],
    ["unset", "invalid", "UNSET_DIR is not set", false],
    ["set", "on", undefined, true],
  ]);
  assertFalse(JSON.stringify(stores).includes(SECRET));
});

/** Two token stores that are switched on by flags, the higher of which needs what the lower one serves. */
function needingChain(environment: Record<string, string>) {
  const login = scriptedStore({ shape: token, needs: ["client"] });
  const keys = scriptedStore({ shape: token, needs: ["identity", "role"] });
  const options = { url: fromEnv("URL"), other: fromEnv("URL"), realm: fromEnv("REALM"), port: fromEnv("PORT", "1") };
  const chain = defineChain({
    stores: {
      keys: keys.store({ priority: 4, enabled: flag("KEYS"), identity: "a:identity", role: "a:client" }),
      login: login.store({ priority: 3, enabled: flag("LOGIN"), client: "a:client", ...options }),
      env: env({ priority: 1 }),
    },
    credentials: {
      "a:keys": { fields: { key: required() }, from: { keys: true } },
      "a:identity": { fields: { token: required() }, from: { login: true } },
      "a:client": { fields: { id: required() }, from: { env: { prefix: "A_" } } },
    },
  });
  return { login, keys, resolver: createResolver(chain, testHost({ env: environment })) };
}

Deno.test("a store that is off says all that switches it on: its flag, every unset variable, and what it needs", async () => {
  const { resolver } = needingChain({ REALM: "r" });
  const [keys, login] = resolver.describe().stores;
  assertEquals([keys?.reason, login?.reason], [
    'set KEYS to true, supply "a:identity" and supply "a:client"',
    'set LOGIN to true, set URL and supply "a:client"',
  ]);
  const { message, trace } = await rejection(resolver.resolve("a:identity"));
  assertEquals([trace.length, trace[0]?.outcome, trace[0]?.detail], [1, "off", login?.reason]);
  assertEquals(message, `Cannot resolve "a:identity": no store has it: "login" is off: ${login!.reason}`);
});

Deno.test("doing all that the hint of a store says switches it on, so that no operator has to look twice", async () => {
  const { login, resolver } = needingChain({ LOGIN: "true", URL: "u", REALM: "r", A_ID: "i" });
  login.answer = { values: { token: "t" }, expiresIn: 600 };
  assertEquals((await resolver.resolve("a:identity")).source, "login");
});

Deno.test("a need that only stores which are off serve names what switches these on", async () => {
  const { keys, resolver } = needingChain({ KEYS: "true", A_ID: "i" });
  keys.answer = async (_, { need }) => ({ values: { key: (await need("identity")).get("token") }, expiresIn: 600 });
  const { code, message } = await rejection(resolver.resolve("a:keys"));
  assertEquals(code, "invalid");
  assertEquals(
    message,
    'Cannot resolve "a:keys": "keys" is invalid: needs "a:identity": no store has it: "login" is off: ' +
      'set LOGIN to true, set URL, set REALM and supply "a:client"',
  );
});

Deno.test("an invalid store lists every variable that is not set, each once", () => {
  const { resolver } = needingChain({ LOGIN: "true" });
  const { state, reason } = resolver.describe().stores[1]!;
  assertEquals([state, reason], ["invalid", "URL is not set and REALM is not set"]);
});

Deno.test("a flag is 1, true, yes, on, 0, false, no or off in any case; a blank one is off, and any other value is invalid", async () => {
  const cases = [
    [["1", "true", "TRUE", "Yes", "on", " on "], "on"],
    [["0", "false", "No", "OFF", "", "  "], "off"],
    [["2", "enabled", "y", "tru", "null"], "invalid"],
  ] as const;
  for (const [words, state] of cases) {
    for (const word of words) {
      const own = memory({ priority: 1, enabled: flag("IS_ON"), values: { user: "u" } });
      const { resolver } = smallChain({ own }, { own: { prefix: "" } }, { env: { IS_ON: word } });
      assertEquals(resolver.describe().stores[0]?.state, state, word);
      if (state === "invalid") assertEquals((await rejection(resolver.resolve("db:basic"))).code, "invalid");
      else assertEquals((await resolver.find("db:basic"))?.source, state === "on" ? "own" : undefined);
    }
  }
});

Deno.test("a store is denied, and stops the walk, if it may not read its flag or a variable of its options", async () => {
  for (const option of [{ enabled: flag("GATE") }, { directory: fromEnv("GATE") }]) {
    const own = mounted({ priority: 1, directory: "d", ...option });
    const env = { GATE: denied("needs --allow-env=GATE") };
    const { resolver } = smallChain({ own }, { own: { prefix: "" } }, { env });
    const { code, trace } = await rejection(resolver.resolve("db:basic", { default: { user: "d" } }));
    assertEquals([code, trace[0]?.detail], ["denied", "needs --allow-env=GATE"]);
  }
});
