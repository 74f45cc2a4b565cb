import { assert, assertEquals, assertMatch } from "@std/assert";
import { AwsClient } from "npm:aws4fetch@^1.0.20";
import { type Ceph, startCeph } from "../support/servers/ceph.ts";
import { type OidcProvider, startOidcProvider } from "../support/servers/oidc_provider.ts";
import { ends, killWhenReady, runs } from "../support/servers/processes.ts";
import { serverTest } from "../support/servers/server_test_case.ts";

interface Session {
  readonly accessKey: string;
  readonly secretKey: string;
  readonly sessionToken: string | undefined;
}

async function webIdentity(oidc: OidcProvider, resource = "urn:alphaswarm:minio"): Promise<string> {
  const { clientId, clientSecret } = oidc.clients.post;
  const answer = await fetch(oidc.tokenEndpoint, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: clientId,
      client_secret: clientSecret,
      resource,
    }),
  });
  return (await answer.json()).access_token;
}

async function assume(ceph: Ceph, token: string, changes: Record<string, string> = {}): Promise<[number, string]> {
  const body = new URLSearchParams({
    Action: "AssumeRoleWithWebIdentity",
    Version: "2011-06-15",
    RoleArn: ceph.roleArn,
    RoleSessionName: "tests",
    DurationSeconds: "900",
    WebIdentityToken: token,
    ...changes,
  });
  const answer = await fetch(ceph.stsEndpoint, { method: "POST", body });
  return [answer.status, await answer.text()];
}

function sessionOf([status, xml]: [number, string]): Session {
  assertEquals(status, 200, xml);
  const member = (name: string): string => new RegExp(`<${name}>([^<]+)</${name}>`).exec(xml)?.[1] ?? "";
  const [accessKey, secretKey] = [member("AccessKeyId"), member("SecretAccessKey")];
  return { accessKey, secretKey, sessionToken: member("SessionToken") };
}

async function s3(ceph: Ceph, session: Session, method: string, body?: string): Promise<[number, string]> {
  const client = new AwsClient({
    accessKeyId: session.accessKey,
    secretAccessKey: session.secretKey,
    ...session.sessionToken === undefined ? {} : { sessionToken: session.sessionToken },
    service: "s3",
    region: ceph.region,
    retries: 0,
  });
  const answer = await client.fetch(`${ceph.endpoint}/${ceph.bucket}/object`, {
    method,
    ...body === undefined ? {} : { body },
  });
  return [answer.status, await answer.text()];
}

serverTest("startCeph() lets a token for the bucket's role write and read an object", ["ceph"], async (t) => {
  await using oidc = await startOidcProvider();
  await using ceph = await startCeph({ oidc });
  const token = await webIdentity(oidc);
  const session = sessionOf(await assume(ceph, token));

  await t.step("PUT and GET with the temporary credential", async () => {
    assertEquals((await s3(ceph, session, "PUT", "hello"))[0], 200);
    assertEquals(await s3(ceph, session, "GET"), [200, "hello"]);
  });
  await t.step("PUT and GET with the static credential", async () => {
    const session = { ...ceph.admin, sessionToken: undefined };
    assertEquals((await s3(ceph, session, "PUT", "hello again"))[0], 200);
    assertEquals(await s3(ceph, session, "GET"), [200, "hello again"]);
  });
  await t.step("no session token, or a wrong secret key, is refused", async () => {
    assertEquals((await s3(ceph, { ...session, sessionToken: undefined }, "GET"))[0], 403);
    assertEquals((await s3(ceph, { ...session, secretKey: "fake-wrong" }, "GET"))[0], 403);
  });
  await t.step("a tampered token is refused", async () => {
    const [header, , signature] = token.split(".");
    const claims = { iss: oidc.issuer, aud: "urn:alphaswarm:minio", sub: "root", exp: 4_000_000_000 };
    const forged = [
      header,
      new TextEncoder().encode(JSON.stringify(claims)).toBase64({ alphabet: "base64url" }),
      signature,
    ];
    const [status, xml] = await assume(ceph, forged.join("."));
    assert(status >= 400 && status < 500, xml);
  });
  await t.step("a token for another resource is refused", async () => {
    const [status, xml] = await assume(ceph, await webIdentity(oidc, "urn:alphaswarm:trino"));
    assert(status >= 400 && status < 500, xml);
  });
  await t.step("an unknown role is refused", async () => {
    const [status, xml] = await assume(ceph, token, { RoleArn: "arn:aws:iam:::role/unknown" });
    assert(status >= 400 && status < 500, xml);
  });
  await t.step("the action that only MinIO has is refused", async () => {
    assertEquals((await assume(ceph, token, { Action: "AssumeRoleWithClientGrants" }))[0], 405);
  });
  await t.step("a session name of one character is refused", async () => {
    assertEquals((await assume(ceph, token, { RoleSessionName: "x" }))[0], 400);
  });
});

serverTest("startCeph() refuses a credential of three seconds after its expiry", ["ceph"], async () => {
  await using oidc = await startOidcProvider();
  await using ceph = await startCeph({ oidc });
  const answer = await assume(ceph, await webIdentity(oidc), { DurationSeconds: "3" });
  const session = sessionOf(answer);
  const expiry = Date.parse(/<Expiration>(?<at>[^<]+)</.exec(answer[1])?.groups?.at ?? "");
  assert(expiry - Date.now() <= 3_000, answer[1]);
  assertEquals((await s3(ceph, session, "PUT", "hello"))[0], 200);
  const end = Date.now() + 8_000;
  while ((await s3(ceph, session, "GET"))[0] === 200 && Date.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const [status, xml] = await s3(ceph, session, "GET");
  assertEquals(status, 403);
  assertMatch(xml, /<Code>AccessDenied</);
});

serverTest("startCeph() leaves neither processes nor files behind when it is stopped", ["ceph"], async () => {
  await using oidc = await startOidcProvider();
  const ceph = await startCeph({ oidc });
  await ceph.stop();
  for (const pid of ceph.pids) assertEquals(await runs(pid), false);
  assertEquals(await exists(ceph.directory), false);
});

serverTest("startCeph() leaves neither processes nor files behind when the runner is killed", ["ceph"], async () => {
  const url = (name: string): string => JSON.stringify(new URL(`../support/servers/${name}`, import.meta.url).href);
  const line = await killWhenReady(`
    const { startOidcProvider } = await import(${url("oidc_provider.ts")});
    const { startCeph } = await import(${url("ceph.ts")});
    const { pid, pids, directory } = await startCeph({ oidc: await startOidcProvider() });
    console.log(JSON.stringify({ all: [pid, ...pids], directory }))
  `);
  const { all, directory } = JSON.parse(line);
  assertEquals(all.length, 4);
  for (const pid of all) assertEquals(await ends(pid), true);
  assertEquals(await exists(directory), false);
});

serverTest("startCeph() leaves no daemon behind when its watcher is killed", ["ceph"], async () => {
  await using oidc = await startOidcProvider();
  await using ceph = await startCeph({ oidc });
  Deno.kill(ceph.pid, "SIGKILL");
  for (const pid of ceph.pids) assertEquals(await ends(pid), true);
  await Deno.remove(ceph.directory, { recursive: true });
});

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
