import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { decodeJwt, decodeProtectedHeader, generateKeyPair, importPKCS8, SignJWT } from "npm:jose@^6";
import { type Keycloak, startKeycloak } from "../support/servers/keycloak.ts";
import { runs } from "../support/servers/processes.ts";
import { serverTest } from "../support/servers/server_test_case.ts";

async function post(keycloak: Keycloak, parameters: Record<string, string>): Promise<[number, Record<string, string>]> {
  const body = new URLSearchParams({ grant_type: "client_credentials", ...parameters });
  const answer = await fetch(keycloak.tokenEndpoint, { method: "POST", body, signal: AbortSignal.timeout(30_000) });
  return [answer.status, await answer.json()];
}

/** Requests a token with the client secret. */
async function token(keycloak: Keycloak, scope: string): Promise<string> {
  const { clientId, clientSecret } = keycloak.clients.secret;
  const [status, answer] = await post(keycloak, { client_id: clientId, client_secret: clientSecret, scope });
  assertEquals(status, 200, JSON.stringify(answer));
  return answer.access_token!;
}

async function assertion(keycloak: Keycloak, key: CryptoKey): Promise<Record<string, string>> {
  const { clientId, algorithm, jwk } = keycloak.clients.privateKey;
  const jwt = new SignJWT({ jti: crypto.randomUUID() }).setIssuer(clientId).setSubject(clientId);
  const signed = await jwt.setAudience(keycloak.issuer).setIssuedAt().setExpirationTime("1m")
    .setProtectedHeader({ alg: algorithm, kid: jwk.kid! }).sign(key);
  return {
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: signed,
    scope: "polaris",
  };
}

async function keyIds(keycloak: Keycloak): Promise<string[]> {
  const { keys } = await (await fetch(`${keycloak.issuer}/protocol/openid-connect/certs`)).json();
  return keys.filter(({ use }: { use: string }) => use === "sig").map(({ kid }: { kid: string }) => kid);
}

serverTest("startKeycloak() issues tokens for each scope, and follows every change", ["keycloak"], async (t) => {
  await using keycloak = await startKeycloak({ policy: "readonly" });
  const { secret, privateKey } = keycloak.clients;

  await t.step("the scope sets the audience, and the claim for MinIO", async () => {
    const claims = decodeJwt(await token(keycloak, "polaris"));
    assertEquals([claims.iss, claims.aud, claims.policy], [keycloak.issuer, "polaris", undefined]);
    assertEquals(decodeJwt(await token(keycloak, "trino")).aud, "trino");
    const { aud, policy } = decodeJwt(await token(keycloak, "minio"));
    assertEquals([[aud].flat().sort(), policy], [["minio", "minio-role"], "readonly"]);
  });
  await t.step("a wrong secret and an unknown scope are refused", async () => {
    const [status, { error }] = await post(keycloak, { client_id: secret.clientId, client_secret: "fake-wrong" });
    assertEquals([status, error], [401, "unauthorized_client"]);
    const known = { client_id: secret.clientId, client_secret: secret.clientSecret };
    assertEquals((await post(keycloak, { ...known, scope: "unknown" }))[0], 400);
  });
  await t.step("an assertion of the registered key is accepted, and one of another key is refused", async () => {
    const key = await importPKCS8(privateKey.pem, privateKey.algorithm);
    assertEquals((await post(keycloak, await assertion(keycloak, key)))[0], 200);
    const other = (await generateKeyPair("ES256")).privateKey;
    assertEquals((await post(keycloak, await assertion(keycloak, other)))[0], 400);
  });
  await t.step("new tokens have the lifetime that was set", async () => {
    await keycloak.setLifetime(secret.clientId, 4);
    const { exp, iat } = decodeJwt(await token(keycloak, "polaris"));
    assertEquals(exp! - iat!, 4);
  });
  await t.step("a paused server answers when it is resumed", async () => {
    await keycloak.pause();
    await assertRejects(() => fetch(keycloak.issuer, { signal: AbortSignal.timeout(300) }), DOMException);
    const answered = fetch(keycloak.issuer);
    await keycloak.resume();
    assertEquals((await (await answered).json()).realm, "alphaswarm");
  });
  await t.step("a restart with new keys keeps the realm, and the secret that was rotated", async () => {
    await keycloak.rotateSecret(secret.clientId, "fake-rotated");
    const [pid, old] = [await keycloak.javaPid(), await keyIds(keycloak)];
    await keycloak.restart({ newKeys: true });
    assertNotEquals(await keycloak.javaPid(), pid);
    const known = { client_id: secret.clientId, scope: "polaris" };
    const [status, { access_token }] = await post(keycloak, { ...known, client_secret: "fake-rotated" });
    assertEquals([status, (await post(keycloak, { ...known, client_secret: secret.clientSecret }))[0]], [200, 401]);
    const { kid } = decodeProtectedHeader(access_token!);
    assertEquals(await keyIds(keycloak), [kid]);
    assert(!old.includes(kid!));
  });
  await t.step("it leaves neither processes nor files behind when it is stopped", async () => {
    const pid = await keycloak.javaPid();
    await keycloak.stop();
    assertEquals([await runs(pid), await runs(keycloak.pid)], [false, false]);
    await assertRejects(() => Deno.lstat(keycloak.directory), Deno.errors.NotFound);
  });
});
