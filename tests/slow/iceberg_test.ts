import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { IcebergError, IcebergRestCatalog } from "npm:iceberg-js@^1.0.0";
import { createResolver, type Host } from "../../mod.ts";
import { icebergOptions, icebergProperties } from "../../src/clients/iceberg.ts";
import { testClock } from "../../src/testing/mod.ts";
import { catalogResolver } from "../support/fixtures/catalog_resolver.ts";
import { namespacesByJava } from "../support/servers/iceberg_client.ts";
import { type Keycloak, startKeycloak } from "../support/servers/keycloak.ts";
import { startMinio } from "../support/servers/minio.ts";
import { type Nessie, startNessie } from "../support/servers/nessie.ts";
import { serverTest } from "../support/servers/server_test_case.ts";
import { startCatalogStandIn } from "../support/stand_ins/iceberg_catalog.ts";
import { m2mChain } from "../support/tokens/m2m_chain.ts";

/** The lifetime of the tokens in seconds. */
const LIFETIME = 4;
/** How long to wait at most until the catalog refuses an expired token. */
const EXPIRY_TIMEOUT_MS = 30_000;

/** Creates a resolver whose tokens come from Keycloak, which ignores a resource: the scope sets their audience. */
function resolverOf({ tokenEndpoint, clients: { secret } }: Keycloak, host: Partial<Host> = {}) {
  const chain = m2mChain(secret.clientId, secret.clientSecret, { tokenEndpoint }, { scope: "polaris" });
  return createResolver(chain, host);
}

function catalogOf({ catalog: baseUrl, warehouse }: Nessie, resolver: ReturnType<typeof resolverOf>) {
  return new IcebergRestCatalog({ baseUrl, warehouse, ...icebergOptions(resolver, "polaris:rest") });
}

/** Asks the catalog with a token, without a client. */
async function statusOf({ catalog }: Nessie, token: string): Promise<number> {
  const answer = await fetch(`${catalog}/v1/config`, { headers: { authorization: `Bearer ${token}` } });
  await answer.body?.cancel();
  return answer.status;
}

serverTest("icebergOptions() authenticates iceberg-js at a real Iceberg REST catalog with tokens of a real Keycloak", [
  "keycloak",
  "minio",
  "mc",
  "nessie",
  "iceberg",
], async (t) => {
  await using keycloak = await startKeycloak({ lifetime: LIFETIME });
  await using minio = await startMinio({ openid: keycloak });
  await using nessie = await startNessie({ openid: keycloak, minio });

  await t.step("a namespace and a table are created, and found again", async () => {
    const catalog = catalogOf(nessie, resolverOf(keycloak));
    await catalog.createNamespace({ namespace: ["sales"] });
    assertEquals(await catalog.listNamespaces().then(({ namespaces }) => namespaces), [{ namespace: ["sales"] }]);
    const fields = [{ id: 1, name: "id", type: "long", required: true }];
    // Hint: Nessie wants it said that the table is not only staged.
    const schema = { type: "struct" as const, "schema-id": 0, fields };
    await catalog.createTable({ namespace: ["sales"] }, { name: "orders", schema, "stage-create": false });
    const table = await catalog.loadTable({ namespace: ["sales"], name: "orders" });
    assertEquals(table.schemas[0]?.fields, fields);
  });
  await t.step("requests go on past the end of each token, which is renewed before it", async () => {
    const resolver = resolverOf(keycloak);
    const catalog = catalogOf(nessie, resolver);
    const tokens = new Set<string>();
    const end = Date.now() + EXPIRY_TIMEOUT_MS;
    while (tokens.size < 3) {
      assert(Date.now() < end);
      await catalog.listNamespaces();
      tokens.add((await resolver.resolve("polaris:rest")).get("token"));
    }
  });
  await t.step("a token that has expired at the catalog, unnoticed, is renewed within the request", async () => {
    // Hint: for this resolver no time passes, so the catalog is the first to know.
    const resolver = resolverOf(keycloak, { clock: testClock() });
    const catalog = catalogOf(nessie, resolver);
    await catalog.listNamespaces();
    const token = (await resolver.resolve("polaris:rest")).get("token");
    const end = Date.now() + EXPIRY_TIMEOUT_MS;
    while (await statusOf(nessie, token) !== 401) assert(Date.now() < end);
    assertEquals((await resolver.resolve("polaris:rest")).get("token"), token);
    await catalog.listNamespaces();
    assertNotEquals((await resolver.resolve("polaris:rest")).get("token"), token);
  });
  await t.step(
    "Iceberg's client for Java takes the properties of a token, and of a credential with which it gets its own",
    async () => {
      const { clientId, clientSecret } = keycloak.clients.secret;
      // Hint: on a busy machine, Java takes longer to start than the other tokens live.
      await keycloak.setLifetime(clientId, 300);
      const given = {
        credential: `${clientId}:${clientSecret}`,
        oauth2_server_uri: keycloak.tokenEndpoint,
        scope: "polaris",
      };
      const identities = [
        await icebergProperties(resolverOf(keycloak), "polaris:rest"),
        await icebergProperties(catalogResolver(given), "polaris:rest"),
      ];
      for (const properties of identities) assertEquals(await namespacesByJava(nessie, { ...properties }), ["sales"]);
    },
  );
  await t.step("a forged token is refused, in an error without the token", async () => {
    const [header, payload] = (await resolverOf(keycloak).resolve("polaris:rest")).get("token").split(".");
    const forged = `${header}.${payload}.${btoa("forged").replaceAll("=", "")}`;
    const { catalog: baseUrl, warehouse } = nessie;
    const options = icebergOptions(catalogResolver({ token: forged }), "polaris:rest");
    const catalog = new IcebergRestCatalog({ baseUrl, warehouse, ...options });
    const error = await assertRejects(() => catalog.listNamespaces(), IcebergError);
    assertEquals(error.status, 401);
    assertEquals(Deno.inspect(error, { depth: 10, showHidden: true }).includes(payload!), false);
  });
});

serverTest(
  "icebergProperties() keeps Iceberg's client for Java from exchanging a token that only the resolver can renew",
  ["iceberg"],
  async () => {
    await using standIn = startCatalogStandIn(() => 200);
    const exchanges = () => standIn.requests.filter((request) => request.startsWith("POST /v1/oauth/tokens")).length;
    const client = { catalog: standIn.url, ms: 5_000 };
    const soon = { "token-expires-in-ms": "4000" };
    const properties = {
      ...await icebergProperties(catalogResolver({ token: "fake-token" }), "polaris:rest"),
      ...soon,
    };
    await namespacesByJava(client, properties);
    assertEquals(exchanges(), 0);
    await namespacesByJava(client, { "rest.auth.type": "oauth2", token: "fake-token", ...soon });
    assertNotEquals(exchanges(), 0);
  },
);
