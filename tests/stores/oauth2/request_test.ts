import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { createResolver, defineChain, fromEnv, required } from "../../../mod.ts";
import { validateChain } from "../../../src/report/mod.ts";
import type { OAuth2Options, OAuth2Request } from "../../../src/stores/oauth2/oauth2.ts";
import { rejection } from "../../support/fixtures/rejection.ts";
import { m2mChain } from "../../support/tokens/m2m_chain.ts";

function chainOf(options: OAuth2Options, request: OAuth2Request = {}) {
  return m2mChain("id", "fake-secret", options, request);
}

/** Starts a token endpoint that records the last request. */
function startEndpoint() {
  const seen: { parameters: readonly (readonly [string, string])[]; headers: Headers } = {
    parameters: [],
    headers: new Headers(),
  };
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    seen.headers = request.headers;
    seen.parameters = [...new URLSearchParams(await request.text())].filter(([name]) => name !== "grant_type");
    return Response.json({ access_token: "fake-token", token_type: "Bearer", expires_in: 3_600 });
  });
  return {
    seen,
    tokenEndpoint: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

Deno.test("oauth2() sends further parameters, such as Auth0's organization, those of a mapping before those of the store", async () => {
  await using endpoint = startEndpoint();
  const { tokenEndpoint, seen } = endpoint;
  const parameters = { organization: "org_store", tenant: "a&b=c" };
  const sent = async (request: OAuth2Request) => {
    await createResolver(chainOf({ tokenEndpoint, parameters }, request)).resolve("polaris:rest");
    return Object.fromEntries(seen.parameters);
  };
  assertEquals(await sent({}), parameters);
  assertEquals(await sent({ parameters: { organization: "org_own" } }), { ...parameters, organization: "org_own" });
  assertEquals(await sent({ parameters: { tenant: "" } }), { organization: "org_store" });
  assertEquals(await sent({ scope: "", audience: "", resource: "" }), parameters, "an empty text is not sent");
});

Deno.test("oauth2() sends further headers, such as Polaris-Realm, those of a mapping before those of the store in any case", async () => {
  await using endpoint = startEndpoint();
  const { tokenEndpoint, seen } = endpoint;
  const sent = async (request: OAuth2Request) => {
    const headers = { "Polaris-Realm": "store", "X-Tenant": "a" };
    await createResolver(chainOf({ tokenEndpoint, headers }, request)).resolve("polaris:rest");
    assert(seen.headers.get("authorization")?.startsWith("Basic "));
    return [seen.headers.get("polaris-realm"), seen.headers.get("x-tenant")];
  };
  assertEquals(await sent({}), ["store", "a"]);
  assertEquals(await sent({ headers: { "polaris-realm": "own" } }), ["own", "a"]);
  assertEquals(await sent({ headers: { "POLARIS-REALM": "" } }), [null, "a"]);
});

Deno.test("a member of undefined is as if it were not there, and never sent as text", async () => {
  await using endpoint = startEndpoint();
  const { tokenEndpoint, seen } = endpoint;
  const sent = async (options: object, request: object) => {
    await createResolver(chainOf({ tokenEndpoint, ...options }, request)).resolve("polaris:rest");
    return [Object.fromEntries(seen.parameters), seen.headers.get("polaris-realm")];
  };
  const nothing = { parameters: { organization: undefined }, headers: { "Polaris-Realm": undefined } };
  const all = { scope: "a", parameters: { organization: "b" }, headers: { "Polaris-Realm": "c" } };
  const expected = [{ scope: "a", organization: "b" }, "c"];
  assertEquals(await sent(nothing, {}), [{}, null]);
  assertEquals(await sent({}, nothing), [{}, null]);
  assertEquals(await sent(all, { scope: undefined, ...nothing }), expected);
  assertEquals(await sent(all, { parameters: undefined, headers: undefined, resource: undefined }), expected);
});

Deno.test("an empty issuer beside a token endpoint is as if it were not there", async () => {
  await using endpoint = startEndpoint();
  const resolver = createResolver(chainOf({ tokenEndpoint: endpoint.tokenEndpoint, issuer: "" }));
  assertEquals((await resolver.resolve("polaris:rest")).get("token"), "fake-token");
});

Deno.test("two credentials that differ in a parameter or a header alone have tokens of their own", async () => {
  let requests = 0;
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => {
    return Response.json({ access_token: `fake-${++requests}`, token_type: "Bearer" });
  });
  const from = (request: OAuth2Request) => ({
    fields: { token: required() },
    from: { m2m: { ...request, fields: { token: "access_token" } } },
  });
  const { stores, credentials } = chainOf({ tokenEndpoint: `http://127.0.0.1:${server.addr.port}` });
  const resolver = createResolver(defineChain({
    stores,
    credentials: {
      ...credentials,
      "a:one": from({ headers: { "Polaris-Realm": "one" }, parameters: { a: "1", b: "2" } }),
      "a:two": from({ headers: { "Polaris-Realm": "two" }, parameters: { a: "1", b: "2" } }),
      "a:same": from({ parameters: { b: "2", a: "1" }, headers: { "Polaris-Realm": "one" } }),
    },
  }));
  const [one, two, same] = await Promise.all(
    (["a:one", "a:two", "a:same"] as const).map(async (key) => (await resolver.resolve(key)).get("token")),
  );
  assertEquals([one === same, one === two, requests], [true, false, 2]);
});

Deno.test("oauth2() sends a resource as its server knows it: as resource, as audience, or not at all", async () => {
  await using endpoint = startEndpoint();
  const { tokenEndpoint, seen } = endpoint;
  const sent = async (options: OAuth2Options, request: OAuth2Request) => {
    await createResolver(chainOf({ tokenEndpoint, ...options }, request)).resolve("polaris:rest");
    return seen.parameters;
  };
  const resource = "urn:alphaswarm:polaris";
  assertEquals(await sent({}, { resource }), [["resource", resource]]);
  assertEquals(await sent({ resourceParameter: "resource" }, { resource }), [["resource", resource]]);
  assertEquals(await sent({ resourceParameter: "audience" }, { resource }), [["audience", resource]]);
  assertEquals(await sent({ resourceParameter: "audience" }, { resource: [resource] }), [["audience", resource]]);
  assertEquals(await sent({ resourceParameter: "audience" }, { audience: resource }), [["audience", resource]]);
  assertEquals(await sent({ resourceParameter: "none" }, { resource, scope: "a" }), [["scope", "a"]]);
  assertEquals(await sent({ resourceParameter: "none" }, { resource, audience: "b" }), [["audience", "b"]]);
  assertEquals(await sent({ resourceParameter: "none" }, { resource: ["urn:a", "urn:b"] }), []);
});

Deno.test("oauth2() sends no request in which an audience would be lost", async () => {
  const both =
    "both audience and resource are set, and resourceParameter sends resource as audience: expected one of them";
  const cases: [OAuth2Options, OAuth2Request, string][] = [
    [{ resourceParameter: "audience" }, { resource: "urn:a", audience: "b" }, both],
    [{ resourceParameter: "audience", audience: "b" }, { resource: "urn:a" }, both],
    [{ resourceParameter: "audience", resource: "urn:a" }, { audience: "b" }, both],
    [
      { resourceParameter: "audience" },
      { resource: ["urn:a", "urn:b"] },
      "several resources cannot be sent as audience: expected one",
    ],
    [
      { resourceParameter: "scope" as never },
      {},
      "resourceParameter is not a known word: expected resource, audience, none",
    ],
  ];
  for (const [options, request, expected] of cases) {
    const resolver = createResolver(chainOf({ tokenEndpoint: "http://127.0.0.1:1", ...options }, request));
    const { code, message } = await rejection(resolver.resolve("polaris:rest"));
    assertEquals([code, message], ["invalid", `Cannot resolve "polaris:rest": "m2m" is invalid: ${expected}`]);
  }
});

const CLIENT = "comes from the client's credential: set authentication, and supply the credential's fields";
const NEED = (name: string) => `comes from a credential of the chain: name that in ${name}`;
const OWN = (name: string) => `has an option of its own: use ${name}`;
const REQUEST = "belongs to the request itself, and cannot be set";
const VALUE = "has a character in its value that HTTP forbids";
const NAME = "is not the name of an HTTP header";
const SECRET = "hunter2";

/** The members that are refused, in a chain's text and in what a variable gives. */
const REFUSED: readonly (readonly [option: "parameters" | "headers", name: string, value: unknown, problem: string])[] =
  [
    ["parameters", "grant_type", "password", OWN("grant")],
    ["parameters", "client_id", SECRET, CLIENT],
    ["parameters", "client_secret", SECRET, CLIENT],
    ["parameters", "Client_Secret", SECRET, CLIENT],
    ["parameters", "client_assertion", SECRET, CLIENT],
    ["parameters", "client_assertion_type", SECRET, CLIENT],
    ["parameters", "scope", SECRET, OWN("scope")],
    ["parameters", "resource", SECRET, OWN("resource")],
    ["parameters", "audience", SECRET, OWN("audience")],
    ["parameters", "subject_token", SECRET, NEED("subjectToken")],
    ["parameters", "Actor_Token", SECRET, NEED("actorToken")],
    ["parameters", "assertion", SECRET, NEED("assertion")],
    ["parameters", "subject_token_type", "urn:a", OWN("subjectTokenType")],
    ["parameters", "actor_token_type", "urn:a", OWN("actorTokenType")],
    ["parameters", "requested_token_type", "urn:a", OWN("requestedTokenType")],
    ["parameters", " audience", SECRET, OWN("audience")],
    ["parameters", "organization", 7, "is not text"],
    ["parameters", "organization", [SECRET], "is not text"],
    ["parameters", "organization", null, "is not text"],
    ["headers", "Authorization", SECRET, CLIENT],
    ["headers", "AUTHORIZATION", SECRET, CLIENT],
    ["headers", "Proxy-Authorization", SECRET, "belongs to the proxy, which is configured for the runtime"],
    ["headers", "Content-Type", SECRET, REQUEST],
    ["headers", "Content-Length", "7", REQUEST],
    ["headers", "content-encoding", "gzip", REQUEST],
    ["headers", "Host", SECRET, REQUEST],
    ["headers", "Accept", SECRET, REQUEST],
    ["headers", "Accept-Encoding", "br", REQUEST],
    ["headers", "Cookie", SECRET, REQUEST],
    ["headers", "Transfer-Encoding", "chunked", REQUEST],
    ["headers", "Connection", "close", REQUEST],
    ["headers", "Polaris-Realm", `a\r\nX: ${SECRET}`, VALUE],
    ["headers", "Polaris-Realm", `${SECRET}\n`, VALUE],
    ["headers", "Polaris-Realm", `${SECRET}\0`, VALUE],
    ["headers", "Polaris-Realm", `${SECRET}€`, VALUE],
    ["headers", "Polaris Realm", SECRET, NAME],
    ["headers", "Polaris-Realm:", SECRET, NAME],
    ["headers", "Polaris-Realm\r\nX", SECRET, NAME],
    ["headers", "", SECRET, NAME],
    ["headers", "X", { a: SECRET }, "is not text"],
  ];

Deno.test("a chain does not compile with a parameter or a header that something else sets, or that HTTP forbids", async (t) => {
  for (const [option, name, value, problem] of REFUSED) {
    await t.step(`${option}, ${JSON.stringify(name)}: ${problem}`, () => {
      const given = { [option]: { [name]: value } } as OAuth2Request;
      const tokenEndpoint = "https://sso.invalid";
      for (const at of ["stores.m2m", 'credentials["polaris:rest"].from.m2m']) {
        const chain = at === "stores.m2m" ? chainOf({ tokenEndpoint, ...given }) : chainOf({ tokenEndpoint }, given);
        for (const check of [() => createResolver(chain), () => validateChain(chain)]) {
          const { message } = assertThrows(check, Error);
          assertStringIncludes(message, `${at}.${option}: ${JSON.stringify(name)} ${problem}`);
          assert(!message.includes(SECRET), message);
        }
      }
    });
  }
});

Deno.test("a chain does not compile with parameters, headers or token types that are not what their type says", () => {
  const cases: [object, string][] = [
    [{ parameters: ["organization"] }, "stores.m2m.parameters: Expected an object of texts"],
    [{ parameters: null }, "stores.m2m.parameters: Expected an object of texts"],
    [{ parameters: "a=b" }, "stores.m2m.parameters: Expected an object of texts"],
    [{ parameters: { " ": "a" } }, "stores.m2m.parameters: A parameter has no name: expected a name for each"],
    [{ headers: new Headers({ "x-a": "b" }) }, "stores.m2m.headers: Expected an object of texts"],
    [{ headers: new Map([["x-a", "b"]]) }, "stores.m2m.headers: Expected an object of texts"],
    [{ tokenTypes: "N_A" }, "stores.m2m.tokenTypes: Expected a list of texts"],
    [{ tokenTypes: [7] }, "stores.m2m.tokenTypes: Expected a list of texts"],
  ];
  for (const [options, expected] of cases) {
    const chain = chainOf({ tokenEndpoint: "https://sso.invalid", ...options });
    assertStringIncludes(assertThrows(() => createResolver(chain), Error).message, expected);
    assertStringIncludes(
      assertThrows(() => validateChain(chain), Error).message,
      expected.slice(0, expected.indexOf(":")),
    );
  }
});

Deno.test("the options of a token request are known by name, and a misspelt one is corrected", () => {
  const misspelt = { tokenEndpoint: "https://sso.invalid", header: { "Polaris-Realm": "a" }, tokenType: ["a"] };
  const { message } = assertThrows(() => createResolver(chainOf(misspelt)), Error);
  assertStringIncludes(message, 'stores.m2m.header: Unknown option "header": did you mean "headers"?');
  assertStringIncludes(message, 'stores.m2m.tokenType: Unknown option "tokenType": did you mean "tokenTypes"?');
});

Deno.test("how a resource is sent may be a variable's word, and a wrong one is named without its value", async () => {
  await using endpoint = startEndpoint();
  const { tokenEndpoint, seen } = endpoint;
  const chain = chainOf({ tokenEndpoint, resourceParameter: fromEnv("HOW", "resource") as never }, {
    resource: "urn:a",
  });
  await createResolver(chain, { env: { HOW: "audience" } }).resolve("polaris:rest");
  assertEquals(seen.parameters, [["audience", "urn:a"]]);
  const { message } = await rejection(createResolver(chain, { env: { HOW: SECRET } }).resolve("polaris:rest"));
  assertStringIncludes(message, "resourceParameter is not a known word: expected resource, audience, none");
  assert(!message.includes(SECRET));
});
