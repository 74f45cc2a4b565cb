import { assertEquals, assertStringIncludes } from "@std/assert";
import { runExample } from "../support/programs/run_example.ts";
import { startOidcProvider } from "../support/servers/oidc_provider.ts";
import { startTrinoStandIn } from "../support/stand_ins/trino.ts";

Deno.test("the recipe for trino-client queries with a token of a real OAuth server, through the shipped chain", async () => {
  await using oidc = await startOidcProvider();
  await using trino = startTrinoStandIn(async (authorization) => {
    const answer = await fetch(oidc.protectedUrl("urn:alphaswarm:trino"), { headers: { authorization } });
    await answer.body?.cancel();
    return answer.status;
  });
  const { clientId, clientSecret } = oidc.clients.basic;
  const [printed, error] = await runExample("trino.ts", [trino.url, "SELECT 'tables'"], {
    ALPHASWARM_AUTH_M2M_ENABLED: "true",
    ALPHASWARM_AUTH_M2M_TOKEN_URL: oidc.tokenEndpoint,
    ALPHASWARM_AUTH_M2M_CLIENT_ID: clientId,
    ALPHASWARM_AUTH_M2M_CLIENT_SECRET: clientSecret,
  });
  assertEquals(printed, `["SELECT 'tables'"]\n`, error);
  assertEquals(trino.requests, ["POST alphaswarm_runtime 200", "GET alphaswarm_runtime 200"]);
});

Deno.test("the recipe for trino-client names the variables that it needs if no store has a credential", async () => {
  const [, error] = await runExample("trino.ts", ["http://trino.invalid"], {});
  assertStringIncludes(error, "ALPHASWARM_TRINO_USER");
});
