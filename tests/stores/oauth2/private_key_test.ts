import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { exportJWK, exportPKCS8, generateKeyPair } from "npm:jose@^6";
import { generate } from "npm:selfsigned@^5";
import { createResolver, defineChain, memory, optional, required } from "../../../mod.ts";
import { oauth2, type OAuth2Options } from "../../../src/stores/oauth2/oauth2.ts";
import { rejection } from "../../support/fixtures/rejection.ts";
import { startOidcProvider } from "../../support/servers/oidc_provider.ts";
import { shiftedClock } from "../../support/tokens/shifted_clock.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

interface Client {
  readonly client_id?: string;
  readonly private_key: unknown;
  readonly key_id?: unknown;
  readonly certificate?: unknown;
}

/** Creates a resolver of a token, whose client signs assertions. */
function resolverOf(client: Client, options: OAuth2Options, clock = shiftedClock()) {
  const values = Object.fromEntries(
    Object.entries({ client_id: "id", ...client }).map(([name, value]) => [
      name,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
  const chain = defineChain({
    stores: {
      m2m: oauth2({ priority: 2, client: "m2m:client", authentication: "private_key_jwt", ...options }),
      memory: memory({ priority: 1, values }),
    },
    credentials: {
      "m2m:client": {
        fields: { client_id: required(), private_key: required(), key_id: optional(), certificate: optional() },
        from: { memory: { prefix: "" } },
      },
      "polaris:rest": {
        fields: { token: required() },
        from: { m2m: { resource: "urn:alphaswarm:polaris", fields: { token: "access_token" } } },
      },
    },
  });
  return createResolver(chain, { clock });
}

/** Starts a stand-in for a token endpoint, which keeps the assertion of the last request. */
function startEndpoint(answer: () => Response = () => Response.json({ access_token: "fake", token_type: "Bearer" })) {
  let assertion = "";
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    assertion = new URLSearchParams(await request.text()).get("client_assertion") ?? "";
    return answer();
  });
  const part = (at: number) =>
    JSON.parse(new TextDecoder().decode(Uint8Array.fromBase64(assertion.split(".")[at]!, { alphabet: "base64url" })));
  return {
    options: { tokenEndpoint: `http://127.0.0.1:${server.addr.port}/token` },
    header: () => part(0) as Record<string, unknown>,
    claims: () => part(1) as Record<string, unknown>,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

async function createKey() {
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  const [pem, jwk] = await Promise.all([exportPKCS8(privateKey), exportJWK(privateKey)]);
  return { pem, jwk };
}

async function createCertificate() {
  const { cert } = await generate([{ name: "commonName", value: "client.invalid" }], { algorithm: "sha256" });
  const base64 = cert.replace(/-----[^-]+-----|\s/g, "");
  const print = async (algorithm: string) =>
    new Uint8Array(await crypto.subtle.digest(algorithm, Uint8Array.fromBase64(base64)))
      .toBase64({ alphabet: "base64url", omitPadding: true });
  return { pem: cert, base64, prints: { x5t: await print("SHA-1"), "x5t#S256": await print("SHA-256") } };
}

Deno.test("an assertion says by which key it was signed, as the client's fields or else its JWK have it", async (t) => {
  await using endpoint = startEndpoint();
  const { pem, jwk } = await createKey();
  const [own, other] = [await createCertificate(), await createCertificate()];
  const cases: Record<string, [Client, object]> = {
    "PEM alone": [{ private_key: pem }, {}],
    "PEM and a key_id": [{ private_key: pem, key_id: "k1" }, { kid: "k1" }],
    "PEM and a certificate": [{ private_key: pem, certificate: own.pem }, own.prints],
    "PEM, a key_id and a certificate": [
      { private_key: pem, key_id: "k1", certificate: own.pem },
      { kid: "k1", ...own.prints },
    ],
    "a certificate before the authority's that signed it": [
      { private_key: pem, certificate: own.pem + other.pem },
      own.prints,
    ],
    "a certificate in which a variable has \\n for line breaks": [
      { private_key: pem, certificate: own.pem.replaceAll("\n", "\\n") },
      own.prints,
    ],
    "a certificate with Windows line breaks": [
      { private_key: pem, certificate: own.pem.replaceAll("\n", "\r\n") },
      own.prints,
    ],
    "a certificate and a key in one text": [
      { private_key: own.pem + pem, certificate: pem + own.pem },
      own.prints,
    ],
    "a JWK with a kid": [{ private_key: { ...jwk, kid: "k2" } }, { kid: "k2" }],
    "a JWK with x5t": [{ private_key: { ...jwk, x5t: "fake-x5t" } }, { x5t: "fake-x5t" }],
    "a JWK with x5t#S256": [{ private_key: { ...jwk, "x5t#S256": "fake-x5t" } }, { "x5t#S256": "fake-x5t" }],
    "a JWK with x5c": [{ private_key: { ...jwk, x5c: [own.base64, other.base64] } }, own.prints],
    "a JWK with x5c and x5t": [
      { private_key: { ...jwk, x5c: [own.base64], x5t: "fake-x5t" } },
      { ...own.prints, x5t: "fake-x5t" },
    ],
    "fields before what a JWK has": [
      { private_key: { ...jwk, kid: "k2", x5c: [other.base64], x5t: "fake-x5t" }, key_id: "k1", certificate: own.pem },
      { kid: "k1", ...own.prints },
    ],
    "a JWK whose members are of another type": [{ private_key: { ...jwk, kid: 7, x5t: {}, x5c: [7] } }, {}],
    "a JWK with empty members": [{ private_key: { ...jwk, kid: "", x5t: "", x5c: [] } }, {}],
  };
  for (const [name, [client, expected]] of Object.entries(cases)) {
    await t.step(name, async () => {
      await resolverOf(client, endpoint.options).resolve("polaris:rest");
      assertEquals(endpoint.header(), { alg: "RS256", ...expected });
    });
  }
});

Deno.test("a JWK that says that it is not to be exported signs all the same", async () => {
  await using endpoint = startEndpoint();
  for (const alg of ["RS256", "ES256", "EdDSA"]) {
    const { privateKey } = await generateKeyPair(alg, { extractable: true });
    const client = { private_key: { ...await exportJWK(privateKey), ext: false } };
    await resolverOf(client, endpoint.options).resolve("polaris:rest");
    assertEquals(endpoint.header(), { alg });
  }
});

Deno.test("the certificate's thumbprint is the one that OpenSSL gives", async () => {
  await using endpoint = startEndpoint();
  const [{ pem }, certificate] = [await createKey(), await createCertificate()];
  const path = await Deno.makeTempFile();
  await Deno.writeTextFile(path, certificate.pem);
  const command = new Deno.Command("openssl", { args: ["x509", "-in", path, "-noout", "-fingerprint", "-sha1"] });
  const { stdout } = await command.output();
  await Deno.remove(path);
  const hex = new TextDecoder().decode(stdout).split("=")[1]!.replace(/[^0-9A-F]/g, "");
  await resolverOf({ private_key: pem, certificate: certificate.pem }, endpoint.options).resolve("polaris:rest");
  assertEquals(
    endpoint.header().x5t,
    Uint8Array.fromHex(hex).toBase64({ alphabet: "base64url", omitPadding: true }),
  );
});

Deno.test("an Ed25519 key signs by the name that servers know, unless a JWK says the other one", async () => {
  await using endpoint = startEndpoint();
  const { privateKey } = await generateKeyPair("EdDSA", { extractable: true });
  const [pem, jwk] = await Promise.all([exportPKCS8(privateKey), exportJWK(privateKey)]);
  const name = async (private_key: unknown) => {
    await resolverOf({ private_key }, endpoint.options).resolve("polaris:rest");
    return endpoint.header().alg;
  };
  assertEquals(await name(pem), "EdDSA");
  assertEquals(await name(jwk), "EdDSA");
  assertEquals(await name({ ...jwk, alg: "EdDSA" }), "EdDSA");
  assertEquals(await name({ ...jwk, alg: "Ed25519" }), "Ed25519");
});

Deno.test("a real OAuth server accepts an Ed25519 key, and selects a key by key_id", async () => {
  await using oidc = await startOidcProvider();
  const { privateKey, privateKeyEd25519 } = oidc.clients;
  const { tokenEndpoint } = oidc;
  const accepted: Client[] = [
    { client_id: privateKeyEd25519.clientId, private_key: privateKeyEd25519.pem },
    { client_id: privateKeyEd25519.clientId, private_key: privateKeyEd25519.jwk },
    { client_id: privateKey.clientId, private_key: privateKey.pem, key_id: privateKey.jwk.kid },
  ];
  for (const client of accepted) {
    assertEquals((await resolverOf(client, { tokenEndpoint }).resolve("polaris:rest")).source, "m2m");
  }
  const unknown = { client_id: privateKey.clientId, private_key: privateKey.jwk, key_id: "unknown" };
  assertEquals((await rejection(resolverOf(unknown, { tokenEndpoint }).resolve("polaris:rest"))).code, "denied");
});

Deno.test("a field that is not a certificate is named, without its value", async (t) => {
  const { pem } = await createKey();
  const block = (body: string) => `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----`;
  const secret = "hunter2";
  const cases = {
    "other text": secret,
    "a key": pem,
    "a block that is not base64": block(secret),
    "a block of something else": block(btoa(secret)),
    "an empty block": block(""),
    "a block without its end": `-----BEGIN CERTIFICATE-----\n${btoa(secret)}`,
    "the certificate without its lines": (await createCertificate()).base64,
  };
  for (const [name, certificate] of Object.entries(cases)) {
    await t.step(name, async () => {
      const resolver = resolverOf({ private_key: pem, certificate }, { tokenEndpoint: "http://127.0.0.1:1" });
      const { code, message } = await rejection(resolver.resolve("polaris:rest"));
      assertEquals(code, "invalid");
      assertStringIncludes(
        message,
        'certificate of "m2m:client" from "memory" is not a certificate: expected PEM',
      );
      assert(!message.includes(secret) && !message.includes(btoa(secret)));
    });
  }
});

Deno.test("a key in another form of PEM is invalid, and the message says how to convert it", async (t) => {
  for (const label of ["RSA PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY"]) {
    await t.step(label, async () => {
      const private_key = `-----BEGIN ${label}-----\n${btoa("hunter2")}\n-----END ${label}-----`;
      const resolver = resolverOf({ private_key }, { tokenEndpoint: "http://127.0.0.1:1" });
      const { code, message } = await rejection(resolver.resolve("polaris:rest"));
      assertEquals(code, "invalid");
      assertStringIncludes(
        message,
        'private_key of "m2m:client" from "memory" is not a private key: expected PKCS #8 PEM or a JWK (openssl pkcs8 -topk8 -nocrypt converts it)',
      );
    });
  }
});

const refuse = (status: number, error: string, headers: Record<string, string> = {}) => () =>
  Response.json({ error }, { status, headers });
const ago = (ms: number) => ({ date: new Date(Date.now() - ms).toUTCString() });

Deno.test("a refused assertion says how far this machine's clock is off, if it is", async (t) => {
  const { pem } = await createKey();
  const message = async (answer: () => Response, options: OAuth2Options = {}) => {
    await using endpoint = startEndpoint(answer);
    return (await rejection(
      resolverOf({ private_key: pem }, { ...endpoint.options, ...options }).resolve("polaris:rest"),
    ))
      .message;
  };
  await t.step("ahead", async () => {
    const said = await message(refuse(401, "invalid_client", ago(2 * HOUR)));
    assert(said.endsWith("(HTTP 401, invalid_client): this machine's clock is 2 h ahead of the server's"), said);
  });
  await t.step("behind", async () => {
    const said = await message(refuse(400, "invalid_client", ago(-5 * MINUTE)));
    assert(said.endsWith("(HTTP 400, invalid_client): this machine's clock is 5 min behind the server's"), said);
  });
  for (const [status, error] of [[401, "hunter2"], [400, "unauthorized_client"], [400, "invalid_grant"]] as const) {
    await t.step(`as ${status}, ${error}`, async () => {
      assertStringIncludes(await message(refuse(status, error, ago(HOUR * 3))), "clock is 3 h ahead of the server's");
    });
  }
  for (
    const [name, answer] of Object.entries({
      "the same time": refuse(401, "invalid_client"),
      "half a minute": refuse(401, "invalid_client", ago(MINUTE / 2)),
      "another error": refuse(400, "invalid_scope", ago(2 * HOUR)),
      "an outage": refuse(503, "hunter2", ago(2 * HOUR)),
    })
  ) {
    await t.step(`nothing after ${name}`, async () => {
      const said = await message(answer);
      assert(!said.includes("clock"), said);
    });
  }
});

Deno.test("a secret needs no clock, so its refusal says nothing of one", async () => {
  await using endpoint = startEndpoint(refuse(401, "invalid_client", ago(2 * HOUR)));
  const chain = defineChain({
    stores: {
      m2m: oauth2({ priority: 2, client: "m2m:client", ...endpoint.options }),
      memory: memory({ priority: 1, values: { client_id: "id", client_secret: "fake" } }),
    },
    credentials: {
      "m2m:client": {
        fields: { client_id: required(), client_secret: required() },
        from: { memory: { prefix: "" } },
      },
      "polaris:rest": { fields: { token: required() }, from: { m2m: { fields: { token: "access_token" } } } },
    },
  });
  const { message } = await rejection(createResolver(chain).resolve("polaris:rest"));
  assert(!message.includes("clock"), message);
});

Deno.test("a real OAuth server refuses an assertion of a machine whose clock is off, and the error says so", async () => {
  await using oidc = await startOidcProvider();
  const { clientId, pem } = oidc.clients.privateKey;
  const clock = shiftedClock();
  const { tokenEndpoint } = oidc;
  const resolver = resolverOf({ client_id: clientId, private_key: pem }, { tokenEndpoint }, clock);
  assertEquals((await resolver.resolve("polaris:rest")).source, "m2m");
  clock.shift(2 * HOUR);
  const { code, message } = await rejection(resolver.resolve("polaris:rest"));
  assertEquals(code, "denied");
  assertStringIncludes(message, "(HTTP 401, invalid_client): this machine's clock is 2 h ahead of the server's");
});

Deno.test("an assertion is dated by the host's clock", async () => {
  await using endpoint = startEndpoint();
  const clock = shiftedClock();
  clock.shift(-10 * MINUTE);
  await resolverOf({ private_key: (await createKey()).pem }, endpoint.options, clock).resolve("polaris:rest");
  const { iat, nbf, exp } = endpoint.claims() as { iat: number; nbf: number; exp: number };
  assert(Math.abs(iat - clock.now() / 1_000) < 5);
  assertEquals([nbf, exp], [iat, iat + 60]);
});
