import { assertEquals } from "@std/assert";
import { makeProject, type Runtime } from "../support/packaging/project.ts";
import { asInstalled, Page } from "../support/pages/page.ts";
import { startOidcProvider } from "../support/servers/oidc_provider.ts";
import { startRedis } from "../support/servers/redis.ts";
import { serverTest } from "../support/servers/server_test_case.ts";
import { installClients } from "../support/share/engine_programs.ts";

const CLI = "node_modules/@alphaswarm/credentials/cli.js";

/** Resolves the token, and prints its digest and how it was obtained. */
const PROGRAM = `
import { createHash } from "node:crypto";
import { createResolver } from "@alphaswarm/credentials";
import chain from "./chain.config.ts";

await using resolver = createResolver(chain);
const { trace, ...credential } = await resolver.resolve("polaris:rest");
const digest = createHash("sha256").update(String((await resolver.resolve("polaris:rest")).get("token"))).digest("hex");
console.log(JSON.stringify({ digest, shared: trace[0].shared }));
`;

for (const runtime of ["node-26", "bun"] as const satisfies readonly Runtime[]) {
  serverTest(
    `the chain of the page on sharing works as it stands there: on ${runtime}, two processes have one token`,
    ["redis"],
    async () => {
      await using redis = await startRedis();
      await using oidc = await startOidcProvider();
      using project = await makeProject();
      Deno.symlinkSync(`${await installClients()}/ioredis`, `${project.directory}/node_modules/ioredis`);
      project.write("chain.config.ts", asInstalled(new Page("src/share/README.md").first("ts")));
      project.write("main.ts", PROGRAM);
      const password = `fake-${crypto.randomUUID()}`;
      await redis.setUser("fleet", password, "~credentials:*", "+eval", "+get", "+psetex", "+time");
      const { clientId, clientSecret } = oidc.clients.basic;
      const seal = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))));
      const env = {
        TOKEN_URL: oidc.tokenEndpoint,
        M2M_CLIENT_ID: clientId,
        M2M_CLIENT_SECRET: clientSecret,
        FLEET_REDIS_URL: `redis://fleet:${password}@127.0.0.1:${redis.port}`,
        FLEET_SEAL_KEY: seal,
      };
      const results = await Promise.all([1, 2].map(() => project.run(runtime, ["main.ts"], env)));
      assertEquals(results.map(({ code, err }) => [code, err]), [[0, ""], [0, ""]]);
      const [one, other] = results.map(({ out }) => JSON.parse(out));
      assertEquals([one.shared, other.shared].sort(), ["minted", "received"]);
      assertEquals([one.digest, await oidc.tokenRequests()], [other.digest, 1]);

      const checked = await project.run(runtime, [CLI, "check", "--json"], env);
      const { credentials, findings } = JSON.parse(checked.out);
      assertEquals([checked.code, checked.err, findings], [0, "", []]);
      assertEquals(credentials.find(({ key }: { key: string }) => key === "polaris:rest").shared, "received");
      assertEquals(await oidc.tokenRequests(), 1);
      for (const secret of [password, seal, clientSecret]) assertEquals(checked.out.includes(secret), false);

      await redis.kill();
      const unshared = await project.run(runtime, [CLI, "check"], env);
      assertEquals([unshared.code, unshared.out.includes("Cannot share tokens by redis")], [1, true], unshared.out);
    },
  );
}
