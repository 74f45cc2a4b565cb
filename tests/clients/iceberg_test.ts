import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { IcebergError, IcebergRestCatalog } from "npm:iceberg-js@^1.0.0";
import chain from "../../chain.config.ts";
import { createResolver } from "../../mod.ts";
import { icebergOptions, icebergProperties } from "../../src/clients/iceberg.ts";
import { testHost } from "../../src/testing/mod.ts";
import { rejection } from "../support/fixtures/rejection.ts";
import { type OidcProvider, startOidcProvider } from "../support/servers/oidc_provider.ts";
import { startCatalogStandIn } from "../support/stand_ins/iceberg_catalog.ts";

const POLARIS = "urn:alphaswarm:polaris";
const PRINCIPAL = "/state/polaris-principal.json";

/** Creates a resolver of the shipped chain, on a test host. */
function shippedResolver(env: Record<string, string>, principal?: object) {
  const state = { ALPHASWARM_BOOTSTRAP_STATE_DIR: "/state" };
  const files = principal ? { [PRINCIPAL]: JSON.stringify(principal) } : {};
  const host = testHost({ env: { ...state, ...env }, files });
  return { host, resolver: createResolver(chain, { ...host, fetch }) };
}

/** The variables with which the shipped chain gets its tokens from a provider. */
function m2m({ clients: { basic }, tokenEndpoint }: OidcProvider): Record<string, string> {
  return {
    ALPHASWARM_AUTH_M2M_ENABLED: "true",
    ALPHASWARM_AUTH_M2M_TOKEN_URL: tokenEndpoint,
    ALPHASWARM_AUTH_M2M_CLIENT_ID: basic.clientId,
    ALPHASWARM_AUTH_M2M_CLIENT_SECRET: basic.clientSecret,
  };
}

/** Starts a catalog that accepts the tokens of a real OAuth server. */
function catalogOf(oidc: OidcProvider) {
  return startCatalogStandIn(async (authorization) => {
    const answer = await fetch(oidc.protectedUrl(POLARIS), { headers: { authorization } });
    await answer.body?.cancel();
    return answer.status;
  });
}

Deno.test("icebergOptions() authenticates iceberg-js with a token of a real OAuth server, also after it was revoked", async () => {
  await using oidc = await startOidcProvider();
  await using standIn = catalogOf(oidc);
  const { resolver } = shippedResolver(m2m(oidc));
  const catalog = new IcebergRestCatalog({ baseUrl: standIn.url, ...icebergOptions(resolver, "polaris:rest") });
  await catalog.createNamespace({ namespace: ["first"] });
  await oidc.revoke((await resolver.resolve("polaris:rest")).get("token")!);
  await catalog.createNamespace({ namespace: ["second"] });
  const { namespaces } = await catalog.listNamespaces();
  assertEquals(namespaces, [{ namespace: ["first"] }, { namespace: ["second"] }]);
  assertEquals(standIn.requests, [
    "POST /v1/namespaces 200",
    "POST /v1/namespaces 401",
    "POST /v1/namespaces 200",
    "GET /v1/namespaces 200",
  ]);
  assertEquals(await oidc.tokenRequests(), 2);
});

Deno.test("icebergOptions() switches iceberg-js to the token of the runtime principal after that of the seed got 403", async () => {
  await using standIn = startCatalogStandIn((authorization) => authorization === "Bearer fake-runtime" ? 200 : 403);
  const { host, resolver } = shippedResolver({ ALPHASWARM_ICEBERG_REST_TOKEN: "fake-seed" });
  const catalog = new IcebergRestCatalog({ baseUrl: standIn.url, ...icebergOptions(resolver, "iceberg:rest") });
  const error = await assertRejects(() => catalog.createNamespace({ namespace: ["first"] }), IcebergError);
  assertEquals(error.status, 403);
  host.env.ALPHASWARM_ICEBERG_REST_TOKEN = "fake-runtime";
  await catalog.createNamespace({ namespace: ["first"] });
  const refused = "POST /v1/namespaces 403";
  assertEquals(standIn.requests, [refused, refused, "POST /v1/namespaces 200"]);
});

Deno.test("icebergOptions() reports the missing field if a store gives the other kind of credential", async () => {
  const principal = { client_id: "fake-id", client_secret: "fake-secret" };
  const { resolver } = shippedResolver({}, principal);
  const catalog = new IcebergRestCatalog({
    baseUrl: "http://catalog.invalid",
    ...icebergOptions(resolver, "polaris:rest"),
  });
  const error = await assertRejects(() => catalog.listNamespaces(), IcebergError);
  assertStringIncludes(error.message, 'Cannot resolve "polaris:rest": "file" gave no value for the field token');
  assertEquals(Deno.inspect(error, { depth: 10, showHidden: true }).includes("fake-secret"), false);
});

Deno.test("icebergProperties() uses the property names of Iceberg's REST clients", async () => {
  const server = "https://polaris.example/api/catalog/v1/oauth/tokens";
  const { resolver } = shippedResolver({
    ALPHASWARM_ICEBERG_REST_OAUTH2_SERVER_URI: server,
    ALPHASWARM_ICEBERG_REST_SCOPE: "PRINCIPAL_ROLE:ALL",
  }, { credentials: { clientId: "fake-id", clientSecret: "fake-secret" } });
  assertEquals(await icebergProperties(resolver, "polaris:rest"), {
    credential: "fake-id:fake-secret",
    "oauth2-server-uri": server,
    scope: "PRINCIPAL_ROLE:ALL",
  });
});

Deno.test("icebergProperties() omits what a credential does not have, and rejects if no store has one", async () => {
  const token = shippedResolver({ ALPHASWARM_ICEBERG_REST_TOKEN: "fake-token" }).resolver;
  assertEquals(await icebergProperties(token, "polaris:rest"), { token: "fake-token" });
  const options = { default: { credential: "fake-id:fake-secret" } };
  const none = shippedResolver({}).resolver;
  assertEquals(await icebergProperties(none, "polaris:rest", options), options.default);
  assertEquals((await rejection(icebergProperties(none, "iceberg:rest"))).code, "not_found");
});
