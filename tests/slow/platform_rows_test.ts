/** The shipped chain, pointed at a real data platform by variables alone. */
import { assert, assertEquals } from "@std/assert";
import { AwsClient } from "npm:aws4fetch@^1.0.20";
import chain from "../../chain.config.ts";
import { createResolver } from "../../mod.ts";
import { aws4fetch } from "../../src/clients/aws.ts";
import { type Keycloak, startKeycloak } from "../support/servers/keycloak.ts";
import { type Minio, startMinio } from "../support/servers/minio.ts";
import { type Nessie, startNessie } from "../support/servers/nessie.ts";
import { serverTest } from "../support/servers/server_test_case.ts";

type Variables = Readonly<Record<string, string>>;

interface Platform {
  readonly keycloak: Keycloak;
  readonly minio: Minio;
  readonly nessie: Nessie;
}

/** The variables that all rows have: Keycloak ignores a resource, and takes a scope. */
const KEYCLOAK: Variables = {
  ALPHASWARM_AUTH_M2M_ENABLED: "true",
  ALPHASWARM_AUTH_M2M_RESOURCE_PARAMETER: "none",
  ALPHASWARM_AUTH_M2M_POLARIS_SCOPE: "polaris",
  ALPHASWARM_AUTH_M2M_TRINO_SCOPE: "trino",
  ALPHASWARM_AUTH_M2M_MINIO_SCOPE: "minio",
};

function secretOf({ keycloak }: Platform): Variables {
  const { clientId, clientSecret } = keycloak.clients.secret;
  return { ALPHASWARM_AUTH_M2M_CLIENT_ID: clientId, ALPHASWARM_AUTH_M2M_CLIENT_SECRET: clientSecret };
}

function keyOf({ keycloak }: Platform, key: string): Variables {
  const { clientId, jwk } = keycloak.clients.privateKey;
  return {
    ALPHASWARM_AUTH_M2M_AUTHENTICATION: "private_key_jwt",
    ALPHASWARM_AUTH_M2M_CLIENT_ID: clientId,
    ALPHASWARM_AUTH_M2M_PRIVATE_KEY: key,
    ALPHASWARM_AUTH_M2M_KEY_ID: jwk.kid!,
  };
}

/** How the chain finds Keycloak and authenticates to it. */
const ROWS: Readonly<Record<string, (platform: Platform) => Variables>> = {
  "the token URL and client_secret_basic": (platform) => ({
    ...secretOf(platform),
    ALPHASWARM_AUTH_M2M_TOKEN_URL: platform.keycloak.tokenEndpoint,
  }),
  "the issuer and client_secret_post": (platform) => ({
    ...secretOf(platform),
    ALPHASWARM_AUTH_M2M_AUTHENTICATION: "client_secret_post",
    ALPHASWARM_AUTH_M2M_ISSUER: platform.keycloak.issuer,
  }),
  "the issuer and private_key_jwt with a PEM": (platform) => ({
    ...keyOf(platform, platform.keycloak.clients.privateKey.pem),
    ALPHASWARM_AUTH_M2M_ISSUER: platform.keycloak.issuer,
  }),
  "the token URL and private_key_jwt with a JWK": (platform) => ({
    ...keyOf(platform, JSON.stringify(platform.keycloak.clients.privateKey.jwk)),
    ALPHASWARM_AUTH_M2M_TOKEN_URL: platform.keycloak.tokenEndpoint,
  }),
};

/** Writes and reads an object with one of the chain's credentials; returns both statuses. */
async function roundTrip(minio: Minio, env: Variables, key: "minio:static" | "minio:sts"): Promise<number[]> {
  const resolver = createResolver(chain, { env });
  const s3 = aws4fetch(
    resolver,
    key,
    (keys) => new AwsClient({ ...keys, service: "s3", region: minio.region, retries: 0 }),
  );
  const url = `${minio.endpoint}/${minio.bucket}/object`;
  const statuses: number[] = [];
  for (const options of [{ method: "PUT", body: "hello" }, { method: "GET" }]) {
    const answer = await (await s3()).fetch(url, options);
    await answer.body?.cancel();
    statuses.push(answer.status);
  }
  return statuses;
}

async function readCatalog({ nessie }: Platform, token: string | undefined): Promise<number> {
  const answer = await fetch(`${nessie.catalog}/v1/config`, { headers: { authorization: `Bearer ${token}` } });
  await answer.body?.cancel();
  return answer.status;
}

serverTest(
  "variables alone point the shipped chain at a real Keycloak, MinIO and Nessie",
  ["keycloak", "minio", "mc", "nessie"],
  async (t) => {
    await using keycloak = await startKeycloak({ policy: "readonly" });
    await using minio = await startMinio({ openid: keycloak });
    await using nessie = await startNessie({ openid: keycloak, minio });
    const platform = { keycloak, minio, nessie };
    const sts = { ALPHASWARM_MINIO_STS_URL: minio.stsEndpoint };
    const role = { ...sts, ALPHASWARM_MINIO_STS_ROLE_ARN: minio.roleArn };

    for (const [name, variables] of Object.entries(ROWS)) {
      const env = { ...KEYCLOAK, ...variables(platform) };
      await t.step(`${name}: a token opens the catalog, and one of another scope does not`, async () => {
        const resolver = createResolver(chain, { env });
        const iceberg = await resolver.resolve("iceberg:rest");
        assertEquals([iceberg.source, await readCatalog(platform, iceberg.get("token"))], ["m2m", 200]);
        const trino = await resolver.resolve("trino:basic");
        assertEquals([trino.source, await readCatalog(platform, trino.get("token"))], ["m2m", 401]);
      });
      await t.step(`${name}: MinIO's STS gives what the claim of the token names`, async () => {
        assertEquals(await roundTrip(minio, { ...env, ...role }, "minio:sts"), [200, 200]);
        assertEquals(await roundTrip(minio, { ...env, ...sts }, "minio:sts"), [403, 200]);
      });
    }
    await t.step("the keys that mc prints are used from the bootstrap file, until they are removed", async () => {
      const directory = await Deno.makeTempDir();
      const minted = await minio.mc("admin", "user", "svcacct", "add", minio.alias, minio.admin.accessKey, "--json");
      await Deno.writeTextFile(`${directory}/minio-service-account.json`, minted);
      const env = { ALPHASWARM_BOOTSTRAP_STATE_DIR: directory };
      assertEquals(await roundTrip(minio, env, "minio:static"), [200, 200]);
      await minio.mc("admin", "user", "svcacct", "rm", minio.alias, JSON.parse(minted).accessKey);
      assertEquals(await roundTrip(minio, env, "minio:static"), [403, 403]);
      await Deno.remove(directory, { recursive: true });
    });
    await t.step("a wrong secret is denied by Keycloak, and no other store stands in", async () => {
      const secret = { ...secretOf(platform), ALPHASWARM_AUTH_M2M_CLIENT_SECRET: "fake-wrong" };
      const env = { ...KEYCLOAK, ...secret, ...sts, ALPHASWARM_AUTH_M2M_ISSUER: keycloak.issuer };
      const error = await createResolver(chain, { env }).resolve("minio:sts").then(() => undefined, (error) => error);
      assert(error !== undefined);
      assertEquals([error.code, `${error}`.includes("fake-wrong")], ["denied", false]);
    });
  },
);
