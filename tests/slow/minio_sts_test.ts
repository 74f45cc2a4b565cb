/**
 * What the real MinIO says of each mistake. `stores/sts/messages_test.ts` has its messages, for a stand-in; this test finds
 * a version of MinIO that writes them in other words.
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { exportJWK, generateKeyPair, SignJWT } from "npm:jose@^6";
import type { StsRequest } from "../../src/stores/sts/sts.ts";
import { rejection } from "../support/fixtures/rejection.ts";
import { startMinio } from "../support/servers/minio.ts";
import { serverTest } from "../support/servers/server_test_case.ts";
import { resolverOf } from "../support/stand_ins/sts.ts";

const now = () => Math.floor(Date.now() / 1_000);

/** Starts a stand-in for an OpenID provider, whose tokens a test writes itself. */
async function startIssuer() {
  const signer = await generateKeyPair("RS256");
  const key = { ...await exportJWK(signer.publicKey), kid: "k1", alg: "RS256", use: "sig" };
  const keys = { status: 200, body: JSON.stringify({ keys: [key] }) };
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const { origin, pathname } = new URL(request.url);
    if (pathname === "/jwks") return new Response(keys.body, { status: keys.status });
    return Response.json({ issuer: origin, jwks_uri: `${origin}/jwks`, token_endpoint: `${origin}/token` });
  });
  const issuer = `http://127.0.0.1:${server.addr.port}`;
  const token = (claims: object = {}, { kid = "k1", key = signer.privateKey, exp = now() + 3_600 } = {}) =>
    new SignJWT({ iss: issuer, sub: "alphaswarm", aud: "minio", policy: "readwrite", ...claims })
      .setProtectedHeader({ alg: "RS256", kid }).setIssuedAt().setExpirationTime(exp).sign(key);
  return { issuer, keys, token, [Symbol.asyncDispose]: () => server.shutdown() };
}

const POLICY = (statement: object) => JSON.stringify({ Version: "2012-10-17", Statement: [statement] });

serverTest("sts() says what to fix for each mistake at the real MinIO", ["minio", "mc"], async (t) => {
  await using idp = await startIssuer();
  await using minio = await startMinio({ openid: idp });
  const { stsEndpoint: endpoint, roleArn: role } = minio;
  const other = (await generateKeyPair("RS256")).privateKey;
  const resolverWith = (token: string, request: true | StsRequest) => resolverOf({ endpoint }, request, {}, token);

  await t.step("good tokens give keys, with and without a role", async () => {
    for (const [token, request] of [[await idp.token(), true], [await idp.token({ aud: "minio-role" }), { role }]]) {
      const credential = await resolverWith(token as string, request as true).resolve("minio:sts");
      assert(credential.expiresAt! > Date.now());
    }
  });

  const cases: [name: string, token: string, request: StsRequest, outcome: string, detail: string][] = [
    ["no policy", await idp.token({ policy: undefined }), {}, "denied", "no claim that names a policy"],
    ["unknown policy", await idp.token({ policy: "none" }), {}, "denied", "no policy with the name"],
    ["wrong audience", await idp.token({ aud: "other" }), {}, "denied", "audience is not the client id"],
    ["no audience", await idp.token({ aud: undefined }), {}, "denied", "audience is not the client id"],
    ["no subject", await idp.token({ sub: undefined }), {}, "denied", "no claim sub"],
    ["expired", await idp.token({}, { exp: now() - 60 }), {}, "denied", "the token has expired"],
    ["not valid yet", await idp.token({ nbf: now() + 600 }), {}, "unavailable", "not valid yet"],
    ["unknown key", await idp.token({}, { kid: "k2", key: other }), {}, "denied", "does not publish"],
    ["other key", await idp.token({}, { key: other }), {}, "denied", "signature cannot be verified"],
    ["no JWT", "opaque", {}, "denied", "not a JWT"],
    ["cut off", (await idp.token()).slice(0, -9), {}, "denied", "signature cannot be verified"],
    ["duration", await idp.token(), { duration: 60_000 }, "invalid", "duration is not accepted"],
    ["policy", await idp.token(), { policy: "[]" }, "invalid", "policy is not accepted"],
    [
      "action",
      await idp.token(),
      { policy: POLICY({ Effect: "Allow", Action: ["s3:None"], Resource: ["arn:aws:s3:::a/*"] }) },
      "invalid",
      "policy is not accepted",
    ],
  ];
  for (const [name, token, request, outcome, detail] of cases) {
    await t.step(name, async () => {
      const error = await rejection(resolverWith(token, request).resolve("minio:sts"));
      assertEquals(error.code, outcome, error.message);
      assertStringIncludes(error.message, detail);
      assert(!error.message.includes(token), "The token is in the message");
    });
  }

  await t.step("an identity provider that does not give its keys refuses no token", async () => {
    for (const [status, body] of [[503, ""], [404, ""], [200, "<html>"], [200, ""]] as const) {
      Object.assign(idp.keys, { status, body });
      const token = await idp.token({}, { kid: "k3", key: other });
      const error = await rejection(resolverWith(token, true).resolve("minio:sts"));
      assertEquals(error.code, "unavailable", error.message);
      assertStringIncludes(error.message, "it could not get the identity provider's keys");
    }
  });
});
