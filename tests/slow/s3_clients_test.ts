import { assert, assertEquals, assertGreater } from "@std/assert";
import { GetObjectCommand, PutObjectCommand, S3Client } from "npm:@aws-sdk/client-s3@^3.1173.0";
import { AwsClient } from "npm:aws4fetch@^1.0.20";
import { Client } from "npm:minio@^8.0.7";
import { perCredential } from "../../mod.ts";
import { aws4fetch, awsCredentials } from "../../src/clients/aws.ts";
import { runExample } from "../support/programs/run_example.ts";
import { type Ceph, startCeph } from "../support/servers/ceph.ts";
import { type OidcProvider, startOidcProvider } from "../support/servers/oidc_provider.ts";
import { serverTest } from "../support/servers/server_test_case.ts";
import { createSessions } from "../support/tokens/sessions.ts";

/** The lifetime of a temporary credential, in milliseconds. */
const DURATION_MS = 6_000;

/** Creates a resolver of temporary credentials from a real STS, for a token of a real OAuth server. */
function stsResolver(oidc: OidcProvider, ceph: Ceph) {
  return createSessions({
    ...oidc.clients.post,
    tokenEndpoint: oidc.tokenEndpoint,
    authentication: "client_secret_post",
    stsEndpoint: ceph.stsEndpoint,
    role: ceph.roleArn,
    duration: DURATION_MS,
  });
}

/** Writes and reads an object repeatedly, until four credentials were used; returns the number of round trips. */
async function throughExpiries(
  resolver: ReturnType<typeof stsResolver>,
  roundTrip: (text: string) => Promise<string>,
): Promise<number> {
  const used = new Set<string>();
  const end = Date.now() + 10 * DURATION_MS;
  let trips = 0;
  for (; used.size < 4; trips++) {
    assert(Date.now() < end, "Expected four credentials within ten lifetimes");
    assertEquals(await roundTrip(`object ${trips}`), `object ${trips}`);
    used.add((await resolver.resolve("minio:sts")).get("access_key"));
  }
  return trips;
}

serverTest(
  "each S3 client keeps working when its temporary credential expires, on a real gateway",
  ["ceph"],
  async (t) => {
    await using oidc = await startOidcProvider();
    await using ceph = await startCeph({ oidc });
    const { endpoint, region, bucket: Bucket } = ceph;

    await t.step("@aws-sdk/client-s3", async () => {
      const resolver = stsResolver(oidc, ceph);
      const credentials = awsCredentials(resolver, "minio:sts");
      const s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
      const trips = await throughExpiries(resolver, async (text) => {
        await s3.send(new PutObjectCommand({ Bucket, Key: "sdk", Body: text }));
        const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: "sdk" }));
        return await Body!.transformToString();
      });
      assertGreater(trips, 3);
      s3.destroy();
    });

    await t.step("aws4fetch", async () => {
      const resolver = stsResolver(oidc, ceph);
      const s3 = aws4fetch(
        resolver,
        "minio:sts",
        (keys) => new AwsClient({ ...keys, service: "s3", region, retries: 0 }),
      );
      const url = `${endpoint}/${Bucket}/aws4fetch`;
      const trips = await throughExpiries(resolver, async (body) => {
        const put = await (await s3()).fetch(url, { method: "PUT", body });
        assertEquals([put.status, await put.text()], [200, ""]);
        return await (await (await s3()).fetch(url)).text();
      });
      assertGreater(trips, 3);
    });

    await t.step("minio", async () => {
      const resolver = stsResolver(oidc, ceph);
      const { hostname, port } = new URL(endpoint);
      const minio = perCredential(resolver, "minio:sts", (credential) =>
        new Client({
          endPoint: hostname,
          port: Number(port),
          useSSL: false,
          region,
          accessKey: credential.get("access_key"),
          secretKey: credential.get("secret_key"),
          sessionToken: credential.get("session_token"),
        }));
      const trips = await throughExpiries(resolver, async (text) => {
        await (await minio()).putObject(Bucket, "minio", text);
        const parts: Uint8Array[] = [];
        for await (const part of await (await minio()).getObject(Bucket, "minio")) parts.push(part);
        return await new Blob(parts as Uint8Array<ArrayBuffer>[]).text();
      });
      assertGreater(trips, 3);
    });

    await t.step("the recipe for minio, with the credential that bootstrap wrote", async () => {
      const directory = await Deno.makeTempDir();
      const { accessKey, secretKey } = ceph.admin;
      const document = JSON.stringify({ access_key: accessKey, secret_key: secretKey });
      await Deno.writeTextFile(`${directory}/minio-service-account.json`, document);
      const [printed, error] = await runExample("minio.ts", [Bucket], {
        ALPHASWARM_BOOTSTRAP_STATE_DIR: directory,
        ALPHASWARM_MINIO_ENDPOINT_URL: endpoint,
      });
      assertEquals(printed, "aws4fetch\nminio\nsdk\n", error);
      await Deno.remove(directory, { recursive: true });
    });
  },
);
