/**
 * The grants of `oauth2` at Keycloak: its standard token exchange, and its JWT authorization grant.
 */
import { assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { decodeJwt } from "npm:jose@^6";
import { createResolver, memory, optional, required, type Resolver } from "../../mod.ts";
import { oauth2 } from "../../src/stores/oauth2/oauth2.ts";
import { rejection } from "../support/fixtures/rejection.ts";
import { startJwtIssuer } from "../support/servers/jwt_issuer.ts";
import { type Keycloak, startKeycloak } from "../support/servers/keycloak.ts";
import { KeycloakAdmin } from "../support/servers/keycloak_admin.ts";
import { serverTest } from "../support/servers/server_test_case.ts";

type Values = Record<string, string>;

const ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token";

/** Creates a resolver of a token that Keycloak gives for another one: its own, or one that is in memory. */
function resolverOf({ tokenEndpoint }: Keycloak, values: Values, options: object): Resolver {
  return createResolver(
    {
      stores: {
        exchange: oauth2({ priority: 3, tokenEndpoint, client: "own:client", ...options } as never),
        login: oauth2({ priority: 2, tokenEndpoint, client: "own:client" }),
        memory: memory({ priority: 1, values, recheck: 0 }),
      },
      credentials: {
        "own:client": {
          fields: { client_id: required(), client_secret: optional(), private_key: optional(), key_id: optional() },
          from: { memory: { prefix: "" } },
        },
        "own:login": {
          fields: { token: required() },
          from: { login: { scope: "polaris", fields: { token: "access_token" } } },
        },
        "own:held": { fields: { token: required() }, from: { memory: { prefix: "" } } },
        "own:token": {
          fields: { token: required(), type: optional() },
          from: { exchange: { fields: { token: "access_token", type: "token_type" } } },
        },
      },
    } as never,
  ) as Resolver;
}

async function claimsOf(resolver: Resolver, key = "own:token"): Promise<Record<string, unknown>> {
  return decodeJwt(String((await resolver.resolve(key)).get("token")));
}

async function detailOf(resolver: Resolver): Promise<string> {
  return (await rejection(resolver.resolve("own:token"))).message.replace(
    'Cannot resolve "own:token": "exchange" is ',
    "",
  );
}

serverTest("tokens are exchanged at Keycloak and assertions presented to it, and its refusals name what to look at", [
  "keycloak",
], async (t) => {
  await using keycloak = await startKeycloak();
  const { secret, privateKey } = keycloak.clients;
  const admin = new KeycloakAdmin(new URL(keycloak.issuer).origin);
  const basic: Values = { client_id: secret.clientId, client_secret: secret.clientSecret };
  const exchange = { grant: "token_exchange", subjectToken: "own:login", scope: "trino" };
  const HELD = { ...exchange, subjectToken: "own:held" };

  await t.step("a client that may not exchange is told so", async () => {
    assertStringIncludes(
      await detailOf(resolverOf(keycloak, basic, exchange)),
      'denied: "own:login" from "login" was refused (HTTP 400, invalid_request), or a parameter of the request is wrong',
    );
  });
  for (const { clientId } of [secret, privateKey]) {
    await admin.changeClient(clientId, { attributes: await exchangeAttributes(admin, clientId) });
  }
  await t.step("a client with a secret", async () => {
    const resolver = resolverOf(keycloak, basic, exchange);
    assertEquals([(await claimsOf(resolver)).aud, (await claimsOf(resolver, "own:login")).aud], ["trino", "polaris"]);
  });
  await t.step("a client with a key", async () => {
    const { clientId, pem, jwk } = privateKey;
    const signing = { client_id: clientId, private_key: pem, key_id: jwk.kid! };
    assertEquals((await claimsOf(resolverOf(keycloak, signing, exchange))).aud, "trino");
  });
  await t.step("an ID token, which is no bearer token", async () => {
    const asked = { ...exchange, requestedTokenType: ID_TOKEN, scope: "openid" };
    const credential = await resolverOf(keycloak, basic, asked).resolve("own:token");
    assertEquals([credential.get("type"), decodeJwt(String(credential.get("token"))).typ], ["N_A", "ID"]);
  });
  await t.step("what it refuses", async () => {
    const refused: readonly (readonly [Values, object, string])[] = [
      [
        { ...basic, token: "not-a-token" },
        HELD,
        'denied: "own:held" from "memory" was refused (HTTP 400, invalid_request), or a parameter of the request is wrong',
      ],
      [
        { ...basic, client_secret: "not-the-secret", token: "not-a-token" },
        HELD,
        'denied: "own:client" from "memory" was refused (HTTP 401, unauthorized_client)',
      ],
      [
        basic,
        { ...exchange, audience: "unknown" },
        'denied: "own:client" from "memory" was refused (HTTP 400, invalid_client), or the audience is not known',
      ],
      [basic, { ...exchange, scope: "unknown" }, "invalid: the server answered HTTP 400, invalid_scope"],
      [
        { token: "not-a-token" },
        { ...HELD, authentication: "none", client: undefined },
        "denied: the request was refused (HTTP 401, invalid_client): the server expects a client",
      ],
    ];
    for (const [values, options, expected] of refused) {
      assertEquals(await detailOf(resolverOf(keycloak, values, options)), expected);
    }
  });
  await t.step("an assertion of another issuer is presented as the grant", async (t) => {
    await presentAssertions(t, keycloak, admin);
  });
  await t.step("a token whose key is gone is obtained anew and exchanged in the same call", async () => {
    const resolver = resolverOf(keycloak, basic, exchange);
    const [before, subject] = [await claimsOf(resolver), await claimsOf(resolver, "own:login")];
    await keycloak.restart({ newKeys: true });
    resolver.invalidate("own:token");
    const [after, another] = [await claimsOf(resolver), await claimsOf(resolver, "own:login")];
    assertEquals([after.aud, after.jti === before.jti, another.jti === subject.jti], ["trino", false, false]);
  });
});

async function presentAssertions(t: Deno.TestContext, keycloak: Keycloak, admin: KeycloakAdmin): Promise<void> {
  await using issuer = await startJwtIssuer();
  const { secret } = keycloak.clients;
  await admin.create("/identity-provider/instances", {
    alias: "workloads",
    providerId: "jwt-authorization-grant",
    enabled: true,
    config: {
      issuer: issuer.issuer,
      jwksUrl: issuer.jwksUrl,
      useJwksUrl: "true",
      validateSignature: "true",
      jwtAuthorizationGrantEnabled: "true",
    },
  });
  await admin.create("/users", { username: "workload", enabled: true });
  const [user] = await admin.get<{ id: string }>("/users?username=workload");
  const link = { userId: "workload", userName: "workload" };
  await admin.create(`/users/${user!.id}/federated-identity/workloads`, link);
  await admin.changeClient(secret.clientId, {
    attributes: {
      "oauth2.jwt.authorization.grant.enabled": "true",
      "oauth2.jwt.authorization.grant.idp": "workloads",
    },
  });
  const now = Math.floor(Date.now() / 1_000);
  const sign = (claims: object = {}) =>
    issuer.sign({ aud: keycloak.issuer, sub: "workload", jti: crypto.randomUUID(), exp: now + 200, ...claims });
  const values: Values = {
    client_id: secret.clientId,
    client_secret: secret.clientSecret,
    token: await sign(),
  };
  const resolver = resolverOf(keycloak, values, { grant: "jwt_bearer", assertion: "own:held", scope: "trino" });

  await t.step("its token is the user's", async () => {
    const { aud, sub, azp } = await claimsOf(resolver);
    assertEquals([aud, sub, azp], ["trino", user!.id, secret.clientId]);
  });
  await t.step("an assertion that was used is refused and named, and another one is taken", async () => {
    const before = await claimsOf(resolver);
    resolver.invalidate("own:token");
    assertEquals(await detailOf(resolver), 'denied: "own:held" from "memory" was refused (HTTP 400, invalid_grant)');
    values.token = await sign();
    assertNotEquals((await claimsOf(resolver)).jti, before.jti);
  });
  await t.step("an assertion for another audience is refused", async () => {
    const other = { ...values, token: await sign({ aud: "https://other.example" }) };
    const refused = resolverOf(keycloak, other, { grant: "jwt_bearer", assertion: "own:held" });
    assertEquals(await detailOf(refused), 'denied: "own:held" from "memory" was refused (HTTP 400, invalid_grant)');
  });
}

async function exchangeAttributes(admin: KeycloakAdmin, clientId: string): Promise<object> {
  const [client] = await admin.get<{ attributes: object }>(`/clients?clientId=${clientId}`);
  return { ...client!.attributes, "standard.token.exchange.enabled": "true" };
}
