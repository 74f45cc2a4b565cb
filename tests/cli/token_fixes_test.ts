import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { createResolver } from "../../mod.ts";
import { describeRoute } from "../../src/route/mod.ts";
import { rootUrl } from "../support/closed_network/root.ts";
import { makeDirectory } from "../support/fixtures/directory.ts";
import { runCli, tooWide } from "../support/programs/run_cli.ts";
import { startOidcProvider } from "../support/servers/oidc_provider.ts";
import { m2mChain } from "../support/tokens/m2m_chain.ts";

const TOKEN = "obviously-fake.token";
const FLAGS = ["--allow-env", "--allow-read", "--allow-net=127.0.0.1,localhost"];

/** Resolves a token, serves the describe route of the process, and describes that from another one. */
async function describeLive(chain: ReturnType<typeof m2mChain>): Promise<string> {
  const resolver = createResolver(chain);
  await resolver.resolve("polaris:rest").catch(() => {});
  const route = describeRoute(resolver, { auth: { token: TOKEN } });
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => route.fetch(request),
  );
  const args = ["describe", "--url", `http://127.0.0.1:${server.addr.port}/`, "--token-env", "ROUTE_TOKEN"];
  const { code, out, err } = await runCli(args, { flags: FLAGS, env: { ROUTE_TOKEN: TOKEN } });
  assertEquals([code, err, tooWide(out)], [0, "", []]);
  return out.replace(/\s+/g, " ");
}

Deno.test("describe --url of a process whose client was refused says to correct that, and not to permit something", async () => {
  await using oidc = await startOidcProvider();
  const { clientId } = oidc.clients.basic;
  const out = await describeLive(m2mChain(clientId, "not-the-secret", { tokenEndpoint: oidc.tokenEndpoint }));
  assertMatch(
    out,
    / m2m "m2m:client" from "memory" was refused \(HTTP 401, invalid_client\) fix Correct the credential that it needs\. It is not /,
  );
  assertMatch(out, / error polaris:rest - m2m is denied /);
  assertEquals(/permission|document/.test(out), false);
});

Deno.test("describe --url of a process whose option is wrong says to correct that, and not to write a document", async () => {
  await using oidc = await startOidcProvider();
  const { clientId, clientSecret } = oidc.clients.basic;
  const tokenEndpoint = `${oidc.issuer}/nothing-is-here`;
  const out = await describeLive(m2mChain(clientId, clientSecret, { tokenEndpoint }));
  assertMatch(
    out,
    / m2m the server answered HTTP 404: tokenEndpoint may be wrong fix Correct the option or the request that it names\./,
  );
  assertMatch(out, / error polaris:rest - m2m is invalid /);
  assertEquals(/Write the|remove it/.test(out), false);
});

Deno.test("check names the credential to correct where a token store's client was refused, and to supply where it is missing", async () => {
  await using oidc = await startOidcProvider();
  const directory = makeDirectory();
  const check = async (env: Readonly<Record<string, string>>) => {
    const { code, out } = await runCli(
      ["check", "polaris:rest", "--config", new URL("chain.config.ts", rootUrl).pathname],
      {
        cwd: directory.path,
        flags: FLAGS,
        env: { ALPHASWARM_AUTH_M2M_ENABLED: "true", ALPHASWARM_AUTH_M2M_TOKEN_URL: oidc.tokenEndpoint, ...env },
      },
    );
    assertEquals([code, tooWide(out)], [1, []]);
    return out.replace(/\s+/g, " ");
  };
  try {
    const client = { ALPHASWARM_AUTH_M2M_CLIENT_ID: "basic", ALPHASWARM_AUTH_M2M_CLIENT_SECRET: "not-the-secret" };
    assertStringIncludes(await check(client), 'fix Correct "m2m:client", or what the server grants to it. It is not ');
    assertStringIncludes(await check({}), 'fix Supply "m2m:client". It is not skipped');
    const { ALPHASWARM_AUTH_M2M_CLIENT_ID } = client;
    assertStringIncludes(
      await check({ ALPHASWARM_AUTH_M2M_CLIENT_ID }),
      "error m2m:client, and so polaris:rest env lacks ALPHASWARM_AUTH_M2M_CLIENT_SECRET, " +
        "ALPHASWARM_AUTH_M2M_PRIVATE_KEY fix Add the rest, or remove what is there",
    );
  } finally {
    directory.remove();
  }
});
