import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import * as v from "valibot";
import { createResolver, defineChain, env, required } from "../../mod.ts";
import { descriptionSchema, reportJsonSchema } from "../../src/report/mod.ts";
import { testHost } from "../../src/testing/mod.ts";
import { everyState } from "../support/route/every_state.ts";
import { bearer, harness, mount, TOKEN } from "../support/route/route_harness.ts";

const AUTH = { auth: { token: TOKEN } };

Deno.test("GET / returns what resolver.describe() returns, as JSON for a machine and as a page for a browser", async () => {
  const { resolver, mount } = harness();
  await resolver.resolve("db:basic");
  const app = mount(AUTH);
  const get = (accept?: string) =>
    app.request("/credentials", { headers: { ...bearer().headers, ...(accept ? { Accept: accept } : {}) } });
  for (const accept of [undefined, "*/*", "application/json", "image/png", "text/html;q=0.1, application/json"]) {
    const answer = await get(accept);
    assertEquals(answer.headers.get("Content-Type"), "application/json", accept);
    assertEquals(await answer.json(), JSON.parse(JSON.stringify(resolver.describe())));
  }
  const browser = await get("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");
  assertEquals(browser.headers.get("Content-Type"), "text/html; charset=UTF-8");
  assertEquals(browser.headers.get("Vary"), "Accept");
  const text = await browser.text();
  assertStringIncludes(text, "<!DOCTYPE html>");
  assertStringIncludes(text, "1 of 2 credentials are available");
});

Deno.test("GET /:service/:purpose returns one credential, as JSON or as a page, and 404 for an unknown key", async () => {
  const { resolver, mount } = harness();
  await resolver.resolve("db:basic");
  const app = mount(AUTH);
  const one = await (await app.request("/credentials/db/basic", bearer())).json();
  const { version, credentials } = JSON.parse(JSON.stringify(resolver.describe()));
  assertEquals(one, { version, ...credentials[0] });
  const headers = { ...bearer().headers, Accept: "text/html" };
  const page = await (await app.request("/credentials/db/basic", { headers })).text();
  assertStringIncludes(page, "<h1>db:basic</h1>");
  assert(!page.includes("ops:describe"), "the page of one credential shows no other");
  const unknownPaths = [
    "db/other",
    "__proto__/x",
    "constructor/name",
    "db%2Fbasic",
    "db/%00",
    "db/basic/more",
    "db",
    "%",
    "db/%ff",
  ];
  for (const path of unknownPaths) {
    const answer = await app.request(`/credentials/${path}`, bearer());
    assertEquals(answer.status, 404, path);
    assertEquals(answer.headers.get("Content-Type"), "application/problem+json");
    const { status, type, title, ...rest } = await answer.json();
    assertEquals([status, type, title], [404, "about:blank", "Not Found"]);
    assertEquals(Object.keys(rest), ["detail"]);
  }
});

Deno.test("GET /schema returns the JSON Schema to which GET / conforms in every state", async () => {
  const { resolver } = await everyState();
  const app = mount(resolver, AUTH);
  const answer = await app.request("/credentials/schema", bearer());
  assertEquals([answer.status, answer.headers.get("Content-Type")], [200, "application/schema+json"]);
  assertEquals(await answer.text(), JSON.stringify(reportJsonSchema("description")));
  assertEquals((await app.request("/credentials/schema")).status, 401);
  const described = await (await app.request("/credentials", bearer())).json();
  assert(v.is(descriptionSchema, described));
});

Deno.test("a key is found whatever characters it has, and an encoded slash is part of the key", async () => {
  const keys = ["svc:a/b", "svc:a:b", "svc:ä ö", "__proto__:x", 'svc:"<b>'];
  const fields = { token: required() };
  const credentials = Object.fromEntries(keys.map((key) => [key, { fields, from: { env: { prefix: "X_" } } }]));
  const chain = defineChain({ stores: { env: env({ priority: 1 }) }, credentials } as never);
  const app = mount(createResolver(chain, testHost()), AUTH);
  for (const key of keys) {
    const [service = "", ...purpose] = key.split(":");
    const path = `/credentials/${encodeURIComponent(service)}/${encodeURIComponent(purpose.join(":"))}`;
    const answer = await app.request(path, bearer());
    assertEquals([answer.status, (await answer.json()).key], [200, key]);
  }
});

Deno.test("no GET request but those for readiness asks a store, renews a token or logs an event", async () => {
  const { resolver, store, host, mount } = harness();
  await resolver.resolve("db:basic");
  const app = mount({ ...AUTH, needed: ["db:basic", "ops:describe"] });
  const { length } = store.asked;
  const [events, held] = [host.events.length, JSON.stringify(resolver.describe())];
  await host.clock.advance(3_600_000);
  const paths = [
    "",
    "/",
    "?status=ok&store=own&q=db",
    "/db/basic",
    "/ops/describe",
    "/live",
    "/schema",
    "/nothing/here",
  ];
  for (const path of paths) {
    for (const accept of ["text/html", "application/json"]) {
      await app.request(`/credentials${path}`, { headers: { ...bearer().headers, Accept: accept } });
    }
  }
  assertEquals([store.asked.length, host.events.length], [length, events]);
  assertEquals(JSON.stringify(resolver.describe()), held);
});

Deno.test("no response may be cached, framed, sniffed or read by another origin, and none sets HSTS for the app's host", async () => {
  const app = harness().mount(AUTH);
  const paths = ["", "/db/basic", "/ready", "/live", "/health", "/nothing", "/"];
  for (const path of paths) {
    for (
      const headers of [{}, bearer().headers, { ...bearer().headers, Accept: "text/html", Origin: "https://evil" }]
    ) {
      const { headers: sent } = await app.request(`/credentials${path}`, { headers });
      assertEquals(sent.get("Cache-Control"), "no-store", path);
      assertEquals(sent.get("X-Content-Type-Options"), "nosniff");
      assertEquals(sent.get("X-Frame-Options"), "DENY");
      assertEquals(sent.get("Cross-Origin-Resource-Policy"), "same-origin");
      assertEquals(sent.get("Access-Control-Allow-Origin"), null);
      assertEquals(sent.get("Strict-Transport-Security"), null);
      const policy = sent.get("Content-Security-Policy") ?? "";
      for (const part of ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"]) {
        assertStringIncludes(policy, part);
      }
      assert(!policy.includes("unsafe"), policy);
    }
  }
});

Deno.test("the content security policy allows the page's own script and style by their hashes, and nothing else", async () => {
  const app = harness().mount(AUTH);
  const answer = await app.request("/credentials", { headers: { ...bearer().headers, Accept: "text/html" } });
  const [policy, text] = [answer.headers.get("Content-Security-Policy") ?? "", await answer.text()];
  for (const [tag, directive] of [["script", "script-src"], ["style", "style-src"]]) {
    const inline = new RegExp(`<${tag}>([^]*?)</${tag}>`).exec(text)?.[1];
    const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(inline));
    assertStringIncludes(policy, `${directive} 'sha256-${new Uint8Array(bytes).toBase64()}';`);
  }
  assert(!/ (style|on\w+)=/.test(text), "no inline attribute is used, which the policy would block");
});

Deno.test("HEAD is GET without a body, and every other method is 405 with an Allow header", async () => {
  const app = harness().mount(AUTH);
  const head = await app.request("/credentials", { method: "HEAD", ...bearer() });
  assertEquals([head.status, await head.text()], [200, ""]);
  assertEquals((await app.request("/credentials", { method: "HEAD" })).status, 401);
  for (const method of ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"]) {
    for (const path of ["", "/db/basic", "/ready", "/live", "/schema", "/other"]) {
      const answer = await app.request(`/credentials${path}`, { method, ...bearer() });
      assertEquals([answer.status, answer.headers.get("Allow")], [405, "GET, HEAD"], `${method} ${path}`);
      assertEquals((await answer.json()).status, 405);
    }
  }
});

Deno.test("a path with a trailing slash redirects to the path without it, on the same host only", async () => {
  const app = harness().mount(AUTH);
  const slash = await app.request("/credentials/", bearer());
  assertEquals([slash.status, slash.headers.get("Location")], [308, "../credentials"]);
  const otherHost = await app.request("/credentials//evil.example/", bearer());
  assert(!/^(\/\/|[a-z]+:)/.test(otherHost.headers.get("Location") ?? ""), "relative");
  for (const segment of ["%0d%0ax", "..%5c", "%2F%2fevil.example", "db%3Abasic"]) {
    const encoded = await app.request(`/credentials/${segment}/`, bearer());
    assertEquals([encoded.status, encoded.headers.get("Location")], [308, `../${segment}`]);
  }
});

Deno.test("an internal error is 500 without the error's message, which may quote a secret", async () => {
  const { resolver, mount } = harness();
  const describe = () => {
    throw new Error("quotes-not-a-secret");
  };
  const app = mount(AUTH);
  Object.assign(resolver, { describe });
  const answer = await app.request("/credentials", bearer());
  assertEquals([answer.status, answer.headers.get("Cache-Control")], [500, "no-store"]);
  const text = await answer.text();
  assertStringIncludes(text, "Internal Server Error");
  assert(!text.includes("quotes"));
});
