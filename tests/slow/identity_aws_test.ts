/**
 * Chains that start with no secret and end at Secrets Manager and Parameter Store: a web identity in a file, exchanged at
 * an STS; and the keys that a container is given. The services are moto, which verifies the signature, the session token
 * and the permissions of each request, but believes any web identity: the STS that verifies one is in
 * `identity_keycloak_test.ts`. The container's endpoint is a stand-in, which hands out keys of moto.
 */
import { assertEquals, assertGreater } from "@std/assert";
import { createResolver, defineChain, type Host, required } from "../../mod.ts";
import { awsRuntime, parameterStore, secretsManager } from "../../src/stores/aws/mod.ts";
import { tokenFile } from "../../src/stores/identity/mod.ts";
import { sts } from "../../src/stores/sts/sts.ts";
import { busyCallers } from "../support/fixtures/busy_callers.ts";
import { outcomeOf } from "../support/fixtures/outcome_of.ts";
import { projectToken } from "../support/fixtures/projected_token.ts";
import { until } from "../support/fixtures/until.ts";
import { startJwtIssuer } from "../support/servers/jwt_issuer.ts";
import { type Moto, MOTO_REGION, startMoto } from "../support/servers/moto.ts";
import { serverTest } from "../support/servers/server_test_case.ts";
import { type KeyStandIn, startKeyStandIn } from "../support/stand_ins/machine_keys.ts";

const CALLERS = 20;
/** How long keys are good, in milliseconds. */
const DURATION_MS = 4_000;
const READ = ["secretsmanager:GetSecretValue", "ssm:GetParameters"];
const ROLE = "arn:aws:iam::123456789012:role/app";

const KEYS = { access_key: required(), secret_key: required(), session_token: required() };
const LOGIN = { user: required(), password: required() };

/** Starts moto with a secret, parameters, and a role that may read them. */
async function startFilledMoto(): Promise<Moto> {
  const moto = await startMoto();
  await moto.putSecret("prod/app", JSON.stringify({ user: "app", password: "fake-password" }));
  await moto.putParameter("/prod/app/user", "app");
  await moto.putParameter("/prod/app/password", "fake-password");
  const policy = (Statement: object) => JSON.stringify({ Version: "2012-10-17", Statement: [Statement] });
  const trust = { Effect: "Allow", Action: "sts:AssumeRoleWithWebIdentity", Principal: { Federated: "*" } };
  const role = { RoleName: "app" };
  await moto.query("iam", { Action: "CreateRole", ...role, AssumeRolePolicyDocument: policy(trust) });
  const reading = policy({ Effect: "Allow", Action: READ, Resource: "*" });
  await moto.query("iam", { Action: "PutRolePolicy", ...role, PolicyName: "read", PolicyDocument: reading });
  return moto;
}

function podResolver({ url: endpoint }: Pick<Moto, "url">, path: string, host: Host = {}) {
  const at = { region: MOTO_REGION, endpoint, credentials: "aws:keys", recheck: 200 } as const;
  const chain = defineChain({
    stores: {
      sm: secretsManager({ priority: 400, ...at }),
      ps: parameterStore({ priority: 300, ...at }),
      sts: sts({ priority: 200, endpoint, role: ROLE, webIdentity: "aws:identity", duration: DURATION_MS }),
      pod: tokenFile({ priority: 100, path }),
    },
    credentials: {
      "aws:identity": { fields: { token: required() }, from: { pod: { fields: { token: "token" } } } },
      "aws:keys": { fields: KEYS, from: { sts: true } },
      "sm:app": { fields: LOGIN, from: { sm: "prod/app" } },
      "ps:app": { fields: LOGIN, from: { ps: { prefix: "/prod/app/" } } },
    },
  });
  return createResolver(chain, host);
}

function containerResolver({ url: endpoint }: Pick<Moto, "url">, env: Record<string, string>) {
  const chain = defineChain({
    stores: {
      sm: secretsManager({ priority: 200, region: MOTO_REGION, endpoint, credentials: "aws:keys", recheck: 200 }),
      task: awsRuntime({ priority: 100 }),
    },
    credentials: {
      "aws:keys": { fields: KEYS, from: { task: true } },
      "sm:app": { fields: LOGIN, from: { sm: "prod/app" } },
    },
  });
  return createResolver(chain, { env });
}

serverTest("a web identity in a file reads secrets and parameters, and is renewed under load past a new file", [
  "moto",
], async (t) => {
  await using moto = await startFilledMoto();
  await using issuer = await startJwtIssuer();
  const identity = (claims: object = {}) => issuer.sign({ aud: "sts.amazonaws.com", ...claims });

  await t.step("renewed under load", async () => {
    using file = projectToken(await identity());
    const presented: string[] = [];
    const send: typeof fetch = (input, init) => {
      const token = new URLSearchParams(String(init?.body)).get("WebIdentityToken");
      if (token) presented.push(token);
      return fetch(input, init);
    };
    await using resolver = podResolver(moto, file.path, { fetch: send });
    const keys = new Set<string>();
    const work = async () => {
      for (const key of ["sm:app", "ps:app"] as const) {
        const login = await resolver.resolve(key);
        assertEquals([login.get("user"), login.get("password"), login.degraded], ["app", "fake-password", false]);
      }
      keys.add((await resolver.resolve("aws:keys")).get("access_key"));
    };
    const done = await busyCallers(CALLERS, work, async () => {
      await until("three keys", () => Promise.resolve(keys.size > 2 || undefined));
      const token = await identity({ jti: "second" });
      file.write(token);
      await until("the new web identity", () => Promise.resolve(presented.at(-1) === token || undefined));
    });
    if (Deno.env.get("FIGURES")) console.log({ done, keys: keys.size });
    assertGreater(done, 100);
    assertEquals(new Set(presented).size, 2);
  });
  const outcome = async (token: string) => {
    using file = projectToken(token);
    await using resolver = podResolver(moto, file.path);
    return (await outcomeOf(resolver.resolve("sm:app"))).replace(file.path, "FILE");
  };
  const keys = (code: string) => `${code}: "sm" is ${code}: needs "aws:keys": "sts" is ${code}:`;
  await t.step("nothing goes wrong", async () => assertEquals(await outcome(await identity()), 'from "sm"'));
  await t.step("the token has expired", async () => {
    assertEquals(
      await outcome(await identity({ exp: Math.floor(Date.now() / 1_000) - 120 })),
      `${keys("invalid")} needs "aws:identity": "pod" is invalid: ` +
        "the token in FILE expired 2 min ago: renew the file, or correct this machine's clock",
    );
  });
  await t.step("the role may not read the secret", async () => {
    await moto.query("iam", { Action: "DeleteRolePolicy", RoleName: "app", PolicyName: "read" });
    assertEquals(
      await outcome(await identity()),
      'denied: "sm" is denied: "aws:keys" from "sts" is not allowed secretsmanager:GetSecretValue on prod/app',
    );
  });
  await t.step("the server is down", async () => {
    await moto[Symbol.asyncDispose]();
    assertEquals(
      await outcome(await identity()),
      `${keys("unavailable")} no connection to the server: the connection was refused`,
    );
  });
});

serverTest("the keys that a container is given read secrets, and are renewed under load", ["moto"], async (t) => {
  await using moto = await startFilledMoto();
  const given: string[] = [];
  await using container = startKeyStandIn({ "GET /keys": () => keysOf(moto, given) });
  const env = {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `${container.url}/keys`,
    AWS_CONTAINER_AUTHORIZATION_TOKEN: "fake-authorization",
  };
  await t.step("renewed under load", async () => {
    await using resolver = containerResolver(moto, env);
    const done = await busyCallers(CALLERS, async () => {
      const login = await resolver.resolve("sm:app");
      assertEquals([login.get("user"), login.degraded], ["app", false]);
    }, () => until("four keys", () => Promise.resolve(given.length > 3 || undefined)));
    if (Deno.env.get("FIGURES")) console.log({ done, keys: given.length });
    assertGreater(done, 100);
  });
  await goWrong(moto, container, env, t);
});

serverTest("keys that AWS refuses twice in a row are replaced once the agent of a container has good ones", [
  "moto",
], async () => {
  await using moto = await startFilledMoto();
  const given: string[] = [];
  let good = false;
  await using container = startKeyStandIn({
    "GET /keys": async () => {
      const keys = await (await keysOf(moto, given)).json();
      const Expiration = new Date(Date.now() + 6 * 3_600_000).toISOString();
      return Response.json({ ...keys, Expiration, ...!good && { Token: "not-a-token" } });
    },
  });
  await using resolver = containerResolver(moto, {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `${container.url}/keys`,
    AWS_CONTAINER_AUTHORIZATION_TOKEN: "fake-authorization",
  });
  const refused = 'denied: "sm" is denied: "aws:keys" from "task" was refused (HTTP 400, UnrecognizedClientException)';
  for (let call = 0; call < 5; call++) assertEquals(await outcomeOf(resolver.resolve("sm:app")), refused);
  assertEquals(given.length, 2);
  good = true;
  await until("the secret", async () => await outcomeOf(resolver.resolve("sm:app")) === 'from "sm"' || undefined);
  assertEquals(given.length, 3);
});

/** Answers as the agent of a container does, with new keys of moto's STS. */
async function keysOf({ query }: Moto, given: string[]): Promise<Response> {
  const asked = { RoleArn: ROLE, RoleSessionName: "container", WebIdentityToken: "not-a-token" };
  const xml = await query("sts", { Action: "AssumeRoleWithWebIdentity", ...asked });
  const text = (element: string) => new RegExp(`<${element}>([^<]*)<`).exec(xml)![1]!;
  given.push(text("AccessKeyId"));
  return Response.json({
    AccessKeyId: text("AccessKeyId"),
    SecretAccessKey: text("SecretAccessKey"),
    Token: text("SessionToken"),
    Expiration: new Date(Date.now() + DURATION_MS).toISOString(),
  });
}

async function goWrong(
  moto: Moto,
  container: KeyStandIn,
  env: Record<string, string>,
  t: Deno.TestContext,
): Promise<void> {
  const outcome = async (variables: Record<string, string> = env) => {
    await using resolver = containerResolver(moto, variables);
    return await outcomeOf(resolver.resolve("sm:app"));
  };
  const { answers } = container;
  const { "GET /keys": keys } = answers;
  const answering = async (answer: typeof keys) => {
    answers["GET /keys"] = answer!;
    const found = await outcome();
    answers["GET /keys"] = keys!;
    return found;
  };
  const rows: readonly [name: string, find: () => Promise<string>, expected: string][] = [
    ["nothing", outcome, 'from "sm"'],
    [
      "not a container",
      () => outcome({}),
      'invalid: "sm" is invalid: needs "aws:keys": no store has it: "task" is off: this is not a container of AWS, and no instance is asked',
    ],
    [
      "the container's token is refused",
      () => answering(() => Response.json({ code: "AccessDenied", message: "not-a-secret" }, { status: 403 })),
      'denied: "sm" is denied: needs "aws:keys": "task" is denied: AWS_CONTAINER_AUTHORIZATION_TOKEN was refused (HTTP 403)',
    ],
    [
      "keys with the session token of others",
      () =>
        answering(async (request) => Response.json({ ...await (await keys!(request)).json(), Token: "not-a-token" })),
      'denied: "sm" is denied: "aws:keys" from "task" was refused (HTTP 400, UnrecognizedClientException)',
    ],
    [
      "the container's endpoint is down",
      async () => {
        await container[Symbol.asyncDispose]();
        return await outcome();
      },
      'unavailable: "sm" is unavailable: needs "aws:keys": "task" is unavailable: no connection to the server: ' +
      "the connection was refused",
    ],
  ];
  for (const [name, find, expected] of rows) await t.step(name, async () => assertEquals(await find(), expected));
}
