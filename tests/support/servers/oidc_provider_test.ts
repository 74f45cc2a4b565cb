import { assert, assertEquals, assertRejects } from "@std/assert";
import { decodeJwt, decodeProtectedHeader, importJWK, importPKCS8, SignJWT } from "npm:jose@^6";
import { until } from "../fixtures/until.ts";
import type { KeyClient } from "./oidc_clients.ts";
import { type OidcProvider, startOidcProvider } from "./oidc_provider.ts";

const polaris = "urn:alphaswarm:polaris";

function encode(text: string): string {
  return new URLSearchParams({ text }).toString().slice("text=".length);
}

function ask(oidc: OidcProvider, fields: Record<string, string>, authorization?: string): Promise<Response> {
  return fetch(oidc.tokenEndpoint, {
    method: "POST",
    headers: authorization === undefined ? {} : { authorization },
    body: new URLSearchParams({ grant_type: "client_credentials", resource: polaris, ...fields }),
  });
}

function askBasic(oidc: OidcProvider, secret = oidc.clients.basic.clientSecret): Promise<Response> {
  return ask(oidc, {}, `Basic ${btoa(`${encode(oidc.clients.basic.clientId)}:${encode(secret)}`)}`);
}

async function askKey(oidc: OidcProvider, client: KeyClient, form: "pem" | "jwk"): Promise<Response> {
  const key = form === "pem"
    ? await importPKCS8(client.pem, client.algorithm)
    : await importJWK(client.jwk, client.algorithm);
  const assertion = await new SignJWT({ jti: crypto.randomUUID() }).setProtectedHeader({ alg: client.algorithm })
    .setIssuer(client.clientId).setSubject(client.clientId).setAudience(oidc.issuer).setIssuedAt()
    .setExpirationTime("60s").sign(key);
  const type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
  return await ask(oidc, { client_id: client.clientId, client_assertion_type: type, client_assertion: assertion });
}

async function tokenOf(answer: Response): Promise<string> {
  const body = await answer.json();
  assertEquals(answer.status, 200, JSON.stringify(body));
  return body.access_token;
}

async function refusalOf(answer: Response): Promise<[number, string]> {
  return [answer.status, (await answer.json()).error];
}

async function statusFor(oidc: OidcProvider, token: string): Promise<number> {
  const answer = await fetch(oidc.protectedUrl(polaris), { headers: { authorization: `Bearer ${token}` } });
  await answer.body?.cancel();
  return answer.status;
}

Deno.test("startOidcProvider() issues tokens for a resource to each kind of client", async (t) => {
  await using oidc = await startOidcProvider();
  const { basic, post, privateKey, privateKeyRsa } = oidc.clients;

  await t.step("client_secret_basic, form-encoded", async () => {
    const token = await tokenOf(await askBasic(oidc));
    assertEquals([decodeProtectedHeader(token).typ, decodeProtectedHeader(token).alg], ["at+jwt", "RS256"]);
    assertEquals([decodeJwt(token).aud, decodeJwt(token).iss], [polaris, oidc.issuer]);
  });
  await t.step("client_secret_basic, not form-encoded, is refused", async () => {
    const raw = `Basic ${btoa(`${basic.clientId}:${basic.clientSecret}`)}`;
    assert((await refusalOf(await ask(oidc, {}, raw)))[0] >= 400);
  });
  await t.step("client_secret_post", async () => {
    await tokenOf(await ask(oidc, { client_id: post.clientId, client_secret: post.clientSecret }));
  });
  await t.step("private_key_jwt from PEM and JWK", async () => {
    for (const client of [privateKey, privateKeyRsa]) {
      for (const form of ["pem", "jwk"] as const) await tokenOf(await askKey(oidc, client, form));
    }
  });
  await t.step("a wrong secret is invalid_client", async () => {
    assertEquals(await refusalOf(await askBasic(oidc, "fake-wrong")), [401, "invalid_client"]);
  });
  await t.step("an unknown resource is invalid_target", async () => {
    const authorization = `Basic ${btoa(`basic:${encode(basic.clientSecret)}`)}`;
    const answer = await ask(oidc, { resource: "urn:alphaswarm:unknown" }, authorization);
    assertEquals(await refusalOf(answer), [400, "invalid_target"]);
  });
});

Deno.test("startOidcProvider() publishes both discovery documents, and the certificate of its key", async () => {
  await using oidc = await startOidcProvider();
  for (const name of ["openid-configuration", "oauth-authorization-server"]) {
    const body = await (await fetch(`${oidc.issuer}/.well-known/${name}`)).json();
    assertEquals([body.issuer, body.token_endpoint], [oidc.issuer, oidc.tokenEndpoint]);
    const { keys: [key] } = await (await fetch(body.jwks_uri)).json();
    const certificate = Uint8Array.fromBase64(key.x5c[0]);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-1", certificate));
    assertEquals([digest.toHex().toUpperCase(), key.d], [oidc.thumbprint, undefined]);
  }
});

Deno.test("startOidcProvider() accepts a token until it expires or is revoked", async () => {
  await using oidc = await startOidcProvider({ lifetimes: { [polaris]: 5 } });
  const short = await tokenOf(await askBasic(oidc));
  assertEquals(await statusFor(oidc, short), 200);
  await oidc.setLifetime(polaris, 3600);
  const revoked = await tokenOf(await askBasic(oidc));
  assertEquals(await statusFor(oidc, revoked), 200);
  await oidc.revoke(revoked);
  assertEquals([await statusFor(oidc, revoked), await statusFor(oidc, "fake")], [401, 401]);
  const other = await fetch(oidc.protectedUrl("urn:alphaswarm:trino"), {
    headers: { authorization: `Bearer ${short}` },
  });
  await other.body?.cancel();
  assertEquals(other.status, 401);
  await until("the end of the token", async () => await statusFor(oidc, short) !== 200 || undefined);
  assertEquals(await statusFor(oidc, short), 401);
});

Deno.test("startOidcProvider() accepts a rotated secret and refuses the old one", async () => {
  await using oidc = await startOidcProvider();
  await oidc.rotateSecret(oidc.clients.basic.clientId, "fake rotated/+:%");
  assertEquals(await refusalOf(await askBasic(oidc)), [401, "invalid_client"]);
  await tokenOf(await askBasic(oidc, "fake rotated/+:%"));
});

Deno.test("startOidcProvider() fails, delays and refuses requests on demand, and counts every request", async () => {
  await using oidc = await startOidcProvider();
  await oidc.failNext(2, { status: 503, headers: { "retry-after": "9" } });
  for (const _ of [1, 2]) {
    const failed = await askBasic(oidc);
    assertEquals([failed.status, failed.headers.get("retry-after"), await failed.text()], [503, "9", ""]);
  }
  await tokenOf(await askBasic(oidc));
  assertEquals(await oidc.tokenRequests(), 3);

  await oidc.hold();
  let answered = 0;
  const waiting = [1, 2, 3].map(() => askBasic(oidc).then(tokenOf).then(() => answered++));
  await until("six requests", async () => await oidc.tokenRequests() >= 6 || undefined);
  assertEquals([await oidc.tokenRequests(), answered], [6, 0]);
  await oidc.release();
  await Promise.all(waiting);

  await oidc.pause();
  await assertRejects(() => askBasic(oidc), TypeError);
  await oidc.resume();
  await tokenOf(await askBasic(oidc));
  assertEquals(await oidc.tokenRequests(), 7);
});
