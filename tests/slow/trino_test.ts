import { assertEquals, assertStringIncludes } from "@std/assert";
import { runExample } from "../support/programs/run_example.ts";
import { startOidcProvider } from "../support/servers/oidc_provider.ts";
import { ends } from "../support/servers/processes.ts";
import { serverTest } from "../support/servers/server_test_case.ts";
import { startTrino } from "../support/servers/trino.ts";

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
