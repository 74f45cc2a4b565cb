import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { trinoIcebergProperties } from "../../src/clients/iceberg.ts";
import { catalogResolver } from "../support/fixtures/catalog_resolver.ts";
import { runExample } from "../support/programs/run_example.ts";
import { startOidcProvider } from "../support/servers/oidc_provider.ts";
import { ends } from "../support/servers/processes.ts";
import { serverTest } from "../support/servers/server_test_case.ts";
import { startTrino } from "../support/servers/trino.ts";
import { unknownTrinoProperties } from "../support/servers/trino_configuration.ts";

serverTest(
  "the recipe for trino-client queries a real Trino with a token of a real OAuth server",
  ["trino"],
  async (t) => {
    await using oidc = await startOidcProvider();
    await using trino = await startTrino({ oidc });
    const certificate = await Deno.makeTempFile({ suffix: ".pem" });
    await Deno.writeTextFile(certificate, trino.certificate);
    const { clientId, clientSecret } = oidc.clients.basic;
    const env = { NODE_EXTRA_CA_CERTS: certificate, ALPHASWARM_TRINO_USER: clientId };
    const query = (more: Record<string, string>) =>
      runExample("trino.ts", [trino.url, "SELECT current_user"], { ...env, ...more });

    await t.step("the query runs as the user of the token", async () => {
      const [printed, error] = await query({
        ALPHASWARM_AUTH_M2M_ENABLED: "true",
        ALPHASWARM_AUTH_M2M_TOKEN_URL: oidc.tokenEndpoint,
        ALPHASWARM_AUTH_M2M_CLIENT_ID: clientId,
        ALPHASWARM_AUTH_M2M_CLIENT_SECRET: clientSecret,
      });
      assertEquals(printed, `["${clientId}"]\n`, error);
    });
    await t.step("a query without a token, or with a token without a valid signature, is refused", async () => {
      for (const more of [{}, { ALPHASWARM_TRINO_TOKEN: "fake-token" }]) {
        const [printed, error] = await query(more);
        assertEquals(printed, "");
        assertStringIncludes(error, "401");
        assertEquals(error.includes("fake-token"), false);
      }
    });
    await t.step("startTrino() leaves no process behind", async () => {
      await trino.stop();
      assertEquals(await ends(trino.javaPid), true);
    });
    await Deno.remove(certificate);
  },
);

serverTest(
  "Trino's Iceberg connector has every property that trinoIcebergProperties() gives, for a token and for a credential",
  ["trino-iceberg"],
  async (t) => {
    const oauth2_server_uri = "https://polaris.example/api/catalog/v1/oauth/tokens";
    const catalog = { "iceberg.rest-catalog.uri": "https://polaris.example/api/catalog" };
    for (const identity of [{ token: "fake-token" }, { credential: "fake-id:fake-secret" }]) {
      await t.step(Object.keys(identity).join(), async () => {
        const resolver = catalogResolver({ ...identity, oauth2_server_uri, scope: "PRINCIPAL_ROLE:ALL" });
        const properties = await trinoIcebergProperties(resolver, "polaris:rest");
        assertEquals(await unknownTrinoProperties({ ...catalog, ...properties }), []);
      });
    }
    await t.step("a property or a value that Trino does not have is noticed", async () => {
      const other = { "iceberg.rest-catalog.oauth2.token-expires-in-ms": "1" };
      assertEquals(await unknownTrinoProperties({ ...catalog, ...other }), Object.keys(other));
      await assertRejects(() => unknownTrinoProperties({ ...catalog, "iceberg.rest-catalog.security": "OAUTH" }));
    });
  },
);
