import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { IcebergError, IcebergRestCatalog } from "npm:iceberg-js@^1.0.0";
import { icebergOptions } from "../../src/clients/iceberg.ts";
import { mintingResolver } from "../support/fixtures/minting_resolver.ts";
import { shippedResolver } from "../support/fixtures/shipped_resolver.ts";
import { type OidcProvider, startOidcProvider } from "../support/servers/oidc_provider.ts";
import { startCatalogStandIn } from "../support/stand_ins/iceberg_catalog.ts";
import { listening } from "../support/stand_ins/listening.ts";

const POLARIS = "urn:alphaswarm:polaris";

/** The variables with which the shipped chain gets its tokens from a provider. */
function m2m({ clients: { basic }, tokenEndpoint }: OidcProvider): Record<string, string> {
  return {
    ALPHASWARM_AUTH_M2M_ENABLED: "true",
    ALPHASWARM_AUTH_M2M_TOKEN_URL: tokenEndpoint,
    ALPHASWARM_AUTH_M2M_CLIENT_ID: basic.clientId,
    ALPHASWARM_AUTH_M2M_CLIENT_SECRET: basic.clientSecret,
  };
}

/** Reads a response to its end. */
async function discarded(response: Promise<Response>): Promise<Response> {
  await (await response).body?.cancel();
  return await response;
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

Deno.test("icebergOptions() renews a token that the catalog reports as expired with the specification's 419, or with 401", async (t) => {
  for (const status of [419, 401]) {
    await t.step(`${status}`, async () => {
      await using standIn = startCatalogStandIn((authorization) =>
        authorization === "Bearer fake-token-1" ? status : 200
      );
      const { mint, resolver } = mintingResolver();
      const catalog = new IcebergRestCatalog({ baseUrl: standIn.url, ...icebergOptions(resolver, "api:bearer") });
      await catalog.createNamespace({ namespace: ["first"] });
      assertEquals(standIn.requests, [`POST /v1/namespaces ${status}`, "POST /v1/namespaces 200"]);
      assertEquals(mint.asked.length, 2);
    });
  }
});

Deno.test("icebergOptions() renews on the statuses that it is given, and on no other", async () => {
  const statuses: Record<string, number> = { "Bearer fake-token-1": 403, "Bearer fake-token-2": 440 };
  await using standIn = startCatalogStandIn((authorization) => statuses[authorization] ?? 200);
  const { mint, resolver } = mintingResolver();
  const { fetch } = icebergOptions(resolver, "api:bearer", { refreshOn: [440] });
  const status = async () => (await discarded(fetch(`${standIn.url}/v1/namespaces`))).status;
  assertEquals([await status(), mint.asked.length], [403, 1]);
  resolver.invalidate("api:bearer");
  assertEquals([await status(), mint.asked.length], [440, 2]);
});

Deno.test("icebergOptions() gives the caller a second refusal instead of asking for one token after the other", async () => {
  await using standIn = startCatalogStandIn(() => 419);
  const { mint, resolver } = mintingResolver();
  const catalog = new IcebergRestCatalog({ baseUrl: standIn.url, ...icebergOptions(resolver, "api:bearer") });
  const error = await assertRejects(() => catalog.listNamespaces(), IcebergError);
  assertEquals([error.status, standIn.requests.length, mint.asked.length], [419, 2, 2]);
});

Deno.test("icebergOptions() does not send a body twice that can be read only once, and follows no redirect with the token", async () => {
  await using standIn = startCatalogStandIn((authorization) => authorization === "Bearer fake-token-2" ? 200 : 419);
  await using elsewhere = listening(({ url }) => Response.redirect(`${standIn.url}${new URL(url).pathname}`, 307));
  const { mint, resolver } = mintingResolver();
  const { fetch } = icebergOptions(resolver, "api:bearer");
  const create = (): RequestInit => ({ method: "POST", body: new Blob(['{"namespace":["first"]}']).stream() });
  const namespaces = `${standIn.url}/v1/namespaces`;
  assertEquals((await discarded(fetch(namespaces, create()))).status, 419);
  assertEquals((await discarded(fetch(namespaces, create()))).status, 200);
  assertEquals((await discarded(fetch(`${elsewhere.url}/v1/namespaces`))).status, 419);
  assertEquals(mint.asked.length, 2);
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
