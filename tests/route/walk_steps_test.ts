import { assertEquals } from "@std/assert";
import {
  answer,
  createResolver,
  defineChain,
  denied,
  document,
  env,
  required,
  setting,
  token,
  unavailable,
} from "../../mod.ts";
import { statusOf } from "../../src/report/guidance/credential_status.ts";
import { survey } from "../../src/report/mod.ts";
import { viewOf } from "../../src/route/view.ts";
import { walkSteps } from "../../src/route/walk_steps.ts";
import { scriptedStore, testHost } from "../../src/testing/mod.ts";

function setUp() {
  const issuer = scriptedStore({ shape: token, local: false });
  const file = scriptedStore({ shape: document });
  const chain = defineChain({
    stores: { issuer: issuer.store({ priority: 3 }), file: file.store({ priority: 2 }), env: env({ priority: 1 }) },
    credentials: {
      "db:basic": {
        fields: { user: required(), region: setting() },
        from: { issuer: { fields: { user: "sub" } }, file: "db.json", env: { fields: { user: "DB_USER" } } },
      },
    },
  });
  const host = testHost({ env: { DB_USER: "seed" } });
  const resolver = createResolver(chain, host);
  const status = async () => {
    await survey(resolver);
    const description = resolver.describe();
    const view = viewOf(resolver, description);
    const [credential] = description.credentials;
    const { word, detail } = statusOf(credential!, description, view.hints);
    return { word, detail, results: walkSteps(credential!, view).map(({ result }) => result) };
  };
  return { issuer, file, status };
}

Deno.test("the page names no store as the source while a token store above it was not asked", async () => {
  const { issuer, file, status } = setUp();
  file.answer = { user: "runtime" };
  assertEquals(await status(), {
    word: "not asked",
    detail: "issuer needs the network; otherwise file",
    results: ["was not asked yet", "has it", "was not asked: an earlier store has it"],
  });
  assertEquals(issuer.asked, []);
});

Deno.test("the page does not say that a walk stopped while a token store above that was not asked", async () => {
  const { file, status } = setUp();
  file.answer = denied("sealed");
  assertEquals(await status(), {
    word: "not asked",
    detail: "issuer needs the network; otherwise file is denied",
    results: ["was not asked yet", "is denied: sealed", "was not asked: the walk stopped before it"],
  });
});

Deno.test("the page says why a credential is degraded whose own store gave it before", async () => {
  for (const given of [{ values: { user: "a" }, expires: "never" }, { user: "a" }] as const) {
    const own = scriptedStore({ shape: "values" in given ? token : document, answer: given });
    const chain = defineChain({
      stores: { own: own.store({ priority: 1, recheck: 1_000 }) },
      credentials: { "db:basic": { fields: { user: required() }, from: { own: "values" in given ? true : "a.json" } } },
    });
    const host = testHost();
    const resolver = createResolver(chain, host);
    await resolver.resolve("db:basic");
    own.answer = unavailable("HTTP 503");
    await host.clock.advance(1_000);
    await resolver.resolve("db:basic");
    const description = resolver.describe();
    const [credential] = description.credentials;
    const why = "HTTP 503; its previous answer is used";
    const view = viewOf(resolver, description);
    const { word, detail } = statusOf(credential!, description, view.hints);
    assertEquals([word, detail], ["degraded", why]);
    assertEquals(walkSteps(credential!, view).map(({ result }) => result), [`has it: ${why}`]);
  }
});

Deno.test("the page shows which version of a document a store answered with", async () => {
  const { file, status } = setUp();
  file.answer = answer({ user: "runtime" }, { version: 3 });
  assertEquals((await status()).results[1], "has it: version 3");
});
