import { assert, assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { createResolver, defineChain, env, required, type Resolver } from "../../mod.ts";
import { describeRoute } from "../../src/route/mod.ts";
import { testHost } from "../../src/testing/mod.ts";
import { everyState } from "../support/route/every_state.ts";
import { manyCredentials } from "../support/route/many_credentials.ts";
import { cardsOf, pageOf, rowsOf, textOf } from "../support/route/page_text.ts";

async function filtered(query: string): Promise<{ readonly html: string; readonly keys: readonly string[] }> {
  const html = await pageOf((await everyState()).resolver as Resolver<never>, `/${query}`);
  return { html, keys: [...cardsOf(html).keys()] };
}

const ALL = (await filtered("")).keys;

function hrefsOf(html: string): readonly string[] {
  const count = /<p id="count"[^]*?<\/p>/.exec(html)![0];
  return [...count.matchAll(/href="([^"]*)"/g)].map(([, href]) => href!.replaceAll("&amp;", "&"));
}

Deno.test("a query filters the page by status, by store and by a part of a key or of a name, in any combination", async () => {
  assertEquals((await filtered("?status=missing&status=off")).keys, ["minio:sts", "minio:backup"]);
  assertEquals((await filtered("?status=not%20asked")).keys, ["spark:token", "ops:describe"]);
  assertEquals((await filtered("?store=sts")).keys, ["minio:sts", "minio:backup"]);
  assertEquals((await filtered("?q=POLARIS")).keys, ["polaris:oauth", "polaris:rest"]);
  assertEquals((await filtered("?q=neo4j-credentials.json")).keys, ["neo4j:basic", "neo4j:admin"]);
  assertEquals((await filtered("?q=alphaswarm_trino_user")).keys, ["trino:basic"]);
  assertEquals((await filtered("?q=minio&status=ok&store=file")).keys, ["minio:static"]);
});

Deno.test("what is no status and no store of the chain, and what is blank, filters nothing and is not repeated", async () => {
  const queries = [
    "?status=on-fire",
    "?store=nowhere",
    "?status=&store=&q=",
    "?q=%20%20",
    "?other=1",
    "?status=constructor&store=__proto__",
    "?status=%",
  ];
  for (const query of queries) {
    const { html, keys } = await filtered(query);
    assertEquals(keys, ALL, query);
    assertFalse(/on-fire|nowhere|__proto__|Show all/.test(html), query);
  }
});

Deno.test("a filtered page counts all credentials, says how many it shows, and links to all", async () => {
  const { html } = await filtered("?status=missing");
  const text = textOf(html);
  assertStringIncludes(text, "4 of 12 credentials are available: 4 errors, 1 missing, 1 degraded, 2 not asked, 1 off");
  assertStringIncludes(text, "The filter shows 1 of 12. Show all");
  assertEquals(rowsOf(html).length, 1);
  const none = textOf((await filtered("?q=no-such-key")).html);
  assertStringIncludes(none, "The filter matches no credential. Show all");
  assertStringIncludes((await filtered("?q=no-such-key")).html, '<a href="?">Show all</a>');
});

Deno.test("a cause that a filter leaves out is named, with a link to a page that shows it", async () => {
  const { html, keys } = await filtered("?q=kafka:registry");
  assertEquals(keys, ["kafka:registry"]);
  assertEquals(rowsOf(html).map(([, keys]) => keys), ["kafka:sasl, and so kafka:registry"]);
  const hrefs = [.../<tbody[^]*<\/tbody>/.exec(html)![0].matchAll(/href="([^"]*)"/g)].map(([, href]) => href);
  assertEquals(hrefs, ["?q=kafka%3Asasl", "#credential-kafka.3Aregistry"]);
  assertEquals((await filtered(hrefs[0]!)).keys, ["kafka:sasl"]);
});

Deno.test("the link of a count adds its status to the filter, and removes it again", async () => {
  const first = hrefsOf((await filtered("?store=file&q=neo")).html);
  assertEquals(first[1], "?status=error&store=file&q=neo");
  const second = await filtered(first[1]!);
  assertEquals(second.keys, ["neo4j:basic", "neo4j:admin"]);
  assertEquals(hrefsOf(second.html).slice(0, 3), [
    "?status=error&status=degraded&status=ok&store=file&q=neo",
    "?store=file&q=neo",
    "?status=error&status=missing&store=file&q=neo",
  ]);
  assertEquals(second.html.match(/<a [^>]*aria-current="true"/g)?.length, 1);
});

Deno.test("the form keeps what is chosen, and sends it without a script to the same page", async () => {
  const { html } = await filtered("?status=error&store=file&q=neo");
  const form = /<form[^]*?<\/form>/.exec(html)![0];
  assertStringIncludes(form, 'method="get"');
  assertFalse(/action=|<script/.test(form));
  assertStringIncludes(form, '<input type="hidden" name="status" value="error">');
  assertStringIncludes(form, '<option value="file" selected>file</option>');
  assertStringIncludes(form, 'name="q" value="neo"');
});

Deno.test("a hostile query is escaped wherever it is repeated, and only so much of it is", async () => {
  const evil = `"'><img src=x onerror=alert(1)><script>alert(2)</script>&amp;`;
  const { html, keys } = await filtered(`?q=${encodeURIComponent(evil)}&status=${encodeURIComponent(evil)}`);
  assertEquals(keys, []);
  assertFalse(html.includes("<img"));
  assertFalse(html.includes("<script>alert"));
  assertStringIncludes(html, 'value="&quot;&#39;&gt;&lt;img src=x onerror=alert(1)&gt;');
  const { length } = (await filtered(`?q=${"x".repeat(50_000)}`)).html;
  assert(length < 30_000, `${length} characters`);
  for (const query of ["?q=%00%ff%ed%a0%80", "?q=%F0%9F%97", `?q=${"🗝️".repeat(150)}`, "?%", "?q=\\"]) {
    assertStringIncludes((await filtered(query)).html, "</html>", query);
  }
});

Deno.test("a filter that leaves twenty credentials or fewer unfolds them", async () => {
  const resolver = await manyCredentials() as Resolver<never>;
  const open = async (query: string) =>
    [...cardsOf(await pageOf(resolver, `/${query}`)).values()].map((card) => /<details[^>]* open>/.test(card));
  assertEquals(new Set(await open("")), new Set([false]));
  assertEquals(await open("?status=error"), [true, true, true]);
});

Deno.test("a chain without credentials has a page that says so, and one of 301 has a page with each of them", async () => {
  const stores = { env: env({ priority: 1 }) };
  const none = await pageOf(
    createResolver(defineChain({ stores, credentials: {} } as never), testHost()) as Resolver<never>,
  );
  assertStringIncludes(textOf(none), "The chain has no credentials.");
  assertFalse(/<form|<table|Details/.test(none));
  const fields = { token: required() };
  const many = Object.fromEntries(
    Array.from({ length: 301 }, (_, at) => [`a:${at}`, { fields, from: { env: { prefix: "A_" } } }]),
  );
  const chain = defineChain({ stores, credentials: many } as never);
  const page = await pageOf(createResolver(chain, testHost()) as Resolver<never>);
  assertEquals(cardsOf(page).size, 301);
  assertEquals(rowsOf(page).length, 1);
});

Deno.test("GET / as JSON is the whole chain, whatever the query", async () => {
  const { resolver } = await everyState();
  const route = describeRoute(resolver, { auth: "none", allowUnauthenticated: true });
  const answer = await route.request("/?status=missing&q=x");
  assertEquals(await answer.json(), JSON.parse(JSON.stringify(resolver.describe())));
});
