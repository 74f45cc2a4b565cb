import { assertEquals } from "@std/assert";
import { createResolver, defineChain, flag, required, token } from "../../mod.ts";
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
