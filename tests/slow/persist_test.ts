import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { AwsClient } from "npm:aws4fetch@^1.0.20";
import { createResolver } from "../../mod.ts";
import chain from "../../chain.config.ts";
import { makeDirectory } from "../support/fixtures/directory.ts";
import { runCli } from "../support/programs/run_cli.ts";
import { startMinio } from "../support/servers/minio.ts";
import { startOidcProvider } from "../support/servers/oidc_provider.ts";
import { serverTest } from "../support/servers/server_test_case.ts";

serverTest(
  "what mc prints is piped into persist, and MinIO accepts the credential that is read back",
  ["minio", "mc"],
  async () => {
    await using oidc = await startOidcProvider();
    await using minio = await startMinio({ openid: oidc });
    const { mc, alias } = minio;
    const directory = makeDirectory();
    const env = { ALPHASWARM_BOOTSTRAP_STATE_DIR: directory.path };
    const persist = (input: string) =>
      runCli(["persist", "minio:static"], { env, flags: ["--allow-env", "--allow-read", "--allow-write"], input });
    try {
      await minio.addUser("runtime");
      const printed = await mc("admin", "user", "svcacct", "add", alias, "runtime", "--json");
      const { accessKey, secretKey } = JSON.parse(printed);
      const { code, out, err } = await persist(printed);
      assertEquals([code, err, out.includes(accessKey), out.includes(secretKey)], [0, "", false, false]);
      assertEquals(JSON.parse(Deno.readTextFileSync(`${directory.path}/minio-service-account.json`)), {
        accessKey,
        secretKey,
      });
      const found = await createResolver(chain, { env }).resolve("minio:static");
      const keys = { accessKeyId: found.get("access_key"), secretAccessKey: found.get("secret_key") };
      const s3 = new AwsClient({ ...keys, service: "s3", region: found.get("region") });
      const { status } = await s3.fetch(`${minio.endpoint}/${minio.bucket}/object`, { method: "PUT", body: "text" });
      assertEquals([found.source, status], ["file", 200]);

      const failing = await assertRejects(
        () => mc("admin", "user", "svcacct", "add", alias, "nobody", "--json"),
        Error,
      );
      const failure = failing.message.slice(failing.message.indexOf("{"));
      assert(JSON.parse(failure).status === "error");
      const refused = await persist(failure);
      assertEquals([refused.code, refused.out], [1, ""]);
      assertStringIncludes(refused.err.replaceAll(/\s+/g, " "), '"file" reads accessKey and secretKey');
      assertEquals(refused.err.includes("nobody"), false);
    } finally {
      directory.remove();
    }
  },
);
