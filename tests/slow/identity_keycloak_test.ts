/**
 * Chains that start with the token of a pod, in a file that is replaced as Kubernetes replaces it: a token of a real
 * Keycloak, which trusts the cluster's issuer and has no secret of the client, for a real Iceberg REST catalog; and keys of
 * a real MinIO. The issuer is a stand-in for a cluster's: its tokens are signed, and verified by the keys that it publishes.
 */
import { assertEquals, assertGreater, assertNotEquals } from "@std/assert";
import { AwsClient } from "npm:aws4fetch@^1.0.20";
import { createResolver, defineChain, required } from "../../mod.ts";
import { tokenFile } from "../../src/stores/identity/mod.ts";
import { oauth2 } from "../../src/stores/oauth2/oauth2.ts";
import { sts } from "../../src/stores/sts/sts.ts";
import { busyCallers } from "../support/fixtures/busy_callers.ts";
import { expiredOnItsWay } from "../support/fixtures/expired_on_its_way.ts";
import { outcomeOf } from "../support/fixtures/outcome_of.ts";
import { projectToken } from "../support/fixtures/projected_token.ts";
import { until } from "../support/fixtures/until.ts";
import { Page, replaced } from "../support/pages/page.ts";
import { type JwtIssuer, startJwtIssuer } from "../support/servers/jwt_issuer.ts";
import { type Keycloak, startKeycloak } from "../support/servers/keycloak.ts";
import { runKcadm } from "../support/servers/keycloak_commands.ts";
import { type Minio, startMinio } from "../support/servers/minio.ts";
import { type Nessie, startNessie } from "../support/servers/nessie.ts";
import { serverTest } from "../support/servers/server_test_case.ts";

const CALLERS = 20;
const SUBJECT = "system:serviceaccount:default:app";
const GOOD = 'from "keycloak"';
/** The lifetime of what Keycloak and MinIO give, in seconds. */
const LIFETIME = 4;

interface Servers {
  readonly issuer: JwtIssuer;
  readonly keycloak: Keycloak;
  readonly minio: Minio;
  readonly nessie: Nessie;
}

/** Signs a token of the pod's service account. */
function podToken(issuer: JwtIssuer, aud: string, claims: object = {}): Promise<string> {
  const account = { namespace: "default", serviceaccount: { name: "app", uid: "app-uid" } };
  return issuer.sign({ sub: SUBJECT, aud: [aud], "kubernetes.io": account, ...claims });
}

function keycloakResolver({ tokenEndpoint }: Keycloak, path: string, send: typeof fetch = fetch) {
  const chain = defineChain({
    stores: {
      keycloak: oauth2({
        priority: 200,
        tokenEndpoint,
        authentication: "client_assertion",
        clientAssertion: "pod:identity",
        scope: "polaris",
      }),
      pod: tokenFile({ priority: 100, path }),
    },
    credentials: {
      "pod:identity": { fields: { token: required() }, from: { pod: { fields: { token: "token" } } } },
      "polaris:rest": { fields: { token: required() }, from: { keycloak: { fields: { token: "access_token" } } } },
    },
  });
  return createResolver(chain, { fetch: send });
}

function minioResolver({ stsEndpoint: endpoint, roleArn: role }: Minio, path: string) {
  const chain = defineChain({
    stores: {
      sts: sts({ priority: 200, endpoint, role, webIdentity: "pod:identity" }),
      pod: tokenFile({ priority: 100, path }),
    },
    credentials: {
      "pod:identity": { fields: { token: required() }, from: { pod: { fields: { token: "token" } } } },
      "minio:sts": {
        fields: { access_key: required(), secret_key: required(), session_token: required() },
        from: { sts: true },
      },
    },
  });
  return createResolver(chain);
}

serverTest(
  "a pod without a secret reads a real Iceberg catalog and a real S3, renewed under load past rotations of file and keys",
  ["keycloak", "minio", "mc", "nessie"],
  async (t) => {
    await using issuer = await startJwtIssuer();
    await using keycloak = await startKeycloak({ lifetime: LIFETIME });
    await using minio = await startMinio({ openid: issuer });
    await using nessie = await startNessie({ openid: keycloak, minio });
    await trustCluster(keycloak, issuer);
    const servers = { issuer, keycloak, minio, nessie };
    await t.step("Keycloak, renewed under load", () => renewUnderLoad(servers));
    await t.step("what goes wrong at Keycloak", (t) => goWrong(servers, t));
    await t.step("MinIO", () => readBucket(servers));
  },
);

/** Follows the page: Keycloak trusts the issuer of the cluster, and has a client without a secret. */
async function trustCluster(keycloak: Keycloak, { issuer }: JwtIssuer): Promise<void> {
  const [commands] = new Page("src/stores/identity/README.md").blocks("A pod, at Keycloak", "sh");
  const here = replaced(replaced(commands, "https://kubernetes.example", issuer), "-r app", "-r alphaswarm");
  await runKcadm(new URL(keycloak.issuer).origin, here);
  await keycloak.setLifetime("app", LIFETIME);
}

async function renewUnderLoad({ issuer, keycloak, nessie }: Servers): Promise<void> {
  using file = projectToken(await podToken(issuer, keycloak.issuer));
  const asserted: string[] = [];
  const send: typeof fetch = (input, init) => {
    const assertion = new URLSearchParams(String(init?.body)).get("client_assertion");
    if (assertion) asserted.push(assertion);
    return fetch(input, init);
  };
  await using resolver = keycloakResolver(keycloak, file.path, send);
  const tokens = new Set<string>();
  const work = async () => {
    const credential = await resolver.resolve("polaris:rest");
    const token = credential.get("token");
    const answer = await fetch(`${nessie.catalog}/v1/config`, { headers: { authorization: `Bearer ${token}` } });
    await answer.body?.cancel();
    if (expiredOnItsWay(answer.status, credential)) return;
    assertEquals([answer.status, credential.degraded], [200, false]);
    tokens.add(token);
  };
  const replaceFile = async () => {
    const token = await podToken(issuer, keycloak.issuer);
    file.write(token);
    await until("the new token of the pod at Keycloak", () => Promise.resolve(asserted.at(-1) === token || undefined));
  };
  const done = await busyCallers(CALLERS, work, async () => {
    await until("two tokens", () => Promise.resolve(tokens.size > 1 || undefined));
    await replaceFile();
    await issuer.rotate();
    await replaceFile();
  });
  if (Deno.env.get("FIGURES")) console.log({ done, tokens: tokens.size, requests: asserted.length });
  assertGreater(tokens.size, 3);
  assertEquals(new Set(asserted).size, 3);
}

async function readBucket({ issuer, minio }: Servers): Promise<void> {
  const list = async (resolver: ReturnType<typeof minioResolver>) => {
    const keys = await resolver.resolve("minio:sts");
    const [accessKeyId, secretAccessKey] = [keys.get("access_key"), keys.get("secret_key")];
    const sessionToken = keys.get("session_token");
    const client = new AwsClient({ accessKeyId, secretAccessKey, sessionToken, service: "s3", region: minio.region });
    const answer = await client.fetch(`${minio.endpoint}/${minio.bucket}?list-type=2`);
    await answer.body?.cancel();
    return [answer.status, accessKeyId];
  };
  using file = projectToken(await podToken(issuer, "minio-role"));
  await using resolver = minioResolver(minio, file.path);
  const [status, key] = await list(resolver);
  assertEquals(status, 200);
  await issuer.rotate();
  file.write(await podToken(issuer, "minio-role"));
  resolver.invalidate("minio:sts");
  const [again, other] = await list(resolver);
  assertEquals(again, 200);
  assertNotEquals(other, key);
  file.write(await podToken(issuer, "elsewhere"));
  await using cold = minioResolver(minio, file.path);
  assertEquals(
    await outcomeOf(cold.resolve("minio:sts")),
    'denied: "sts" is denied: "pod:identity" from "pod" was refused (HTTP 400, InvalidParameterValue): ' +
      "the token's audience is not the client id that the server expects",
  );
}

async function goWrong({ issuer, keycloak }: Servers, t: Deno.TestContext): Promise<void> {
  const tokenOf = (claims: object = {}) => podToken(issuer, keycloak.issuer, claims);
  const outcome = async (token: string) => {
    using file = projectToken(token);
    await using resolver = keycloakResolver(keycloak, file.path);
    return (await outcomeOf(resolver.resolve("polaris:rest"))).replace(file.path, "FILE");
  };
  const now = Math.floor(Date.now() / 1_000);
  const old = await tokenOf();
  const refused = (status: number) =>
    `denied: "keycloak" is denied: "pod:identity" from "pod" was refused (HTTP ${status}, invalid_client): the server may expect another issuer, subject or audience`;
  const file = (why: string) => `invalid: "keycloak" is invalid: needs "pod:identity": "pod" is invalid: ${why}`;
  const rows: readonly [name: string, token: string, expected: string][] = [
    ["nothing", old, GOOD],
    ["another audience", await podToken(issuer, "elsewhere"), refused(400)],
    ["one more audience", await tokenOf({ aud: [keycloak.issuer, "elsewhere"] }), refused(400)],
    ["a token of two hours", await tokenOf({ exp: now + 7_200 }), GOOD],
    ["a token of two hours, in its second one", await tokenOf({ iat: now - 3_660, exp: now + 3_540 }), refused(400)],
    ["another service account", await tokenOf({ sub: "system:serviceaccount:default:other" }), refused(401)],
    [
      "a token that has expired",
      await tokenOf({ exp: now - 120 }),
      file("the token in FILE expired 2 min ago: renew the file, or correct this machine's clock"),
    ],
    ["half a file", old.slice(0, 40), file("FILE is not a JWT with an expiry (exp)")],
  ];
  for (const [name, token, expected] of rows) {
    await t.step(name, async () => assertEquals(await outcome(token), expected));
  }
  await t.step("the issuer is down: Keycloak knows its keys, and refuses a new one until it can get that", async () => {
    using current = projectToken(old);
    await issuer.pause();
    await using resolver = keycloakResolver(keycloak, current.path);
    const found = () => outcomeOf(resolver.resolve("polaris:rest"));
    assertEquals(await found(), GOOD);
    await issuer.rotate();
    current.write(await tokenOf());
    assertEquals(await outcome(await tokenOf()), refused(401));
    await until("the refusal", async () => await found() === refused(401) || undefined);
    issuer.resume();
    await until("the refusal to heal", async () => await found() === GOOD || undefined);
    assertEquals(await outcome(old), refused(401));
  });
  await t.step("there is no file", async () => {
    using none = projectToken(old);
    none.drop();
    await using resolver = keycloakResolver(keycloak, none.path);
    assertEquals(
      await outcomeOf(resolver.resolve("polaris:rest")),
      'invalid: "keycloak" is invalid: needs "pod:identity": no store has it: supply token in "pod"',
    );
  });
  await t.step("Keycloak is down, while a token is held", async () => {
    using current = projectToken(await tokenOf());
    await using resolver = keycloakResolver(keycloak, current.path);
    await resolver.resolve("polaris:rest");
    await keycloak.stop();
    assertEquals(await outcomeOf(resolver.resolve("polaris:rest")), GOOD);
    const expired = await until("the token to expire", async () => {
      const found = await outcomeOf(resolver.resolve("polaris:rest"));
      return found === GOOD ? undefined : found;
    });
    const down = 'unavailable: "keycloak" is unavailable: no connection to the server: the connection was refused';
    assertEquals([await outcome(await tokenOf()), expired], [down, `${down}; the held token has expired`]);
  });
}
