import { assertEquals, assertGreater, assertLessOrEqual } from "@std/assert";
import { AwsClient } from "npm:aws4fetch@^1.0.20";
import chain from "../../chain.config.ts";
import { createResolver } from "../../mod.ts";
import { aws4fetch } from "../../src/clients/aws.ts";
import { icebergOptions } from "../../src/clients/iceberg.ts";
import { root } from "../support/closed_network/root.ts";
import { callSteadily, HEAD, row, type Seen, seen } from "../support/outages/steady_calls.ts";
import { type Keycloak, startKeycloak } from "../support/servers/keycloak.ts";
import { type Minio, startMinio } from "../support/servers/minio.ts";
import { type Nessie, startNessie } from "../support/servers/nessie.ts";
import { serverTest } from "../support/servers/server_test_case.ts";

/** The lifetime of the provider's tokens, in seconds. */
const LIFETIME = 4;
/** The time between two calls of one client, in milliseconds. */
const EVERY_MS = 100;
const SECOND = 1_000;
/** Within this time after the provider is back, so are its clients. */
const RECOVERY_MS = 15 * SECOND;
/** Whom the bootstrap mints service accounts for. */
const USER = "alphaswarm_runtime";

serverTest(
  "the seed is replaced without a restart, and outages of the identity provider are over for all clients within 15 s",
  ["keycloak", "minio", "mc", "nessie"],
  async (t) => {
    await using keycloak = await startKeycloak({ lifetime: LIFETIME });
    await using minio = await startMinio({ openid: keycloak });
    await using nessie = await startNessie({ openid: keycloak, minio });
    const directory = await Deno.makeTempDir();
    const { resolver, catalog, minted, temporary } = clientsOf({ keycloak, minio, nessie, directory });
    await minio.addUser(USER);
    const write = async (): Promise<readonly [status: number, source: string]> => {
      const credential = await resolver.resolve("minio:static");
      const status = await minted();
      if (status === 403) resolver.invalidate(credential);
      return [status, credential.source];
    };

    await t.step("the stale seed of the settings is refused", async () => {
      assertEquals(await write(), [403, "env"]);
    });
    await t.step("the bootstrap mints and persists a service account, and the client's next call works", async () => {
      await bootstrap(minio, directory);
      assertEquals(await write(), [200, "file"]);
    });
    await t.step(
      "its key is removed at the server: the client is refused, and not given the seed instead",
      async () => {
        const key = (await resolver.resolve("minio:static")).get("access_key");
        await minio.mc("admin", "user", "svcacct", "rm", minio.alias, key);
        assertEquals([await write(), await write()], [[403, "file"], [403, "file"]]);
      },
    );
    await t.step("it is minted again, and the client's next call works", async () => {
      await bootstrap(minio, directory);
      assertEquals(await write(), [200, "file"]);
    });

    const table = [HEAD];
    /** Calls with every client while something happens and for a while after it, and asserts when the last call failed. */
    const during = async (happening: string, happen: () => Promise<void>): Promise<readonly [Seen, Seen]> => {
      const start = performance.now();
      let overAt = 0;
      const until = happen().then(() => {
        overAt = performance.now() - start;
        return delay(RECOVERY_MS + 5 * SECOND);
      });
      const clients = { "the catalog": catalog, "S3, temporary keys": temporary, "S3, minted keys": minted };
      const all = await Promise.all(
        Object.values(clients).map(async (send) => seen(await callSteadily(send, EVERY_MS, until))),
      );
      const names = Object.keys(clients);
      for (const [at, each] of all.entries()) table.push(row(happening, names[at]!, each));
      for (const each of all) assertLessOrEqual(each.lastFailureMs, overAt + RECOVERY_MS, table.join("\n"));
      const [ofCatalog, ofTemporary, ofMinted] = all;
      assertEquals(ofMinted!.failed, {}, "Expected nothing to fail that does not need the provider");
      return [ofCatalog!, ofTemporary!];
    };
    for (const send of [catalog, temporary, minted]) assertEquals(await send(), 200);

    await t.step("tokens of 4 s are renewed for a minute, and no call fails", async () => {
      for (const { calls, failed } of await during("tokens of 4 s", () => delay(40 * SECOND))) {
        assertEquals(failed, {});
        assertGreater(calls, 300);
      }
    });
    await t.step("the provider answers nobody for 20 s: no dead token is sent, and callers are told why", async () => {
      const stopped = async (): Promise<void> => {
        await keycloak.pause();
        await delay(20 * SECOND);
        await keycloak.resume();
      };
      for (const { failed } of await during("no answer for 20 s", stopped)) {
        assertEquals(Object.keys(failed), ["unavailable"]);
      }
    });
    await t.step("the provider is restarted with new keys, which each service finds by itself", async () => {
      const restarted = () => keycloak.restart({ newKeys: true });
      const [ofCatalog, ofTemporary] = await during("restart with new keys", restarted);
      assertEquals(Object.keys(ofTemporary.failed), ["unavailable"]);
      // Hint: the catalog refuses the first tokens that new keys signed, until it has looked for the keys.
      const { unavailable: _, "HTTP 401": __, ...others } = ofCatalog.failed;
      assertEquals(others, {});
    });
    console.log(table.join("\n"));
    await Deno.remove(directory, { recursive: true });
  },
);

interface Platform {
  readonly keycloak: Keycloak;
  readonly minio: Minio;
  readonly nessie: Nessie;
  readonly directory: string;
}

/** The clients of the catalog and of the S3-compatible store, with the shipped chain and variables alone. */
function clientsOf({ keycloak, minio, nessie, directory }: Platform) {
  const { clientId, clientSecret } = keycloak.clients.secret;
  const resolver = createResolver(chain, {
    env: {
      ALPHASWARM_BOOTSTRAP_STATE_DIR: directory,
      ALPHASWARM_MINIO_ACCESS_KEY: "seed",
      ALPHASWARM_MINIO_SECRET_KEY: "not-a-secret-seed",
      ALPHASWARM_MINIO_ENDPOINT_URL: minio.endpoint,
      ALPHASWARM_MINIO_STS_URL: minio.stsEndpoint,
      ALPHASWARM_AUTH_M2M_ENABLED: "true",
      ALPHASWARM_AUTH_M2M_ISSUER: keycloak.issuer,
      ALPHASWARM_AUTH_M2M_CLIENT_ID: clientId,
      ALPHASWARM_AUTH_M2M_CLIENT_SECRET: clientSecret,
      ALPHASWARM_AUTH_M2M_RESOURCE_PARAMETER: "none",
      ALPHASWARM_AUTH_M2M_POLARIS_SCOPE: "polaris",
      ALPHASWARM_AUTH_M2M_MINIO_SCOPE: "minio",
    },
  });
  const statusOf = async ({ status, body }: Response): Promise<number> => {
    await body?.cancel();
    return status;
  };
  const { fetch } = icebergOptions(resolver, "polaris:rest");
  const writer = (key: "minio:static" | "minio:sts") => {
    const s3 = aws4fetch(
      resolver,
      key,
      (keys, credential) =>
        Object.assign(new AwsClient({ ...keys, service: "s3", retries: 0 }), {
          object: `${credential.get("endpoint_url")}/${minio.bucket}/object`,
        }),
    );
    return async () => {
      const client = await s3();
      return await statusOf(await client.fetch(client.object, { method: "PUT", body: "written" }));
    };
  };
  return {
    resolver,
    catalog: async () => await statusOf(await fetch(`${nessie.catalog}/v1/config?warehouse=${nessie.warehouse}`)),
    minted: writer("minio:static"),
    temporary: writer("minio:sts"),
  };
}

/** Mints a service account with MinIO's client, and pipes what that prints into `persist`, in processes of their own. */
async function bootstrap(minio: Minio, directory: string): Promise<void> {
  const mint = await minio.mc("admin", "user", "svcacct", "add", minio.alias, USER, "--json");
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

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
