import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { createResolver, defineChain, fromEnv, memory, optional, type Options, required } from "../../../mod.ts";
import { oauth2, type OAuth2Options } from "../../../src/stores/oauth2/oauth2.ts";
import { rejection } from "../../support/fixtures/rejection.ts";

const TOKEN = "fake-token";
const GOOD = { access_token: TOKEN, token_type: "Bearer", expires_in: 3_600 };
const JSON_TYPE = { "content-type": "application/json" };

interface Answer {
  readonly body: string | Uint8Array<ArrayBuffer>;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Starts a token endpoint with one answer. */
function startEndpoint({ body, status = 200, headers = JSON_TYPE }: Answer) {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response(status === 204 ? null : body, { status, headers }),
  );
  return { url: `http://127.0.0.1:${server.addr.port}/token`, [Symbol.asyncDispose]: () => server.shutdown() };
}

/** Resolves a token, whose client is in memory. */
function resolve(options: Options<OAuth2Options>, env = {}) {
  const chain = defineChain({
    stores: {
      m2m: oauth2({ priority: 2, client: "m2m:client", ...options }),
      memory: memory({ priority: 1, values: { client_id: "id", client_secret: "fake-secret" } }),
    },
    credentials: {
      "m2m:client": {
        fields: { client_id: required(), client_secret: required() },
        from: { memory: { prefix: "" } },
      },
      "polaris:rest": {
        fields: { token: required(), scope: optional(), type: optional() },
        from: { m2m: { fields: { token: "access_token", scope: "scope", type: "token_type" } } },
      },
    },
  });
  return createResolver(chain, { env }).resolve("polaris:rest");
}

const json = (members: object): Answer => ({ body: JSON.stringify({ ...GOOD, ...members }) });

/** Good tokens in answers that no specification has; a number is the lifetime in seconds. */
const GOOD_ANSWERS: Readonly<Record<string, readonly [Answer, number]>> = {
  "an error of no text": [json({ error: "" }), 3_600],
  "an error of blank text": [json({ error: " " }), 3_600],
  "an error of null": [json({ error: null }), 3_600],
  "an error of false": [json({ error: false }), 3_600],
  "an error of 0": [json({ error: 0 }), 3_600],
  "an empty object as the error": [json({ error: {} }), 3_600],
  "an empty list as the error": [json({ error: [] }), 3_600],
  "an error_description of no text": [json({ error_description: "" }), 3_600],
  "a scope as a list": [json({ scope: ["read", "write"] }), 3_600],
  "a scope of null": [json({ scope: null }), 3_600],
  "a refresh token of no text": [json({ refresh_token: "" }), 3_600],
  "a refresh token of null": [json({ refresh_token: null }), 3_600],
  "an ID token that is not one": [json({ id_token: "" }), 3_600],
  "no token_type": [json({ token_type: undefined }), 3_600],
  "a token_type of null": [json({ token_type: null }), 3_600],
  "a token_type of no text": [json({ token_type: "" }), 3_600],
  "a blank token_type": [json({ token_type: " " }), 3_600],
  "a token_type in capitals": [json({ token_type: "BEARER" }), 3_600],
  "a token_type in white space": [json({ token_type: "bearer " }), 3_600],
  "a lifetime as text": [json({ expires_in: "3600" }), 3_600],
  "a lifetime as text in white space": [json({ expires_in: " 3600 " }), 3_600],
  "a lifetime as text with a fraction": [json({ expires_in: "3600.0" }), 3_600],
  "a lifetime with a fraction": [json({ expires_in: 3_599.5 }), 3_599.5],
  "a lifetime of no text": [json({ expires_in: "" }), 300],
  "a lifetime of null": [json({ expires_in: null }), 300],
  "a byte order mark": [{ body: `\uFEFF${JSON.stringify(GOOD)}` }, 3_600],
  "white space around it": [{ body: `\r\n ${JSON.stringify(GOOD)} \n` }, 3_600],
  "a charset in its type": [{ ...json({}), headers: { "content-type": "application/json;charset=UTF-8" } }, 3_600],
  "another type of JSON": [{ ...json({}), headers: { "content-type": "application/hal+json" } }, 3_600],
  "the type of plain text": [{ ...json({}), headers: { "content-type": "text/plain" } }, 3_600],
  "the type of HTML": [{ ...json({}), headers: { "content-type": "text/html" } }, 3_600],
  "no type": [{ body: new TextEncoder().encode(JSON.stringify(GOOD)), headers: {} }, 3_600],
  "status 201": [{ ...json({}), status: 201 }, 3_600],
};

Deno.test("oauth2() takes a good token out of an odd answer", async (t) => {
  for (const [name, [answer, seconds]] of Object.entries(GOOD_ANSWERS)) {
    await t.step(name, async () => {
      await using endpoint = startEndpoint(answer);
      const began = Date.now();
      const credential = await resolve({ tokenEndpoint: endpoint.url });
      assertEquals([credential.get("token"), credential.degraded], [TOKEN, false]);
      assertEquals(credential.get("type"), "bearer");
      if (name === "a scope as a list") assertEquals(credential.get("scope"), "read write");
      const [least, most] = [began, Date.now()].map((at) => at + seconds * 1_000);
      assert(credential.expiresAt! >= least! && credential.expiresAt! <= most!, `${credential.expiresAt! - least!} ms`);
    });
  }
});

const NOT_BEARER = "the token_type of the answer is not Bearer: tokenTypes can allow another one";
const NOT_A_TOKEN = "the answer is not a token response (RFC 6749, section 5.1)";

/** Answers that give no token; their words are planted, so that a message that quotes them is seen. */
const BAD_ANSWERS: Readonly<Record<string, readonly [Answer, string]>> = {
  "another token_type": [json({ token_type: "hunter2" }), NOT_BEARER],
  "a token_type that is a number": [json({ token_type: 7 }), NOT_BEARER],
  "a token_type that is a list": [json({ token_type: ["Bearer"] }), NOT_BEARER],
  "a blank token": [json({ access_token: " " }), NOT_A_TOKEN],
  "a token of null": [json({ access_token: null }), NOT_A_TOKEN],
  "a token that is an object": [json({ access_token: { value: "hunter2" } }), NOT_A_TOKEN],
  "an error beside a token": [json({ error: "hunter2" }), "the server answered HTTP 200, with an error in it"],
  "an object as the error": [json({ error: { code: "hunter2" } }), "the server answered HTTP 200, with an error in it"],
  "true as the error": [json({ error: true }), "the server answered HTTP 200, with an error in it"],
  "an error at 201": [{ ...json({ error: "hunter2" }), status: 201 }, "the server answered HTTP 201"],
  "a token at 202": [{ ...json({}), status: 202 }, "the server answered HTTP 202"],
  "a lifetime of another unit": [json({ expires_in: "1h" }), "the expiry of the token is not a time in the future"],
};

Deno.test("oauth2() refuses an answer that is no token, and does not quote it", async (t) => {
  for (const [name, [answer, expected]] of Object.entries(BAD_ANSWERS)) {
    await t.step(name, async () => {
      await using endpoint = startEndpoint(answer);
      const { code, message } = await rejection(resolve({ tokenEndpoint: endpoint.url }));
      assertEquals([code, message], ["invalid", `Cannot resolve "polaris:rest": "m2m" is invalid: ${expected}`]);
    });
  }
});

Deno.test("a token type that a chain lists is accepted in any case, and no other", async () => {
  for (const [word, given] of [["N_A", "n_a"], ["dpop", "DPoP"], ["Token", " token "]] as const) {
    await using endpoint = startEndpoint(json({ token_type: given }));
    const credential = await resolve({ tokenEndpoint: endpoint.url, tokenTypes: [word] });
    assertEquals([credential.get("token"), credential.get("type")], [TOKEN, given]);
    const { message } = await rejection(resolve({ tokenEndpoint: endpoint.url, tokenTypes: ["other", ""] }));
    assertStringIncludes(message, NOT_BEARER);
  }
  await using endpoint = startEndpoint(json({}));
  assertEquals((await resolve({ tokenEndpoint: endpoint.url, tokenTypes: ["N_A"] })).get("token"), TOKEN);
  await using other = startEndpoint(json({ token_type: "N_A" }));
  const tokenTypes = ["other", fromEnv("TOKEN_TYPE", "")];
  const referring = { tokenEndpoint: other.url, tokenTypes };
  assertEquals((await resolve(referring, { TOKEN_TYPE: "N_A" })).get("token"), TOKEN);
  assertStringIncludes((await rejection(resolve(referring))).message, NOT_BEARER);
});

const HTML = { body: "<html>hunter2</html>", headers: { "content-type": "text/html" } };
const OF_SERVER = { body: '{"error":"hunter2","path":"/hunter2"}' };

/** What no token endpoint answers. */
const ELSEWHERE: Readonly<Record<string, readonly [Answer, RegExp]>> = {
  "404 in HTML": [{ ...HTML, status: 404 }, /the server answered HTTP 404/],
  "404 in JSON": [{ ...OF_SERVER, status: 404 }, /the server answered HTTP 404/],
  "405": [{ body: "", status: 405 }, /the server answered HTTP 405/],
  "405 in JSON": [{ ...OF_SERVER, status: 405 }, /the server answered HTTP 405/],
  "410": [{ ...HTML, status: 410 }, /the server answered HTTP 410/],
  "406 in JSON": [{ ...OF_SERVER, status: 406 }, /the server answered HTTP 406/],
  "415 in JSON": [{ ...OF_SERVER, status: 415 }, /the server answered HTTP 415/],
  "a page of 70 KiB": [{ body: "<html>hunter2".padEnd(70_000) }, /the answer is larger than 64 KiB/],
  "404 in a page of 70 KiB": [{ body: "".padEnd(70_000), status: 404 }, /the answer is larger than 64 KiB/],
  "421": [{ ...OF_SERVER, status: 421 }, /the server answered HTTP 421/],
  "400 in HTML, as for plain http to a port of https": [{ ...HTML, status: 400 }, /the server answered HTTP 400/],
  "a redirect": [
    { body: "", status: 302, headers: { location: "https://hunter2.invalid" } },
    /the server answered with a redirect, which is not followed: use its final URL/,
  ],
  "a redirect in JSON": [
    { ...OF_SERVER, status: 308, headers: { location: "https://hunter2.invalid" } },
    /the server answered with a redirect, which is not followed: use its final URL/,
  ],
  "200 in HTML": [HTML, /the answer is not a JSON object/],
  "201 in HTML": [{ ...HTML, status: 201 }, /the answer is not a JSON object/],
  "204": [{ body: "", status: 204 }, /the server answered HTTP 204/],
  "200 with a list": [{ body: "[]" }, /the answer is not a JSON object/],
  "200 with something else in JSON": [{ body: '{"status":"UP"}' }, /the answer is not a token response/],
};

Deno.test("what no token endpoint answers names the option that gave the URL, and its variable", async (t) => {
  for (const [name, [answer, expected]] of Object.entries(ELSEWHERE)) {
    await t.step(name, async () => {
      await using endpoint = startEndpoint(answer);
      const messages = [
        await rejection(resolve({ tokenEndpoint: fromEnv("TOKEN_URL") as never }, { TOKEN_URL: endpoint.url })),
        await rejection(resolve({ tokenEndpoint: endpoint.url })),
      ].map(({ code, message }) => {
        assertEquals(code, "invalid", message);
        assertMatch(message, expected);
        assert(!/hunter2|127\.0\.0\.1/.test(message), message);
        return message;
      });
      assertStringIncludes(messages[0]!, ": tokenEndpoint ($TOKEN_URL) may be wrong");
      assertStringIncludes(messages[1]!, ": tokenEndpoint may be wrong");
    });
  }
  await t.step("an endpoint in an issuer's metadata names the issuer", async () => {
    await using endpoint = startEndpoint({ ...HTML, status: 404 });
    await using issuer = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, ({ url }) => {
      return Response.json({ issuer: new URL(url).origin, token_endpoint: endpoint.url });
    });
    const env = { ISSUER: `http://127.0.0.1:${issuer.addr.port}` };
    const { message } = await rejection(resolve({ issuer: fromEnv("ISSUER") as never }, env));
    assertStringIncludes(message, "the server answered HTTP 404: issuer ($ISSUER) may be wrong");
  });
  await t.step("a page at 403 names it too, beside the client that was refused", async () => {
    await using endpoint = startEndpoint({ ...HTML, status: 403 });
    const { code, message } = await rejection(resolve({ tokenEndpoint: endpoint.url }));
    assertEquals(code, "denied");
    assertStringIncludes(message, "was refused (HTTP 403): tokenEndpoint may be wrong");
  });
  await t.step("what a token endpoint does answer blames no URL", async () => {
    for (const status of [400, 404, 405]) {
      await using endpoint = startEndpoint({ body: '{"error":"invalid_request"}', status });
      const { message } = await rejection(resolve({ tokenEndpoint: endpoint.url }));
      assert(message.endsWith(`the server answered HTTP ${status}, invalid_request`), message);
    }
  });
});

const denied = (said: string) => ["denied", `"m2m:client" from "memory" was refused (HTTP ${said})`] as const;
const invalid = (said: string) => ["invalid", `the server answered HTTP ${said}`] as const;
const unavailable = (said: string) => ["unavailable", `the server answered HTTP ${said}`] as const;

/** The answers that servers' documentation has, with what a user can do about each. */
const SERVERS: Readonly<Record<string, readonly [status: number, error: string, readonly [string, string]]>> = {
  "Auth0, a wrong secret": [401, "access_denied", denied("401, access_denied")],
  "Auth0, an API that is not granted": [403, "access_denied", denied("403, access_denied")],
  "Auth0, its limit": [429, "access_denied", unavailable("429, access_denied")],
  "Auth0, no grant for the API": [403, "unauthorized_client", denied("403, unauthorized_client")],
  "Entra, a wrong secret": [401, "invalid_client", denied("401, invalid_client")],
  "Entra, an unknown application": [400, "unauthorized_client", denied("400, unauthorized_client")],
  "Entra, conditional access": [400, "interaction_required", denied("400, interaction_required")],
  "Entra, an unknown resource": [400, "invalid_resource", invalid("400, invalid_resource")],
  "Entra, a scope without /.default": [400, "invalid_scope", invalid("400, invalid_scope")],
  "Entra, an unknown tenant": [400, "invalid_request", invalid("400, invalid_request")],
  "Entra, an outage": [400, "temporarily_unavailable", unavailable("400, temporarily_unavailable")],
  "Okta, a policy": [400, "access_denied", denied("400, access_denied")],
  "Okta, a server that wants DPoP": [400, "invalid_dpop_proof", invalid("400, invalid_dpop_proof")],
  "Keycloak, a wrong secret": [401, "unauthorized_client", denied("401, unauthorized_client")],
  "UAA, a wrong secret": [401, "unauthorized", denied("401, unauthorized")],
  "Salesforce, an unknown client": [400, "invalid_client_id", denied("400, invalid_client_id")],
  "a wrong scope at 401": [401, "invalid_scope", invalid("401, invalid_scope")],
  "a wrong scope at 403": [403, "invalid_scope", invalid("403, invalid_scope")],
  "a wrong resource at 403": [403, "invalid_target", invalid("403, invalid_target")],
  "a wrong scope while the server is overloaded": [503, "invalid_scope", unavailable("503, invalid_scope")],
  "an unknown word": [403, "hunter2", denied("403")],
};

Deno.test("each server's way to refuse becomes the outcome that says who must act", async (t) => {
  for (const [name, [status, error, [code, detail]]] of Object.entries(SERVERS)) {
    await t.step(name, async () => {
      const body = JSON.stringify({ error, error_description: "hunter2", error_codes: [7_000_215] });
      await using endpoint = startEndpoint({ body, status });
      const refused = await rejection(resolve({ tokenEndpoint: endpoint.url }));
      assertEquals(refused.code, code, refused.message);
      assertEquals(refused.message, `Cannot resolve "polaris:rest": "m2m" is ${code}: ${detail}`);
    });
  }
});
