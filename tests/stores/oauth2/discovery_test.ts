import { assert, assertEquals, assertLess, assertMatch, assertStringIncludes } from "@std/assert";
import { createResolver, defineChain, fromEnv, memory, required } from "../../../mod.ts";
import { oauth2 } from "../../../src/stores/oauth2/oauth2.ts";
import { OwnTime } from "../../support/fixtures/own_time.ts";
import { rejection } from "../../support/fixtures/rejection.ts";
import { startOidcProvider } from "../../support/servers/oidc_provider.ts";

/** Where an issuer with a path may have its metadata, in the order in which it is asked. */
const PLACES = [
  "/tenant/.well-known/openid-configuration",
  "/.well-known/oauth-authorization-server/tenant",
  "/tenant/.well-known/oauth-authorization-server",
  "/.well-known/openid-configuration/tenant",
] as const;

type Answer = (origin: string) => Response | Promise<Response>;

const html = (status: number): Answer => () =>
  new Response("<html>hunter2</html>", { status, headers: { "content-type": "text/html" } });
const metadata = (change: object = {}): Answer => (origin) =>
  Response.json({ issuer: `${origin}/tenant`, token_endpoint: `${origin}/token`, ...change });

/** Starts an issuer and its token endpoint; what is not given is not found. */
function startIssuer(answers: Readonly<Record<string, Answer>>) {
  const asked: string[] = [];
  let assertion = "";
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const { pathname, origin } = new URL(request.url);
    asked.push(pathname);
    if (pathname !== "/token") return await (answers[pathname] ?? html(404))(origin);
    assertion = new URLSearchParams(await request.text()).get("client_assertion") ?? "";
    return Response.json({ access_token: "fake-token", token_type: "Bearer", expires_in: 3_600 });
  });
  return {
    asked,
    origin: `http://127.0.0.1:${server.addr.port}`,
    audience: () =>
      JSON.parse(
        new TextDecoder().decode(Uint8Array.fromBase64(assertion.split(".")[1]!, { alphabet: "base64url" })),
      ).aud,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function resolverOf(issuer: string, options: object = {}, client: Readonly<Record<string, string>> = {}) {
  const chain = defineChain({
    stores: {
      m2m: oauth2({ priority: 2, client: "m2m:client", issuer: fromEnv("ISSUER"), ...options }),
      memory: memory({ priority: 1, values: { client_id: "id", client_secret: "fake-secret", ...client } }),
    },
    credentials: {
      "m2m:client": {
        fields: { client_id: required(), client_secret: required(), private_key: required() },
        from: { memory: { prefix: "" } },
      },
      "polaris:rest": { fields: { token: required() }, from: { m2m: { fields: { token: "access_token" } } } },
    },
  });
  return createResolver(chain, { env: { ISSUER: issuer } });
}

const KEY = { private_key: "fake-key" };

const NOT_METADATA: Readonly<Record<string, Answer>> = {
  "404": html(404),
  "410": html(410),
  "401": html(401),
  "403": html(403),
  "405": html(405),
  "400": html(400),
  "500": html(500),
  "503": html(503),
  "429": html(429),
  "HTML with 200": html(200),
  "a redirect": () => new Response(null, { status: 302, headers: { location: "https://hunter2.invalid/" } }),
  "no content": () => new Response(null, { status: 204 }),
  "an empty body": () => new Response(""),
  "a list": () => Response.json([]),
  "JSON that is not metadata": () => Response.json({ status: "UP" }),
  "another issuer's metadata": metadata({ issuer: "https://hunter2.invalid" }),
  "metadata without a token endpoint": metadata({ token_endpoint: undefined }),
  "metadata with a token endpoint of plain http elsewhere": metadata({ token_endpoint: "http://hunter2.invalid/" }),
};

Deno.test("discovery goes on after any answer that is not the issuer's metadata, to the last place where it may be", async (t) => {
  for (const [name, answer] of Object.entries(NOT_METADATA)) {
    for (const [at, place] of PLACES.entries()) {
      if (at === 0) continue;
      await t.step(`${name}, found at ${place}`, async () => {
        const before = PLACES.slice(0, at);
        await using issuer = startIssuer({
          ...Object.fromEntries(before.map((each) => [each, answer])),
          [place]: metadata(),
        });
        const resolver = resolverOf(`${issuer.origin}/tenant`, {}, KEY);
        assertEquals((await resolver.resolve("polaris:rest")).get("token"), "fake-token");
        assertEquals(issuer.asked, [...before, place, "/token"]);
      });
    }
  }
});

Deno.test("an issuer without a path is asked at two places, each once", async () => {
  await using issuer = startIssuer({});
  await rejection(resolverOf(issuer.origin, {}, KEY).resolve("polaris:rest"));
  assertEquals(issuer.asked, ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"]);
});

const may = "issuer ($ISSUER) may be wrong";
const [first, second, third, fourth] = PLACES;

/** What is reported where no place has the metadata. */
const REASONS: Readonly<Record<string, readonly [Readonly<Record<string, Answer>>, string, string]>> = {
  "nothing anywhere": [{}, "invalid", `the issuer has no metadata (OpenID Connect or RFC 8414): ${may}`],
  "HTML at one place": [
    { [second]: html(200) },
    "invalid",
    `discovery at the issuer: the answer is not a JSON object: ${may}`,
  ],
  "405 at one place": [
    { [third]: html(405) },
    "invalid",
    `discovery at the issuer: the server answered HTTP 405: ${may}`,
  ],
  "a redirect at one place": [
    { [first]: NOT_METADATA["a redirect"]! },
    "invalid",
    `discovery at the issuer: the server answered with a redirect, which is not followed: use its final URL: ${may}`,
  ],
  "a refusal at one place": [
    { [first]: html(401) },
    "denied",
    `discovery at the issuer was refused (HTTP 401): ${may}`,
  ],
  "another issuer's metadata beside refusals": [
    { [first]: html(403), [second]: html(401), [third]: metadata({ issuer: "https://hunter2.invalid" }) },
    "invalid",
    "the issuer's metadata names another issuer: expected issuer ($ISSUER) as the server writes it",
  ],
  "metadata of no issuer": [
    { [fourth]: metadata({ issuer: undefined }) },
    "invalid",
    `the issuer's metadata is not valid: ${may}`,
  ],
  "an outage at one place": [
    { [first]: metadata({ issuer: "https://hunter2.invalid" }), [second]: html(503), [third]: html(401) },
    "unavailable",
    "discovery at the issuer: the server answered HTTP 503",
  ],
};

Deno.test("where no place has the metadata, the most useful reason is told, and nothing of an answer", async (t) => {
  for (const [name, [answers, code, detail]] of Object.entries(REASONS)) {
    await t.step(name, async () => {
      await using issuer = startIssuer(answers);
      const error = await rejection(resolverOf(`${issuer.origin}/tenant`, {}, KEY).resolve("polaris:rest"));
      assertEquals([error.code, error.message], [
        code,
        `Cannot resolve "polaris:rest": "m2m" is ${code}: ${detail}`,
      ]);
      assertEquals(issuer.asked, [...PLACES]);
    });
  }
});

Deno.test("a place that never answers does not keep the metadata of the next from being found, within one timeout", async () => {
  const never = Promise.withResolvers<Response>();
  await using issuer = startIssuer({ [first]: () => never.promise, [second]: metadata() });
  const resolver = resolverOf(`${issuer.origin}/tenant`, { timeout: 15_000 }, KEY);
  assertEquals((await resolver.resolve("polaris:rest")).get("token"), "fake-token");
  never.resolve(new Response());
});

Deno.test("a place that takes longer than the others are waited for still counts", async () => {
  const others = Promise.withResolvers<void>();
  await using issuer = startIssuer({
    [first]: (origin) => others.promise.then(() => metadata()(origin)),
    [fourth]: (origin) => {
      others.resolve();
      return html(404)(origin);
    },
  });
  const resolver = resolverOf(`${issuer.origin}/tenant`, {}, KEY);
  assertEquals((await resolver.resolve("polaris:rest")).get("token"), "fake-token");
  assertEquals(issuer.asked, [...PLACES, "/token"]);
});

Deno.test("an issuer that never answers is an outage, after one timeout for all places", async () => {
  const never = Promise.withResolvers<Response>();
  await using issuer = startIssuer(Object.fromEntries(PLACES.map((place) => [place, () => never.promise])));
  using time = new OwnTime();
  const error = await rejection(
    resolverOf(`${issuer.origin}/tenant`, { timeout: 1_500 }, KEY).resolve("polaris:rest"),
  );
  assertEquals(error.code, "unavailable");
  assertLess(time.ms, 4_000);
  never.resolve(new Response());
});

Deno.test("an issuer that differs from its metadata's by a slash at the end is accepted, and an assertion is for the metadata's", async (t) => {
  const { privateKey } = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, [
    "sign",
    "verify",
  ]);
  const key = { private_key: JSON.stringify(await crypto.subtle.exportKey("jwk", privateKey)) };
  const cases: [given: string, named: string][] = [["", "/"], ["/", ""], ["/tenant", "/tenant/"], [
    "/tenant/",
    "/tenant",
  ]];
  for (const [given, named] of cases) {
    await t.step(`"${given}" for "${named}"`, async () => {
      const path = given.replace(/\/$/, "");
      await using issuer = startIssuer({
        [`${path}/.well-known/openid-configuration`]: (origin) => metadata({ issuer: origin + named })(origin),
      });
      const resolver = resolverOf(issuer.origin + given, { authentication: "private_key_jwt" }, key);
      assertEquals((await resolver.resolve("polaris:rest")).get("token"), "fake-token");
      assertEquals(issuer.audience(), issuer.origin + named);
    });
  }
  for (const named of ["/tenant2", "/TENANT", "/tenant//", "/tenant?a", "/tenant/x/..%2f"]) {
    await t.step(`"/tenant" is not "${named}"`, async () => {
      await using issuer = startIssuer({ [first]: (origin) => metadata({ issuer: origin + named })(origin) });
      const { code, message } = await rejection(resolverOf(`${issuer.origin}/tenant`, {}, KEY).resolve("polaris:rest"));
      assertEquals(code, "invalid");
      assertStringIncludes(message, "names another issuer");
      assert(!issuer.asked.includes("/token"));
    });
  }
});

Deno.test("a real OAuth server's issuer is accepted with a slash at its end", async () => {
  await using oidc = await startOidcProvider();
  const { clientId, jwk } = oidc.clients.privateKey;
  const client = { client_id: clientId, private_key: JSON.stringify(jwk) };
  const resolver = resolverOf(`${oidc.issuer}/`, { authentication: "private_key_jwt" }, client);
  assertEquals((await resolver.resolve("polaris:rest")).source, "m2m");
});

Deno.test("the URL of an issuer's metadata is not taken for the issuer, and the message says what is expected", async () => {
  const resolver = resolverOf("https://sso.invalid/tenant/.well-known/openid-configuration", {}, KEY);
  const { code, message } = await rejection(resolver.resolve("polaris:rest"));
  assertEquals(code, "invalid");
  assertMatch(
    message,
    /issuer \(\$ISSUER\) is the URL of its metadata: expected the issuer's own, without \/\.well-known/,
  );
});
