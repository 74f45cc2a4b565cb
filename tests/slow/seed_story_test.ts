import { assertEquals } from "@std/assert";
import { AwsClient } from "npm:aws4fetch@^1.0.20";
import chain from "../../chain.config.ts";
import { createResolver } from "../../mod.ts";
import { aws4fetch } from "../../src/clients/aws.ts";
import { root } from "../support/closed_network/root.ts";
import { startKeycloak } from "../support/servers/keycloak.ts";
import { type Minio, startMinio } from "../support/servers/minio.ts";
import { serverTest } from "../support/servers/server_test_case.ts";

serverTest(
  "the story of the seed, on the servers that people run: no restart, and never the wrong identity",
  ["keycloak", "minio", "mc"],
  async (t) => {
    await using keycloak = await startKeycloak();
    await using minio = await startMinio({ openid: keycloak });
    const directory = await Deno.makeTempDir();
    const resolver = createResolver(chain, {
      env: {
        ALPHASWARM_BOOTSTRAP_STATE_DIR: directory,
        ALPHASWARM_MINIO_ACCESS_KEY: "seed",
        ALPHASWARM_MINIO_SECRET_KEY: "not-a-secret-seed",
        ALPHASWARM_MINIO_ENDPOINT_URL: minio.endpoint,
      },
    });
    const client = aws4fetch(resolver, "minio:static", (keys) => new AwsClient({ ...keys, service: "s3", retries: 0 }));
    const write = async (): Promise<readonly [status: number, source: string]> => {
      const credential = await resolver.resolve("minio:static");
      const object = `${credential.get("endpoint_url")}/${minio.bucket}/object`;
      const { status, body } = await (await client()).fetch(object, { method: "PUT", body: "written" });
      await body?.cancel();
      if (status === 403) resolver.invalidate(credential);
      return [status, credential.source];
    };
    await minio.mc("admin", "user", "add", minio.alias, "alphaswarm_runtime", `fake-${crypto.randomUUID()}`);
    await minio.mc("admin", "policy", "attach", minio.alias, minio.policy, "--user", "alphaswarm_runtime");

    await t.step("the stale seed of the settings is refused", async () => {
      assertEquals(await write(), [403, "env"]);
    });
    await t.step(
      "the bootstrap mints a service account and persists it, and the same client's next call works",
      async () => {
        await bootstrap(minio, directory);
        assertEquals(await write(), [200, "file"]);
      },
    );
    await t.step(
      "the key is removed at the server, and the client is refused with it, not given the seed",
      async () => {
        const key = (await resolver.resolve("minio:static")).get("access_key");
        await minio.mc("admin", "user", "svcacct", "rm", minio.alias, key);
        assertEquals(await write(), [403, "file"]);
        assertEquals(await write(), [403, "file"]);
      },
    );
    await t.step("it is minted again, and the same client's next call works", async () => {
      await bootstrap(minio, directory);
      assertEquals(await write(), [200, "file"]);
    });
    await Deno.remove(directory, { recursive: true });
  },
);

/** Mints a service account with MinIO's client, and pipes what that prints into `persist`, in processes of their own. */
async function bootstrap(minio: Minio, directory: string): Promise<void> {
  const mint = await minio.mc("admin", "user", "svcacct", "add", minio.alias, "alphaswarm_runtime", "--json");
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-lock", "--allow-all", "src/cli/mod.ts", "persist", "minio:static"],
    cwd: root,
    env: { ALPHASWARM_BOOTSTRAP_STATE_DIR: directory },
    stdin: "piped",
    stdout: "null",
  }).spawn();
  await new Response(mint).body!.pipeTo(child.stdin);
  assertEquals((await child.status).success, true);
}
