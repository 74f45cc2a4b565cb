import { assertEquals } from "@std/assert";
import { createResolver, defineChain, flag, required, token, unavailable } from "../../mod.ts";
import { statusOf } from "../../src/report/guidance/credential_status.ts";
import { hintsOf } from "../../src/report/guidance/hints.ts";
import { settingText } from "../../src/report/guidance/switches.ts";
import { scriptedStore, testHost } from "../../src/testing/mod.ts";

Deno.test("a token has expired by the clock of its resolver, and what to set is read from its variables", async () => {
  const own = scriptedStore({ shape: token, answer: { values: { user: "a" }, expiresIn: 60 } });
  const chain = defineChain({
    stores: {
      own: own.store({ priority: 2, enabled: flag("OWN") }),
      other: scriptedStore({ shape: token }).store({ priority: 1, enabled: [flag("OTHER"), flag("OWN")] }),
    },
    credentials: {
      "db:basic": { fields: { user: required() }, from: { own: true } },
      "db:other": { fields: { user: required() }, from: { other: true } },
    },
  });
  const host = testHost({ env: { OWN: "true" } });
  const resolver = createResolver(chain, host);
  await resolver.resolve("db:basic");
  const description = resolver.describe();
  const { switches } = hintsOf(resolver, description);
  assertEquals(Object.keys(switches), ["other"]);
  assertEquals(switches.other?.steps.map(settingText), ["OTHER=true"]);
  const word = () => statusOf(description.credentials[0]!, description, hintsOf(resolver, description)).word;
  assertEquals(word(), "ok");
  await host.clock.advance(61_000);
  assertEquals(word(), "not asked");
});

Deno.test("an expired token that callers are given in an outage is degraded, with why, and one that nobody asked for is not", async () => {
  const own = scriptedStore({ shape: token, answer: { values: { user: "a" }, expiresIn: 60 } });
  const chain = defineChain({
    stores: { own: own.store({ priority: 1, onExpired: "serve" }) },
    credentials: { "db:basic": { fields: { user: required() }, from: { own: true } } },
  });
  const host = testHost();
  const resolver = createResolver(chain, host);
  const status = () => {
    const description = resolver.describe();
    return statusOf(description.credentials[0]!, description, hintsOf(resolver, description));
  };
  await resolver.resolve("db:basic");
  own.answer = unavailable("HTTP 503");
  await host.clock.advance(61_000);
  assertEquals(status().word, "not asked");
  assertEquals((await resolver.resolve("db:basic")).degraded, true);
  assertEquals(status(), { word: "degraded", source: "own", detail: "own is unavailable; what it gave has expired" });
});
