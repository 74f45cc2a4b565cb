import { assert, assertEquals, assertLess, assertMatch, assertNotEquals, assertStringIncludes } from "@std/assert";
import { createResolver, defineChain, memory, optional, required } from "../../../mod.ts";
import { oauth2, type OAuth2Options, type OAuth2Request } from "../../../src/stores/oauth2/oauth2.ts";
import { importPrivateKey } from "../../../src/stores/oauth2/private_key.ts";
import { rejection } from "../../support/fixtures/rejection.ts";
import { startFaultyEndpoint } from "../../support/servers/faulty_endpoint.ts";
import { startOidcProvider } from "../../support/servers/oidc_provider.ts";
import { m2mChain } from "../../support/tokens/m2m_chain.ts";

interface Client {
  readonly client_id: string;
  readonly client_secret?: string;
  readonly private_key?: string;
}

function resolverOf(
  client: Client,
  options: OAuth2Options,
  request: OAuth2Request = { resource: "urn:alphaswarm:polaris" },
) {
  const chain = defineChain({
    stores: {
      m2m: oauth2({ priority: 2, client: "m2m:client", ...options }),
      memory: memory({ priority: 1, values: { ...client } }),
    },
    credentials: {
      "m2m:client": {
        fields: { client_id: required(), client_secret: optional(), private_key: optional() },
        from: { memory: { prefix: "" } },
      },
      "polaris:rest": {
        fields: { token: required(), scope: optional() },
        from: { m2m: { ...request, fields: { token: "access_token", scope: "scope" } } },
      },
    },
  });
  return createResolver(chain);
}

Deno.test("oauth2() gets a token that the resources of a real OAuth server accept, with each authentication method", async (t) => {
  await using oidc = await startOidcProvider();
  const { basic, encoded, post, privateKey, privateKeyRsa } = oidc.clients;
  const { tokenEndpoint, issuer } = oidc;
  const cases: Record<string, [Client, OAuth2Options]> = {
    "client_secret_basic, form-encoded first": [
      { client_id: basic.clientId, client_secret: basic.clientSecret },
      { tokenEndpoint },
    ],
    "client_secret_basic with an id that form-encoding changes too": [
      { client_id: encoded.clientId, client_secret: encoded.clientSecret },
      { tokenEndpoint },
    ],
    client_secret_post: [
      { client_id: post.clientId, client_secret: post.clientSecret },
      { tokenEndpoint, authentication: "client_secret_post" },
    ],
    "private_key_jwt with a P-256 key as PEM, without an issuer": [
      { client_id: privateKey.clientId, private_key: privateKey.pem },
      { tokenEndpoint, authentication: "private_key_jwt" },
    ],
    "private_key_jwt with PEM in which a variable has \\n for line breaks": [
      { client_id: privateKey.clientId, private_key: privateKey.pem.replaceAll("\n", "\\n") },
      { tokenEndpoint, authentication: "private_key_jwt" },
    ],
    "private_key_jwt with a JWK, for a given issuer": [
      { client_id: privateKey.clientId, private_key: JSON.stringify(privateKey.jwk) },
      { tokenEndpoint, issuer, authentication: "private_key_jwt" },
    ],
    "private_key_jwt with an RSA key as PEM": [
      { client_id: privateKeyRsa.clientId, private_key: privateKeyRsa.pem },
      { tokenEndpoint, authentication: "private_key_jwt" },
    ],
    "private_key_jwt with an RSA key as a JWK, at the endpoint in the issuer's metadata": [
      { client_id: privateKeyRsa.clientId, private_key: JSON.stringify(privateKeyRsa.jwk) },
      { issuer, authentication: "private_key_jwt" },
    ],
    "the endpoint in the issuer's metadata": [
      { client_id: basic.clientId, client_secret: basic.clientSecret },
      { issuer },
    ],
  };
  for (const [name, [client, options]] of Object.entries(cases)) {
    await t.step(name, async () => {
      const token = (await resolverOf(client, options).resolve("polaris:rest")).get("token");
      const answer = await fetch(oidc.protectedUrl("urn:alphaswarm:polaris"), {
        headers: { authorization: `Bearer ${token}` },
      });
      assertEquals([answer.status, (await answer.json()).client_id], [200, client.client_id]);
    });
  }
  await t.step("the issuer's metadata is requested once for several tokens", async () => {
    const before = (await oidc.requests())["/.well-known/openid-configuration"] ?? 0;
    const { clientId, clientSecret } = basic;
    const resolver = resolverOf({ client_id: clientId, client_secret: clientSecret }, { issuer });
    for (let call = 0; call < 3; call++) {
      resolver.invalidate("polaris:rest");
      await resolver.resolve("polaris:rest");
    }
    assertEquals((await oidc.requests())["/.well-known/openid-configuration"], before + 1);
  });
});

Deno.test("oauth2() sends the scope, resources and audience of the mapping, or else those of the store", async (t) => {
  await using endpoint = await startFaultyEndpoint();
  const client = { client_id: "id", client_secret: "fake-secret" };
  const sent = async (options: OAuth2Options, request: OAuth2Request) => {
    await resolverOf(client, { tokenEndpoint: endpoint.url, ...options }, request).resolve("polaris:rest");
    return [...new URLSearchParams(endpoint.lastBody)].filter(([name]) => name !== "grant_type");
  };
  await t.step("several resources", async () => {
    assertEquals(await sent({}, { resource: ["urn:a", "urn:b"] }), [["resource", "urn:a"], ["resource", "urn:b"]]);
  });
  await t.step("the store's scope, resource and audience", async () => {
    const own = { scope: "read write", resource: "urn:a", audience: "https://api.invalid" };
    assertEquals(await sent(own, {}), [
      ["scope", "read write"],
      ["resource", "urn:a"],
      ["audience", "https://api.invalid"],
    ]);
    assertEquals((await sent(own, { scope: "PRINCIPAL_ROLE:ALL" }))[0], ["scope", "PRINCIPAL_ROLE:ALL"]);
  });
});

Deno.test("oauth2() finds the endpoint of an issuer that has only the metadata of RFC 8414", async () => {
  await using endpoint = await startFaultyEndpoint();
  const asked: string[] = [];
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const { pathname, origin } = new URL(request.url);
    asked.push(pathname);
    if (pathname !== "/.well-known/oauth-authorization-server/tenant") return new Response(null, { status: 404 });
    return Response.json({ issuer: `${origin}/tenant`, token_endpoint: endpoint.url });
  });
  const issuer = `http://127.0.0.1:${server.addr.port}/tenant`;
  const resolver = resolverOf({ client_id: "id", client_secret: "fake-secret" }, { issuer });
  assertMatch((await resolver.resolve("polaris:rest")).get("token"), /^fake-token-/);
  assertEquals(asked, [
    "/tenant/.well-known/openid-configuration",
    "/.well-known/oauth-authorization-server/tenant",
  ]);
});

Deno.test("oauth2() refuses the metadata of another issuer, and an endpoint in it that is missing or insecure", async (t) => {
  let metadata: object = {};
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => Response.json(metadata),
  );
  const issuer = `http://127.0.0.1:${server.addr.port}`;
  const cases: Record<string, [object, RegExp]> = {
    "another issuer's": [
      { issuer: "https://elsewhere.invalid", token_endpoint: `${issuer}/token` },
      /names another issuer/,
    ],
    "without an endpoint": [{ issuer }, /the issuer's token_endpoint is not a URL/],
    "an endpoint that is not text": [
      { issuer, token_endpoint: { toString: 1, valueOf: 1 } },
      /the issuer's token_endpoint is not a URL/,
    ],
    "plain http elsewhere": [
      { issuer, token_endpoint: "http://elsewhere.invalid/token" },
      /token_endpoint is plain http/,
    ],
  };
  for (const [name, [answer, expected]] of Object.entries(cases)) {
    await t.step(name, async () => {
      metadata = answer;
      const resolver = resolverOf({ client_id: "id", client_secret: "fake-secret" }, { issuer });
      const error = await rejection(resolver.resolve("polaris:rest"));
      assertEquals(error.code, "invalid");
      assertMatch(error.message, expected);
    });
  }
});

Deno.test("oauth2() says that it is the issuer which cannot be asked now, where the endpoint is found by discovery", async (t) => {
  await using endpoint = await startFaultyEndpoint();
  const issuer = new URL(endpoint.url).origin;
  const cases = {
    refused: "no connection to the server",
    status_503: "the server answered HTTP 503",
    cut_off: "the connection ended in the middle of the answer",
    cut_off_without_length: "the answer was cut off",
  } as const;
  for (const [fault, detail] of Object.entries(cases)) {
    await t.step(fault, async () => {
      endpoint.set(fault as keyof typeof cases);
      const resolver = resolverOf({ client_id: "id", client_secret: "fake-secret" }, { issuer });
      const { code, message } = await rejection(resolver.resolve("polaris:rest"));
      assertEquals(code, "unavailable", message);
      assertStringIncludes(message, `"m2m" is unavailable: discovery at the issuer: ${detail}`);
    });
  }
});

Deno.test("oauth2() says by which bound an answer is too large, the issuer's too", async () => {
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => {
    return Response.json({ access_token: "a".repeat(64 * 1024), token_type: "Bearer" });
  });
  const url = `http://127.0.0.1:${server.addr.port}`;
  const cases = [
    [{ tokenEndpoint: url }, "the answer is larger than 64 KiB: tokenEndpoint may be wrong"],
    [{ issuer: url }, "discovery at the issuer: the answer is larger than 64 KiB: issuer may be wrong"],
  ] as const;
  for (const [options, expected] of cases) {
    const resolver = resolverOf({ client_id: "id", client_secret: "fake-secret" }, options);
    const { message } = await rejection(resolver.resolve("polaris:rest"));
    assertEquals(message, `Cannot resolve "polaris:rest": "m2m" is invalid: ${expected}`);
  }
});

Deno.test("oauth2() reports invalid options before it sends a request", async (t) => {
  const client = { client_id: "id", client_secret: "fake-secret" };
  const cases: Record<string, [OAuth2Options, string]> = {
    "plain http to a host that is not loopback": [
      { tokenEndpoint: "http://sso.invalid/token?code=fake" },
      "tokenEndpoint is plain http: expected https, a loopback address, or allowInsecureHttp: true",
    ],
    "plain http to a host that starts like a loopback address": [
      { tokenEndpoint: "http://127.0.0.1.sso.invalid/token" },
      "tokenEndpoint is plain http",
    ],
    "an issuer that is not a URL": [{ issuer: "sso.invalid" }, "issuer is not a URL"],
    "user info": [
      { tokenEndpoint: "https://user:fake@sso.invalid/token" },
      "tokenEndpoint contains user info: expected a URL without it",
    ],
    "another scheme": [{ tokenEndpoint: "ftp://sso.invalid/token" }, "tokenEndpoint is not an https URL"],
    "an unknown authentication method": [
      { tokenEndpoint: "https://sso.invalid", authentication: "hunter2" as never },
      "authentication is not a known method: expected client_secret_basic, client_secret_post, private_key_jwt, " +
      "client_assertion, none",
    ],
  };
  for (const [name, [options, expected]] of Object.entries(cases)) {
    await t.step(name, async () => {
      const resolver = resolverOf(client, options);
      const [store] = resolver.describe().stores;
      assertEquals(store?.state, "invalid");
      assertStringIncludes(store?.reason ?? "", expected);
      const error = await rejection(resolver.resolve("polaris:rest"));
      assertEquals(error.code, "invalid");
      assert(!error.message.includes("fake") && !error.message.includes("sso.invalid"), error.message);
    });
  }
  await t.step("https, loopback and allowInsecureHttp are accepted", () => {
    for (const tokenEndpoint of ["https://a.invalid", "http://localhost:1", "http://127.1.2.3", "http://[::1]:8080"]) {
      assertEquals(resolverOf(client, { tokenEndpoint }).describe().stores[0]?.state, "on");
    }
    const resolver = resolverOf(client, { tokenEndpoint: "http://sso.invalid/token", allowInsecureHttp: true });
    assertEquals(resolver.describe().stores[0]?.state, "on");
  });
});

/** Its algorithm cannot even be compared with a name. */
const ODD_JWK = '{"kty":"RSA","alg":{"toString":1,"valueOf":1}}';

Deno.test("oauth2() reports which field of the client's credential is missing or not a key, without quoting it", async (t) => {
  const secret = `fake-${crypto.randomUUID()}`;
  const pem = (body: string) => `-----BEGIN PRIVATE KEY-----\n${body}\n-----END PRIVATE KEY-----`;
  const cases: [Client, OAuth2Options, RegExp][] = [
    [{ client_id: "id" }, {}, /"m2m:client" from "memory" has no client_secret: client_secret_basic needs it/],
    [{ client_id: "id", client_secret: secret }, { authentication: "private_key_jwt" }, /has no private_key/],
    ...[secret, pem(btoa(secret)), pem("=="), JSON.stringify({ kty: "oct", k: btoa(secret) }), '{"kty":', "{}", ODD_JWK]
      .map((
        private_key,
      ): [Client, OAuth2Options, RegExp] => [
        { client_id: "id", private_key },
        { authentication: "private_key_jwt" },
        /private_key of "m2m:client" from "memory" is not a private key: expected PKCS #8 PEM or a JWK/,
      ]),
  ];
  for (const [client, options, expected] of cases) {
    await t.step(`${expected.source} (${Object.keys(client)})`, async () => {
      const resolver = resolverOf(client, { tokenEndpoint: "http://127.0.0.1:1/token", ...options });
      const error = await rejection(resolver.resolve("polaris:rest"));
      assertEquals(error.code, "invalid");
      assertMatch(error.message, expected);
      assert(!JSON.stringify(error).includes(secret) && !error.stack?.includes(secret));
    });
  }
});

Deno.test("oauth2() says that a key which cannot sign is too short or damaged, and does not blame its own code", async () => {
  const { privateKey } = await crypto.subtle.generateKey(
    { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", modulusLength: 1_024, publicExponent: Uint8Array.of(1, 0, 1) },
    true,
    ["sign", "verify"],
  );
  const jwk = await crypto.subtle.exportKey("jwk", privateKey);
  const resolver = resolverOf(
    { client_id: "id", private_key: JSON.stringify(jwk) },
    { tokenEndpoint: "http://127.0.0.1:1/token", authentication: "private_key_jwt" },
  );
  const { code, message } = await rejection(resolver.resolve("polaris:rest"));
  assertEquals(code, "invalid");
  assertStringIncludes(message, '"m2m:client" from "memory" cannot sign: expected an intact key, of 2048 bits or more');
});

Deno.test("a file of a megabyte that is not a key does not block the process", async () => {
  let took = Infinity;
  // Hint: the best of a few tries, since a busy machine slows any single one.
  for (let tries = 0; tries < 3 && took >= 2_000; tries++) {
    const began = performance.now();
    const key = await importPrivateKey("-----BEGIN PRIVATE KEY-----".repeat(38_000));
    took = Math.min(took, performance.now() - began);
    assertEquals(key, undefined);
  }
  assertLess(took, 2_000);
});

Deno.test("oauth2() takes a good token whatever else is in the answer, nested too deep for some runtimes included", async () => {
  const deep = "[".repeat(25_000) + "]".repeat(25_000);
  const others = `"scope":["a"],"refresh_token":"","authorization_details":${deep},"__proto__":{"a":1}`;
  const body = `{"access_token":"fake-token","token_type":"Bearer","expires_in":3600,${others}}`;
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response(body, { headers: { "content-type": "application/json" } }),
  );
  const tokenEndpoint = `http://127.0.0.1:${server.addr.port}`;
  assertEquals(
    (await createResolver(m2mChain("id", "fake-secret", { tokenEndpoint })).resolve("polaris:rest")).get("token"),
    "fake-token",
  );
});

Deno.test("oauth2() reports the error codes that it knows, and quotes no other", async (t) => {
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const { scope = "" } = Object.fromEntries(new URLSearchParams(await request.text()));
    const [status, error] = scope.split(" ");
    return Response.json({ error, error_description: "fake description" }, { status: Number(status) });
  });
  const tokenEndpoint = `http://127.0.0.1:${server.addr.port}`;
  const cases: [answer: string, code: string, message: string][] = [
    ["400 invalid_scope", "invalid", "the server answered HTTP 400, invalid_scope"],
    ["400 invalid_target", "invalid", "the server answered HTTP 400, invalid_target"],
    ["400 unsupported_grant_type", "invalid", "the server answered HTTP 400, unsupported_grant_type"],
    ["400 invalid_request", "invalid", "the server answered HTTP 400, invalid_request"],
    ["400 fake_leaked_secret", "invalid", "the server answered HTTP 400"],
    ["400 invalid_client", "denied", '"m2m:client" from "memory" was refused (HTTP 400, invalid_client)'],
    ["400 unauthorized_client", "denied", '"m2m:client" from "memory" was refused (HTTP 400, unauthorized_client)'],
    ["400 invalid_grant", "denied", '"m2m:client" from "memory" was refused (HTTP 400, invalid_grant)'],
    ["503 invalid_client", "denied", '"m2m:client" from "memory" was refused (HTTP 503, invalid_client)'],
    ["200 invalid_client", "denied", '"m2m:client" from "memory" was refused (HTTP 200, invalid_client)'],
    ["200 fake_leaked_secret", "invalid", "the server answered HTTP 200, with an error in it"],
    ["401 fake_leaked_secret", "denied", '"m2m:client" from "memory" was refused (HTTP 401)'],
    ["403 fake_leaked_secret", "denied", '"m2m:client" from "memory" was refused (HTTP 403)'],
    ["201 fake_leaked_secret", "invalid", "the server answered HTTP 201"],
    ["500 fake_leaked_secret", "unavailable", "the server answered HTTP 500"],
    ["400 temporarily_unavailable", "unavailable", "the server answered HTTP 400, temporarily_unavailable"],
    ["401 temporarily_unavailable", "unavailable", "the server answered HTTP 401, temporarily_unavailable"],
    ["200 temporarily_unavailable", "unavailable", "the server answered HTTP 200, temporarily_unavailable"],
    ["403 server_error", "unavailable", "the server answered HTTP 403, server_error"],
    ["425 fake_leaked_secret", "unavailable", "the server answered HTTP 425"],
  ];
  for (const [scope, code, message] of cases) {
    await t.step(scope, async () => {
      const resolver = resolverOf({ client_id: "id", client_secret: "fake-secret" }, { tokenEndpoint }, { scope });
      const error = await rejection(resolver.resolve("polaris:rest"));
      assertEquals(error.code, code);
      assertEquals(error.message, `Cannot resolve "polaris:rest": "m2m" is ${code}: ${message}`);
    });
  }
});

Deno.test("oauth2() lists the hosts that it needs for permissions()", async () => {
  const { partsOf } = await import("../../../src/core/chain/store_kind.ts");
  const net = (options: OAuth2Options) =>
    partsOf(oauth2({ priority: 1, client: "m2m:client", ...options }))?.spec.permissions?.([], { ...options });
  assertEquals(net({ tokenEndpoint: "https://sso.invalid/token" }), { net: ["sso.invalid"] });
  assertEquals(net({ tokenEndpoint: "http://127.0.0.1:8080/token" }), { net: ["127.0.0.1:8080"] });
  assertNotEquals(net({ issuer: "https://sso.invalid" }), { net: [] });
});

Deno.test("oauth2() sends an id and a secret of letters, digits and *-._ as they are, for servers that do not decode them", async () => {
  await using endpoint = await startFaultyEndpoint();
  const sent = async (client_id: string, client_secret: string) => {
    await resolverOf({ client_id, client_secret }, { tokenEndpoint: endpoint.url }).resolve("polaris:rest");
    return atob(endpoint.lastAuthorization!.replace(/^Basic /, ""));
  };
  assertEquals(await sent("alphaswarm_runtime", "Fake-Secret_1.*"), "alphaswarm_runtime:Fake-Secret_1.*");
  assertEquals(await sent("id of: %", "fake+/~!'()"), "id+of%3A+%25:fake%2B%2F%7E%21%27%28%29");
  assertEquals(await sent("Zoë", "fake-\u0100-😀"), "Zo%C3%AB:fake-%C4%80-%F0%9F%98%80");
});

Deno.test("oauth2() says after a 401 that a server may not decode the client's id and secret, where that makes a difference", async () => {
  let answer = { status: 401, error: "invalid_client" };
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => Response.json({ error: answer.error }, { status: answer.status }),
  );
  const tokenEndpoint = `http://127.0.0.1:${server.addr.port}`;
  const refusal = async (client_id: string, client_secret: string, options: OAuth2Options = {}) =>
    (await rejection(resolverOf({ client_id, client_secret }, { tokenEndpoint, ...options }).resolve("polaris:rest")))
      .message;
  const refused =
    'Cannot resolve "polaris:rest": "m2m" is denied: "m2m:client" from "memory" was refused (HTTP 401, invalid_client)';
  const hint = ': some servers need authentication: "client_secret_post"';
  assertEquals(await refusal("alphaswarm_runtime", "fake-secret"), refused);
  assertEquals(await refusal("alphaswarm_runtime", "fake/secret"), refused + hint);
  assertEquals(await refusal("alphaswarm runtime", "fake-secret"), refused + hint);
  assertEquals(await refusal("id", "fake/secret", { authentication: "client_secret_post" }), refused);
  answer = { status: 400, error: "invalid_client" };
  assertEquals(await refusal("id", "fake/secret"), refused.replace("401", "400"));
  answer = { status: 401, error: "fake_leaked_secret" };
  assertEquals(await refusal("id", "fake/secret"), refused.replace(", invalid_client", "") + hint);
});
