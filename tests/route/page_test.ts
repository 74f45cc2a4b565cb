import { assert, assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import shipped from "../../chain.config.ts";
import { createResolver, defineChain, env, required, type Resolver } from "../../mod.ts";
import { countLine, rate } from "../../src/report/guidance/counts.ts";
import { statusOf } from "../../src/report/guidance/credential_status.ts";
import { hintsOf } from "../../src/report/guidance/hints.ts";
import { waysToSwitchOn } from "../../src/report/guidance/switching_on.ts";
import { waysToSupply } from "../../src/report/guidance/ways.ts";
import { survey } from "../../src/report/mod.ts";
import { testHost } from "../../src/testing/mod.ts";
import needing from "../support/fixtures/three_needs_chain.ts";
import { everyState } from "../support/route/every_state.ts";
import { manyCredentials } from "../support/route/many_credentials.ts";
import { cardsOf, pageOf, rowsOf, textOf } from "../support/route/page_text.ts";

async function surveyed(chain: unknown, env: Readonly<Record<string, string>> = {}): Promise<Resolver<never>> {
  const resolver = createResolver(chain as never, { env }) as Resolver<never>;
  await survey(resolver);
  return resolver;
}

/** Returns resolvers whose credentials have every status, by what they are. */
async function everyResolver(): Promise<Readonly<Record<string, Resolver<never>>>> {
  return {
    "every state": (await everyState()).resolver as Resolver<never>,
    "the shipped chain": await surveyed(shipped),
    "the shipped chain, which nothing was asked of": createResolver(shipped, { env: {} }) as Resolver<never>,
    "a chain with needs": await surveyed(needing, { VAULT_ADDR: "http://127.0.0.1:9" }),
    "42 credentials": await manyCredentials() as Resolver<never>,
  };
}

Deno.test("the page and the command line say the same of each credential: its status, its source and why", async () => {
  const words = new Set<string>();
  for (const [name, resolver] of Object.entries(await everyResolver())) {
    const description = resolver.describe();
    const hints = hintsOf(resolver, description);
    const cards = cardsOf(await pageOf(resolver));
    for (const credential of description.credentials) {
      const { word, source, detail } = statusOf(credential, description, hints);
      words.add(word);
      const text = textOf(cards.get(credential.key)!);
      const said = [credential.key, word, ...source ? [source] : [], ...detail ? [detail] : []].join(" ");
      assertEquals(text.slice(0, said.length), said, name);
    }
  }
  assertEquals(words, new Set(["ok", "degraded", "missing", "error", "off", "not asked"]));
});

Deno.test("the page begins with the count of the command line, each number of which sets the filter", async () => {
  for (const resolver of Object.values(await everyResolver())) {
    const description = resolver.describe();
    const html = await pageOf(resolver);
    assertStringIncludes(textOf(html), ` ${countLine(rate(description, hintsOf(resolver, description)))} `);
  }
  const html = await pageOf(await surveyed(shipped));
  const counts = /<p id="count"[^]*?<\/p>/.exec(html)![0];
  assertEquals(textOf(counts), "0 of 9 credentials are available: 6 missing, 3 off");
  assertEquals([...counts.matchAll(/href="([^"]*)"/g)].map(([, href]) => href), ["?status=missing", "?status=off"]);
});

Deno.test("the page says how to supply a missing credential as the command line does: together, or one of several", async () => {
  const resolver = await surveyed(shipped);
  const description = resolver.describe();
  const hints = hintsOf(resolver, description);
  const html = await pageOf(resolver);
  const cards = cardsOf(html);
  assertFalse(textOf(html).includes("Supply one of"));
  assertStringIncludes(
    textOf(cards.get("minio:static")!),
    " file data/bootstrap/minio-service-account.json: access_key, secret_key " +
      "or env ALPHASWARM_MINIO_ACCESS_KEY and ALPHASWARM_MINIO_SECRET_KEY ",
  );
  for (const credential of description.credentials) {
    for (const { store, names } of waysToSupply(credential, description, hints)) {
      const said = `${store} ${names ?? "switch it on"}`;
      if (credential.key !== "m2m:client") assertStringIncludes(textOf(cards.get(credential.key)!), said);
    }
  }
});

Deno.test("the page says of a store that is off all that it takes to switch it on, as the command line does", async () => {
  const resolver = await surveyed(shipped);
  const description = resolver.describe();
  const text = textOf(await pageOf(resolver));
  const switches = waysToSwitchOn(new Set(["m2m", "sts"]), description, hintsOf(resolver, description));
  assertEquals(switches.map(({ name }) => name), ["m2m", "sts"]);
  for (const { set, supplied } of switches) {
    assertStringIncludes(text, `To switch it on: ${set}`);
    for (const { ways } of supplied) {
      for (const { store, names } of ways) assertStringIncludes(text, `${store} ${names}`);
    }
  }
  assertFalse(text.includes("to true"), "the reason of the store alone names only the first variable");
});

Deno.test("the page names no store that is off as the first, and does not say that no store has what is off", async () => {
  const unasked = textOf(await pageOf(createResolver(shipped, { env: {} }) as Resolver<never>));
  assertFalse(/comes first|is asked first/.test(unasked));
  const text = textOf(await pageOf(await surveyed(shipped)));
  assertFalse(text.includes("No store has it"));
  assertStringIncludes(text, "m2m:client off only m2m needs it, which is off");
});

Deno.test("problems are first, and what has one cause is one row, with what fails because of it", async () => {
  const { resolver } = await everyState();
  const rows = rowsOf(await pageOf(resolver as Resolver<never>));
  assertEquals(rows.map(([status, keys]) => `${status}: ${keys}`), [
    "error: neo4j:basic, neo4j:admin",
    "error: kafka:sasl, and so kafka:registry",
    "missing: minio:sts",
    "degraded: trino:basic",
    "not asked: spark:token",
    "not asked: ops:describe",
    "off: minio:backup",
    "ok: polaris:oauth",
    "ok: polaris:rest",
    "ok: minio:static",
  ]);
  const fix = "Write the file again, or remove it to let env answer. " +
    "It is not skipped: its credential may be the newer one.";
  assertEquals(
    rows[0]!.at(-1),
    `file data/bootstrap/neo4j-credentials.json:1:3 is not valid JSON: expected a JSON object fix ${fix}`,
  );
});

Deno.test("42 credentials do not repeat a sentence, and are folded, each with a line that says what it is", async () => {
  const html = await pageOf(await manyCredentials() as Resolver<never>);
  const rows = rowsOf(html);
  assertEquals(rows.map(([status]) => status), ["error", "missing", "degraded", "off", "ok", "ok", "ok"]);
  assertEquals(rows[0]![1], "polaris:writer, iceberg:writer, trino:writer");
  const details = rows.map((row) => row.at(-1)).filter((detail) => detail !== "");
  assertEquals(new Set(details).size, details.length);
  const cards = [...cardsOf(html).values()];
  assertEquals(cards.length, 42);
  for (const card of cards) assert(/<details id="[^"]+" ?>/.test(card), "closed");
  const summaries = cards.map((card) => textOf(/<summary[^]*?<\/summary>/.exec(card)![0]));
  assertEquals(summaries.slice(0, 4), [
    "polaris:writer error",
    "iceberg:writer error",
    "trino:writer error",
    "polaris:audit missing",
  ]);
  assert(summaries.includes("polaris:admin ok file"));
});

Deno.test("the page of one credential says how to fix what its store needs, and shows the store that gives that", async () => {
  const { resolver } = await everyState();
  const html = await pageOf(resolver as Resolver<never>, "/kafka/registry");
  const text = textOf(html);
  assertStringIncludes(
    text,
    "kafka:registry error exchange needs kafka:sasl, which is invalid vault ALPHASWARM_VAULT_URL is not set fix " +
      "Set ALPHASWARM_VAULT_URL Last walk, 2 s ago 2026-01-01 00:02:08 UTC exchange is invalid: needs kafka:sasl, see below looks for token " +
      "What its stores need exchange ← kafka:sasl error vault is invalid Fields ",
  );
  assertStringIncludes(text, "vault invalid token, priority 220 ALPHASWARM_VAULT_URL is not set");
  assertFalse(/<form|<table|ALPHASWARM_NEO4J/.test(html));
  assert(/<details id="details-kafka.3Aregistry" open>/.test(html));
});

Deno.test("no two elements of the page have one id, however alike keys and stores are", async () => {
  const reads = { fields: { user: required() }, from: { "a b": { prefix: "A_" }, "a.20b": { prefix: "B_" } } };
  const keys = ["pay:api", "pay:api-card", "pay:api-details", "pay:api-summary", "pay:a.3A"];
  const chain = defineChain({
    stores: { "a b": env({ priority: 2 }), "a.20b": env({ priority: 1 }) },
    credentials: Object.fromEntries(keys.map((key) => [key, reads])) as never,
  });
  const html = await pageOf(createResolver(chain, testHost()) as Resolver<never>);
  const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  assert(ids.length > 30, `${ids}`);
  assertEquals(ids.filter((id, at) => ids.indexOf(id) !== at), []);
});
