import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { AwsClient } from "npm:aws4fetch@^1.0.20";
import { type Keycloak, startKeycloak } from "../support/servers/keycloak.ts";
import { type Minio, startMinio } from "../support/servers/minio.ts";
import { startNessie } from "../support/servers/nessie.ts";
import { ends, killWhenReady, runs } from "../support/servers/processes.ts";
import { serverTest } from "../support/servers/server_test_case.ts";

interface Keys {
  readonly accessKey: string;
  readonly secretKey: string;
  readonly sessionToken?: string;
}

async function token(keycloak: Keycloak, scope: string): Promise<string> {
  const { clientId, clientSecret } = keycloak.clients.secret;
  const credential = { client_id: clientId, client_secret: clientSecret };
  const body = new URLSearchParams({ grant_type: "client_credentials", ...credential, scope });
  return (await (await fetch(keycloak.tokenEndpoint, { method: "POST", body })).json()).access_token;
}

/** Exchanges a token for a temporary credential, with the role if one is given; `undefined` if that is refused. */
async function assume(minio: Minio, WebIdentityToken: string, RoleArn?: string): Promise<Keys | undefined> {
  const role = RoleArn === undefined ? {} : { RoleArn, RoleSessionName: "tests" };
  const parameters = { Action: "AssumeRoleWithWebIdentity", Version: "2011-06-15", WebIdentityToken, ...role };
  const answer = await fetch(minio.stsEndpoint, { method: "POST", body: new URLSearchParams(parameters) });
  const xml = await answer.text();
  if (!answer.ok) return undefined;
  const member = (name: string): string => new RegExp(`<${name}>([^<]+)</${name}>`).exec(xml)?.[1] ?? "";
  const [accessKey, secretKey] = [member("AccessKeyId"), member("SecretAccessKey")];
  return { accessKey, secretKey, sessionToken: member("SessionToken") };
}

async function request(minio: Minio, keys: Keys, method: "GET" | "PUT"): Promise<number> {
  const { accessKey: accessKeyId, secretKey: secretAccessKey, sessionToken } = keys;
  const session = sessionToken === undefined ? {} : { sessionToken };
  const s3 = new AwsClient({
    accessKeyId,
    secretAccessKey,
    ...session,
    service: "s3",
    region: minio.region,
    retries: 0,
  });
  const body = method === "PUT" ? { body: "hello" } : {};
  const answer = await s3.fetch(`${minio.endpoint}/${minio.bucket}/object`, { method, ...body });
  await answer.body?.cancel();
  return answer.status;
}

serverTest(
  "startMinio() and startNessie() accept the tokens of a real Keycloak that are for them, and no others",
  ["keycloak", "minio", "mc", "nessie"],
  async (t) => {
    await using keycloak = await startKeycloak({ policy: "readonly" });
    await using minio = await startMinio({ openid: keycloak });
    await using nessie = await startNessie({ openid: keycloak, minio });

    await t.step("the claim of a token names the policy of its credential", async () => {
      const keys = await assume(minio, await token(keycloak, "minio"));
      assertEquals([await request(minio, keys!, "PUT"), await request(minio, minio.admin, "PUT")], [403, 200]);
      assertEquals(await request(minio, keys!, "GET"), 200);
    });
    await t.step("the role has a policy of its own", async () => {
      const keys = await assume(minio, await token(keycloak, "minio"), minio.roleArn);
      assertEquals([await request(minio, keys!, "PUT"), await request(minio, keys!, "GET")], [200, 200]);
      const { sessionToken: _, ...incomplete } = keys!;
      assertEquals(await request(minio, incomplete, "GET"), 403);
    });
    await t.step("a token for another audience, or a tampered one, is refused", async () => {
      assertEquals(await assume(minio, await token(keycloak, "trino")), undefined);
      assertEquals(await assume(minio, await token(keycloak, "trino"), minio.roleArn), undefined);
      assertEquals(await assume(minio, `${(await token(keycloak, "minio")).slice(0, -8)}AAAAAAAA`), undefined);
    });
    await t.step("a service account is minted, limited by a policy, and refused when it is removed", async () => {
      await minio.addUser("app");
      const minted = JSON.parse(await minio.mc("admin", "user", "svcacct", "add", minio.alias, "app", "--json"));
      assertEquals(await request(minio, minted, "GET"), 200);
      await minio.mc("admin", "user", "svcacct", "rm", minio.alias, minted.accessKey);
      assertEquals(await request(minio, minted, "GET"), 403);
      await assertRejects(() => minio.mc("ls", `${minio.alias}/unknown`), Error, "does not exist");
    });
    await t.step("the catalog verifies tokens, and writes to the store", async () => {
      const call = async (path: string, bearer: string | undefined, body?: unknown): Promise<number> => {
        const answer = await fetch(`${nessie.catalog}/v1/${path}`, {
          method: body === undefined ? "GET" : "POST",
          headers: { "content-type": "application/json", ...bearer ? { authorization: `Bearer ${bearer}` } : {} },
          ...body === undefined ? {} : { body: JSON.stringify(body) },
        });
        await answer.body?.cancel();
        return answer.status;
      };
      const bearer = await token(keycloak, "polaris");
      const refused = [undefined, await token(keycloak, "trino"), `${bearer.slice(0, -8)}AAAAAAAA`];
      for (const other of refused) assertEquals(await call("config", other), 401);
      assertEquals(await call(`config?warehouse=${nessie.warehouse}`, bearer), 200);
      assertEquals(await call("main/namespaces", bearer, { namespace: ["tests"], properties: {} }), 200);
      const schema = { type: "struct", fields: [{ id: 1, name: "id", type: "int", required: true }] };
      const table = { "name": "rows", "stage-create": false, "properties": {}, schema };
      assertEquals(await call("main/namespaces/tests/tables", bearer, table), 200);
      assertStringIncludes(await minio.mc("ls", "--recursive", `${minio.alias}/${minio.bucket}`), "metadata.json");
    });
    await t.step("they leave neither processes nor files behind when they are stopped", async () => {
      await Promise.all([nessie.stop(), minio.stop()]);
      for (const pid of [nessie.javaPid, nessie.pid, minio.minioPid, minio.pid]) assertEquals(await runs(pid), false);
      for (const { directory } of [nessie, minio]) assert(await isGone(directory));
    });
  },
);

serverTest(
  "Keycloak, MinIO and Nessie leave neither processes nor files behind when the runner is killed",
  ["keycloak", "minio", "mc", "nessie"],
  async () => {
    const url = (name: string): string => JSON.stringify(new URL(`../support/servers/${name}`, import.meta.url).href);
    const line = await killWhenReady(`
      const { startKeycloak } = await import(${url("keycloak.ts")});
      const { startMinio } = await import(${url("minio.ts")});
      const { startNessie } = await import(${url("nessie.ts")});
      const keycloak = await startKeycloak();
      const minio = await startMinio({ openid: keycloak });
      const nessie = await startNessie({ openid: keycloak, minio });
      const pids = [keycloak.pid, await keycloak.javaPid(), minio.pid, minio.minioPid, nessie.pid, nessie.javaPid];
      console.log(JSON.stringify({ pids, directories: [keycloak, minio, nessie].map(({ directory }) => directory) }))
    `);
    const { pids, directories } = JSON.parse(line);
    assertEquals([pids.length, directories.length], [6, 3]);
    for (const pid of pids) assertEquals(await ends(pid), true);
    for (const directory of directories) assert(await isGone(directory));
  },
);

async function isGone(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => false, (error) => error instanceof Deno.errors.NotFound);
}
