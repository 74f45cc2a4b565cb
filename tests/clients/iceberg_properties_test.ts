import { assertEquals } from "@std/assert";
import { createResolver, defineChain, required, token, unavailable } from "../../mod.ts";
import { icebergProperties, trinoIcebergProperties } from "../../src/clients/iceberg.ts";
import { scriptedStore, testClock } from "../../src/testing/mod.ts";
import { catalogResolver } from "../support/fixtures/catalog_resolver.ts";
import { mintingResolver } from "../support/fixtures/minting_resolver.ts";
import { rejection } from "../support/fixtures/rejection.ts";
import { shippedResolver } from "../support/fixtures/shipped_resolver.ts";

const OAUTH2 = { "rest.auth.type": "oauth2" } as const;
const NOT_RENEWED = { "token-refresh-enabled": "false", "token-exchange-enabled": "false" } as const;
const SERVER = "https://polaris.example/api/catalog/v1/oauth/tokens";

Deno.test("icebergProperties() uses the property names of Iceberg's REST clients", async () => {
  const { resolver } = shippedResolver({
    ALPHASWARM_ICEBERG_REST_OAUTH2_SERVER_URI: SERVER,
    ALPHASWARM_ICEBERG_REST_SCOPE: "PRINCIPAL_ROLE:ALL",
  }, { credentials: { clientId: "fake-id", clientSecret: "fake-secret" } });
  assertEquals(await icebergProperties(resolver, "polaris:rest"), {
    ...OAUTH2,
    credential: "fake-id:fake-secret",
    "oauth2-server-uri": SERVER,
    scope: "PRINCIPAL_ROLE:ALL",
  });
});

Deno.test("icebergProperties() omits what a credential does not have, and rejects if no store has one", async () => {
  const token = shippedResolver({ ALPHASWARM_ICEBERG_REST_TOKEN: "fake-token" }).resolver;
  assertEquals(await icebergProperties(token, "polaris:rest"), { ...OAUTH2, token: "fake-token", ...NOT_RENEWED });
  const options = { default: { credential: "fake-id:fake-secret" } };
  const none = shippedResolver({}).resolver;
  assertEquals(await icebergProperties(none, "polaris:rest", options), { ...OAUTH2, ...options.default });
  assertEquals((await rejection(icebergProperties(none, "iceberg:rest"))).code, "not_found");
});

Deno.test("icebergProperties() tells a client that cannot renew a token how long it is still valid, at each call", async () => {
  const { clock, resolver } = mintingResolver();
  const properties = () => icebergProperties(resolver, "api:bearer");
  const expected = { ...OAUTH2, ...NOT_RENEWED, token: "fake-token-1", "token-expires-in-ms": "3600000" };
  assertEquals(await properties(), expected);
  await clock.advance(60_000.5);
  assertEquals(await properties(), { ...expected, "token-expires-in-ms": "3539999" });
  await clock.advance(3_600_000);
  assertEquals(await properties(), { ...expected, token: "fake-token-2" });
});

Deno.test("icebergProperties() gives no negative time for an expired token that is the last resort", async () => {
  const clock = testClock();
  const mint = scriptedStore({ shape: token, answer: { values: { token: "fake-token" }, expiresIn: 60 } });
  const chain = defineChain({
    stores: { mint: mint.store({ priority: 100, onExpired: "serve" }) },
    credentials: { "polaris:rest": { fields: { token: required() }, from: { mint: true } } },
  });
  const resolver = createResolver(chain, { clock });
  await icebergProperties(resolver, "polaris:rest");
  mint.answer = unavailable("away");
  await clock.advance(120_000);
  assertEquals((await icebergProperties(resolver, "polaris:rest"))["token-expires-in-ms"], "0");
});

Deno.test("icebergProperties() leaves the renewal to a client that has the credential for it, also beside a token", async () => {
  const values = { credential: "fake-id:fake-secret", token: "fake-token" };
  assertEquals(await icebergProperties(catalogResolver(values), "polaris:rest"), { ...OAUTH2, ...values });
});

Deno.test("icebergProperties() and trinoIcebergProperties() name the fields if a credential has none that authenticates", async () => {
  const resolver = catalogResolver({ scope: "PRINCIPAL_ROLE:ALL" });
  const message = 'Cannot resolve "polaris:rest": "memory" gave no value for the field credential or token';
  for (const properties of [icebergProperties, trinoIcebergProperties]) {
    const error = await rejection(properties(resolver, "polaris:rest"));
    assertEquals([error.message, error.code, error.missing], [message, "incomplete", ["credential", "token"]]);
  }
});

Deno.test("trinoIcebergProperties() uses Trino's names, and gives a token without the scope that Trino takes for a credential only", async () => {
  const values = { token: "fake-token", scope: "PRINCIPAL_ROLE:ALL", oauth2_server_uri: SERVER };
  assertEquals(await trinoIcebergProperties(catalogResolver(values), "polaris:rest"), {
    "iceberg.rest-catalog.security": "OAUTH2",
    "iceberg.rest-catalog.oauth2.token": "fake-token",
    "iceberg.rest-catalog.oauth2.server-uri": SERVER,
    "iceberg.rest-catalog.oauth2.token-refresh-enabled": "false",
    "iceberg.rest-catalog.oauth2.token-exchange-enabled": "false",
  });
});

Deno.test("trinoIcebergProperties() gives the credential instead of the token, so that Trino renews its token", async () => {
  const values = { credential: "fake-id:fake-secret", token: "fake-token", scope: "PRINCIPAL_ROLE:ALL" };
  assertEquals(await trinoIcebergProperties(catalogResolver(values), "polaris:rest"), {
    "iceberg.rest-catalog.security": "OAUTH2",
    "iceberg.rest-catalog.oauth2.credential": "fake-id:fake-secret",
    "iceberg.rest-catalog.oauth2.scope": "PRINCIPAL_ROLE:ALL",
  });
  const options = { default: { credential: "fake-id:fake-default" } };
  assertEquals(await trinoIcebergProperties(catalogResolver({}), "polaris:rest", options), {
    "iceberg.rest-catalog.security": "OAUTH2",
    "iceberg.rest-catalog.oauth2.credential": "fake-id:fake-default",
  });
});
