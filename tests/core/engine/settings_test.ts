import { assertEquals } from "@std/assert";
import * as v from "valibot";
import {
  createResolver,
  defineChain,
  denied,
  destination,
  document,
  invalid,
  required,
  setting,
  token,
  unavailable,
  variables,
} from "../../../mod.ts";
import { scriptedStore, testHost } from "../../../src/testing/mod.ts";
import { rejection } from "../../support/fixtures/rejection.ts";
import { LOGIN, smallChain } from "../../support/fixtures/small_chain.ts";

function chainOf(upper: Record<string, string>, named: Record<string, string>, other: Record<string, string> = {}) {
  const stores = {
    upper: scriptedStore({ shape: variables, answers: upper }),
    named: scriptedStore({ shape: variables, answers: named }),
    other: scriptedStore({ shape: variables, answers: other }),
  };
  const chain = defineChain({
    stores: {
      upper: stores.upper.store({ priority: 3, recheck: 0 }),
      named: stores.named.store({ priority: 1, recheck: 0 }),
      other: stores.other.store({ priority: 2, recheck: 0 }),
    },
    credentials: {
      "s3:static": {
        fields: {
          secret: required(),
          endpoint: destination({ from: ["named"] }),
          home: destination({ from: ["named"], default: "https://home.example" }),
          region: setting({ default: "us-east-1" }),
          zone: setting(),
        },
        from: { upper: { prefix: "" }, named: { prefix: "" }, other: { prefix: "" } },
      },
    },
  });
  const host = testHost();
  return { ...stores, host, resolver: createResolver(chain, host) };
}

Deno.test("a setting comes from the store of the identity, else from the highest other store, else from its default", async () => {
  const { resolver, upper, other, named } = chainOf(
    { secret: "s", region: "upper" },
    { region: "named", zone: "named" },
    { region: "other", zone: "other" },
  );
  const first = await resolver.resolve("s3:static");
  assertEquals([first.get("region"), first.sourceOf("region")], ["upper", "upper"]);
  assertEquals([first.get("zone"), first.sourceOf("zone")], ["other", "other"]);
  delete upper.answers.region;
  delete other.answers.region;
  delete other.answers.zone;
  const second = await resolver.resolve("s3:static");
  assertEquals([second.get("region"), second.get("zone")], ["named", "named"]);
  delete named.answers.region;
  delete named.answers.zone;
  const third = await resolver.resolve("s3:static");
  assertEquals([third.get("region"), third.sourceOf("region")], ["us-east-1", "default"]);
  assertEquals([third.get("zone"), third.sourceOf("zone")], [undefined, undefined]);
});

Deno.test("a setting alone is not a credential", async () => {
  const { resolver } = chainOf({ region: "r" }, { endpoint: "https://s3.example" });
  assertEquals(await resolver.find("s3:static"), undefined);
});

Deno.test("a store that is refused or cannot be reached for a setting is passed over, and the credential is degraded", async () => {
  for (const refusal of [denied("d"), unavailable("u")]) {
    const { resolver, other } = chainOf({ secret: "s" }, { zone: "named" });
    other.answer = refusal;
    const credential = await resolver.resolve("s3:static");
    assertEquals([credential.get("zone"), credential.degraded], ["named", true]);
    assertEquals(credential.trace.find(({ store }) => store === "other"), {
      store: "other",
      outcome: refusal.outcome,
      role: "setting",
      detail: refusal.detail,
    });
  }
});

Deno.test("a store that is malformed stops the walk for a setting too, so that no default replaces the setting", async () => {
  for (const refusal of [invalid("i"), new Error("bug")]) {
    const { resolver, other } = chainOf({ secret: "s" }, { zone: "named" });
    other.answer = refusal;
    const { code, trace } = await rejection(resolver.resolve("s3:static"));
    assertEquals([code, trace.find(({ role }) => role === "stopped")?.store], ["invalid", "other"]);
  }
});

Deno.test("a destination never comes from another store that it does not name, so that no secret is sent there", async () => {
  const { resolver } = chainOf({ secret: "s" }, {}, {
    endpoint: "https://elsewhere.example",
    home: "https://elsewhere.example",
  });
  const credential = await resolver.resolve("s3:static");
  assertEquals([credential.get("endpoint"), credential.get("home")], [undefined, "https://home.example"]);
});

Deno.test("a destination comes from the store of the identity, else from a store that it names", async () => {
  const { resolver, upper } = chainOf({ secret: "s", endpoint: "https://own.example" }, {
    endpoint: "https://named.example",
  });
  const first = await resolver.resolve("s3:static");
  assertEquals([first.get("endpoint"), first.sourceOf("endpoint")], ["https://own.example", "upper"]);
  delete upper.answers.endpoint;
  const second = await resolver.resolve("s3:static");
  assertEquals([second.get("endpoint"), second.sourceOf("endpoint")], ["https://named.example", "named"]);
});

Deno.test("a store that a destination names and that fails stops the walk", async () => {
  for (
    const [refusal, code] of [[denied("d"), "denied"], [invalid("i"), "invalid"], [
      unavailable("u"),
      "unavailable",
    ]] as const
  ) {
    const { resolver, named } = chainOf({ secret: "s" }, {});
    named.answer = refusal;
    const error = await rejection(resolver.resolve("s3:static", { default: { secret: "d" } }));
    assertEquals([error.code, error.trace.at(-1)?.store, error.trace.at(-1)?.role], [code, "named", "stopped"]);
  }
});

Deno.test("a destination must be a URL without user info, whichever store it comes from", async () => {
  const wrong = [
    "s3.example",
    "/path",
    "https://user@s3.example",
    "https://user:pw@s3.example",
    "https://",
    "mailto:a@b",
  ];
  for (const endpoint of wrong) {
    const error = await rejection(chainOf({ secret: "s", endpoint }, {}).resolver.resolve("s3:static"));
    assertEquals(
      error.message,
      'Cannot resolve "s3:static": "upper" is invalid: endpoint is not a URL, or contains user info',
    );
    const named = await rejection(chainOf({ secret: "s" }, { endpoint }).resolver.resolve("s3:static"));
    assertEquals(named.trace.at(-1)?.store, "named");
  }
  for (const endpoint of ["http://127.0.0.1:9000", "bolt+s://db.example:7687", "neo4j://db"]) {
    const credential = await chainOf({ secret: "s", endpoint }, {}).resolver.resolve("s3:static");
    assertEquals(credential.get("endpoint"), endpoint);
  }
});

Deno.test("a token store is never asked for a setting", async () => {
  const tokens = scriptedStore({ shape: token, answer: { values: { secret: "t", zone: "t" } } });
  const below = scriptedStore({ shape: variables, answers: { secret: "s" } });
  const chain = defineChain({
    stores: { tokens: tokens.store({ priority: 1 }), below: below.store({ priority: 2 }) },
    credentials: {
      "s3:static": {
        fields: { secret: required(), zone: setting() },
        from: { tokens: true, below: { prefix: "" } },
      },
    },
  });
  const credential = await createResolver(chain, testHost()).resolve("s3:static");
  assertEquals([credential.source, credential.get("zone"), tokens.asked.length], ["below", undefined, 0]);
});

Deno.test("settings and destinations come from the stores also if the identity is the caller's default", async () => {
  const { resolver } = chainOf({}, { endpoint: "https://named.example" }, { zone: "other" });
  const credential = await resolver.resolve("s3:static", { default: { secret: "d" } });
  assertEquals(
    ["secret", "endpoint", "zone", "region"].map((name) => credential.sourceOf(name as "secret")),
    ["default", "named", "other", "default"],
  );
});

Deno.test("a store with a part of the identity degrades the credential, even if a setting comes from it", async () => {
  const parts = scriptedStore({ shape: variables, answers: { user: "half", region: "eu" } });
  const whole = scriptedStore({ shape: variables, answers: { user: "u", password: "p" } });
  const { resolver } = smallChain(
    { parts: parts.store({ priority: 2 }), whole: whole.store({ priority: 1 }) },
    { parts: { prefix: "" }, whole: { prefix: "" } },
    { fields: { ...LOGIN, region: setting() } },
  );
  const credential = await resolver.resolve("db:basic");
  assertEquals([credential.source, credential.sourceOf("region"), credential.degraded], ["whole", "parts", true]);
});

Deno.test("a setting with a wrong value stops the walk, so that its default does not replace it unseen", async () => {
  const port = v.pipe(v.string(), v.digits(), v.transform(Number));
  const wrong = { password: "seed", port: "6543x" };
  const chainWith = (upper: Record<string, string>, lower: Record<string, string>, onInvalid?: "next") => {
    const own = scriptedStore({ shape: variables, answers: upper });
    const below = scriptedStore({ shape: variables, answers: lower });
    return smallChain(
      { own: own.store({ priority: 2 }), below: below.store({ priority: 1, ...(onInvalid && { onInvalid }) }) },
      { own: { prefix: "" }, below: { prefix: "" } },
      { fields: { password: required(), port: setting(port, { default: 5432 }) } },
    ).resolver;
  };
  const error = await rejection(chainWith({ password: "p" }, wrong).resolve("db:basic"));
  assertEquals([error.code, error.message], [
    "invalid",
    'Cannot resolve "db:basic": "below" is invalid: port does not fit its schema',
  ]);
  const none = await rejection(chainWith({}, { port: "6543x" }).resolve("db:basic", { default: { password: "p" } }));
  assertEquals(none.code, "invalid", "a caller's default must not hide it either");
  const supplanted = await chainWith({ password: "p", port: "6543" }, wrong).resolve("db:basic");
  assertEquals([supplanted.get("port"), supplanted.degraded], [6543, false], "a value that is not used is not judged");
  const passed = await chainWith({ password: "p" }, wrong, "next").resolve("db:basic");
  assertEquals([passed.get("port"), passed.degraded], [5432, true]);
  assertEquals(passed.trace.at(-1), {
    store: "below",
    outcome: "invalid",
    role: "setting",
    detail: "port does not fit its schema",
  });
});

Deno.test("a document that was asked for a setting which it lacks is not shown as a hit", async () => {
  const own = scriptedStore({ shape: variables, answers: { user: "u", password: "p" } });
  const below = scriptedStore({ shape: document, answer: { user: "seed", password: "seed" } });
  const { resolver } = smallChain(
    { own: own.store({ priority: 2 }), below: below.store({ priority: 1 }) },
    { own: { prefix: "" }, below: "db.json" },
    { fields: { ...LOGIN, region: setting() } },
  );
  const { trace, degraded } = await resolver.resolve("db:basic");
  assertEquals([trace.at(-1), degraded], [{ store: "below", outcome: "miss", role: "setting" }, false]);
});

Deno.test("a document in another form does not leave a destination to its default", async () => {
  const own = scriptedStore({ shape: variables, answers: { user: "u", password: "p" } });
  const below = scriptedStore({ shape: document, answer: { login: { user: "u" }, address: "https://own.example" } });
  const { resolver } = smallChain(
    { own: own.store({ priority: 2 }), below: below.store({ priority: 1 }) },
    { own: { prefix: "" }, below: "db.json" },
    { fields: { ...LOGIN, uri: destination({ from: ["below"], default: "https://default.example" }) } },
  );
  const { code, message } = await rejection(resolver.resolve("db:basic"));
  assertEquals([code, message], [
    "incomplete",
    'Cannot resolve "db:basic": "below" is incomplete: db.json is there, but has none of user, password',
  ]);
});

Deno.test("an error about a setting names no field of the identity, which would not help", async () => {
  const parts = scriptedStore({ shape: variables, answers: { user: "half", uri: "nonsense" } });
  const whole = scriptedStore({ shape: variables, answers: { user: "u", password: "p" } });
  const { resolver } = smallChain(
    { parts: parts.store({ priority: 2 }), whole: whole.store({ priority: 1 }) },
    { parts: { prefix: "" }, whole: { prefix: "" } },
    { fields: { ...LOGIN, uri: destination({ from: ["parts"] }) } },
  );
  const { message, missing } = await rejection(resolver.resolve("db:basic"));
  assertEquals([message, missing], [
    'Cannot resolve "db:basic": "parts" is invalid: uri is not a URL, or contains user info',
    [],
  ]);
});

Deno.test("a template of which only a part is present is no absence: a destination stops, a setting degrades", async () => {
  const answerOf = async (field: object) => {
    const below = scriptedStore({ shape: document, answer: { host: "db.example" } });
    const resolver = createResolver(
      {
        stores: {
          winner: scriptedStore({ shape: variables, answers: { user: "u" } }).store({ priority: 2 }),
          below: below.store({ priority: 1 }),
        },
        credentials: {
          "db:basic": {
            fields: { user: required(), uri: field },
            from: { winner: { prefix: "" }, below: { document: "db.json", fields: { uri: "https://{host}:{port}" } } },
          },
        },
      } as never,
      testHost(),
    );
    const [result] = await Promise.allSettled([resolver.resolve("db:basic" as never)]);
    if (result.status === "rejected") return [result.reason.code, result.reason.message];
    return [result.value.degraded, ...result.value.trace.map(({ outcome, detail }) => `${outcome} ${detail}`)];
  };
  assertEquals(await answerOf(destination({ from: ["below"], default: "https://home.example" })), [
    "incomplete",
    'Cannot resolve "db:basic": "below" is incomplete: lacks db.json#port',
  ]);
  assertEquals(await answerOf(setting({ default: "https://home.example" })), [
    true,
    "hit undefined",
    "incomplete lacks db.json#port",
  ]);
});
