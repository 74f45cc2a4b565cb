/**
 * A chain that starts with no secret: the token of a job of GitHub Actions, a login at a real OpenBao by it, and with that
 * a secret of its KV engine and a user of a real PostgreSQL. The runner is a stand-in; its tokens are signed, and OpenBao
 * verifies them by the keys that the issuer publishes.
 */
import { assertEquals, assertGreater } from "@std/assert";
import { Pool } from "npm:pg@^8.23.1";
import { createResolver, defineChain, required } from "../../mod.ts";
import { postgresPool } from "../../src/clients/postgres.ts";
import { githubActions } from "../../src/stores/identity/mod.ts";
import { vaultDynamic, vaultKv, vaultLogin } from "../../src/stores/vault/mod.ts";
import { busyCallers } from "../support/fixtures/busy_callers.ts";
import { outcomeOf } from "../support/fixtures/outcome_of.ts";
import { until } from "../support/fixtures/until.ts";
import { type JwtIssuer, startJwtIssuer } from "../support/servers/jwt_issuer.ts";
import { serverTest } from "../support/servers/server_test_case.ts";
import { countSent } from "../support/servers/vault_admin.ts";
import { startVaultDatabase, type VaultDatabase } from "../support/servers/vault_database.ts";
import { type GithubRunner, startGithubRunner } from "../support/stand_ins/github_runner.ts";

const CALLERS = 20;
const AUDIENCE = "https://vault.example";
const LOGIN = "POST auth/jwt/login";

/** Lets the jobs of one repository log in, for three seconds at a time. */
async function trustJobs({ vault: { admin, setPolicy } }: VaultDatabase, { issuer }: JwtIssuer): Promise<void> {
  await setPolicy("ci", {
    "secret/data/npm": ["read"],
    "database/creds/app": ["read"],
    "sys/leases/revoke": ["update"],
  });
  await admin("POST", "secret/data/npm", { data: { token: "not-a-secret" } });
  await admin("POST", "sys/auth/jwt", { type: "jwt" });
  await admin("POST", "auth/jwt/config", { oidc_discovery_url: issuer, bound_issuer: issuer });
  await admin("POST", "auth/jwt/role/ci", {
    role_type: "jwt",
    user_claim: "sub",
    bound_audiences: AUDIENCE,
    bound_subject: "repo:octo@123456/app@456789:ref:refs/heads/main",
    token_policies: "ci",
    ...{ token_ttl: "6s", token_max_ttl: "6s" },
  });
}

function resolverOf(
  { vault: { url, fetch } }: VaultDatabase,
  env: Readonly<Record<string, string>>,
  audience = AUDIENCE,
) {
  const chain = defineChain({
    stores: {
      db: vaultDynamic({ priority: 400, url, login: "vault:token", mount: "database", overlap: 1_000 }),
      kv: vaultKv({ priority: 300, url, login: "vault:token", recheck: 100 }),
      login: vaultLogin({ priority: 200, url, method: "jwt", role: "ci", credential: "github:job" }),
      job: githubActions({ priority: 100 }),
    },
    credentials: {
      "github:job": { fields: { token: required() }, from: { job: { audience } } },
      "vault:token": { fields: { token: required() }, from: { login: true } },
      "npm:publish": { fields: { token: required() }, from: { kv: "npm" } },
      "pg:app": {
        fields: { user: required(), password: required() },
        from: { db: { role: "app", fields: { user: "username", password: "password" } } },
      },
    },
  });
  return createResolver(chain, { env, fetch });
}

serverTest(
  "a job without a secret reads KV and queries PostgreSQL, and is renewed under load past a rotation of its issuer's keys",
  ["openbao", "postgres"],
  async (t) => {
    await using servers = await startVaultDatabase();
    await using issuer = await startJwtIssuer();
    await using runner = startGithubRunner(issuer);
    await servers.addRole("app", { ttl: "4s", max: "6s" });
    await trustJobs(servers, issuer);
    await t.step("renewed under load", () => renewUnderLoad(servers, issuer, runner));
    await t.step("what goes wrong", (t) => goWrong(servers, issuer, runner, t));
  },
);

async function renewUnderLoad(servers: VaultDatabase, issuer: JwtIssuer, runner: GithubRunner): Promise<void> {
  const { vault, postgres: { port, database } } = servers;
  // Hint: tokens of a job live minutes; these live seconds, so that the test sees several.
  const lifetime = setInterval(() => Object.assign(runner.claims, { exp: Math.floor(Date.now() / 1_000) + 8 }), 100);
  Object.assign(runner.claims, { exp: Math.floor(Date.now() / 1_000) + 8 });
  try {
    await using resolver = resolverOf(servers, runner.env);
    await using pool = postgresPool(
      resolver,
      "pg:app",
      (login) => new Pool({ host: "127.0.0.1", port, database, ...login }),
      { overlap: 800 },
    );
    const users = new Set<string>();
    const work = async () => {
      const secret = await resolver.resolve("npm:publish");
      assertEquals([secret.degraded, secret.get("token")], [false, "not-a-secret"]);
      const { rows: [{ current_user }] } = await pool.use((each) => each.query("SELECT current_user"));
      users.add(current_user);
    };
    let before = 0;
    const done = await busyCallers(CALLERS, work, async () => {
      await until("two logins", () => Promise.resolve(countSent(vault, LOGIN) > 1 || undefined));
      // Hint: the token that is held was signed with the key that is gone; a login with it is refused once OpenBao knows.
      await issuer.rotate();
      before = countSent(vault, LOGIN);
      await until("two more logins", () => Promise.resolve(countSent(vault, LOGIN) > before + 1 || undefined));
      await until("four users", () => Promise.resolve(users.size > 3 || undefined));
    });
    if (Deno.env.get("FIGURES")) {
      console.log({ done, users: users.size, logins: countSent(vault, LOGIN), asked: runner.asked.length });
    }
    assertGreater(done, 100);
    assertGreater(runner.asked.length, 2);
  } finally {
    clearInterval(lifetime);
    delete runner.claims.exp;
  }
  await until("the users to be gone", async () => (await servers.users()).length === 0 || undefined);
}

const NEEDS_LOGIN = 'needs "vault:token": "login" is';

async function goWrong(
  servers: VaultDatabase,
  issuer: JwtIssuer,
  runner: GithubRunner,
  t: Deno.TestContext,
): Promise<void> {
  const { env, claims } = runner;
  const { ACTIONS_ID_TOKEN_REQUEST_TOKEN: _, ...withoutPermission } = env;
  const outcome = async (variables: Readonly<Record<string, string>> = env, audience?: string) => {
    await using resolver = resolverOf(servers, variables, audience);
    return await outcomeOf(resolver.resolve("npm:publish"));
  };
  const claiming = async (changes: Record<string, unknown>) => {
    Object.assign(claims, changes);
    const found = await outcome();
    for (const name of Object.keys(changes)) delete claims[name];
    return found;
  };
  const refused = (why: string) =>
    `denied: "kv" is denied: ${NEEDS_LOGIN} denied: "github:job" from "job" was refused (HTTP 400): ${why}`;
  const job = (code: string, why: string) =>
    `${code}: "kv" is ${code}: ${NEEDS_LOGIN} ${code}: needs "github:job": "job" is ${code}: ${why}`;
  const rows: readonly [name: string, find: () => Promise<string>, expected: string][] = [
    ["nothing", outcome, 'from "kv"'],
    [
      "another audience than the role's",
      () => outcome(env, "https://elsewhere.example"),
      refused("its audience is not one that the role accepts"),
    ],
    [
      "another repository",
      () => claiming({ sub: "repo:octo@123456/fork@456790:ref:refs/heads/main" }),
      refused("its issuer or its claims are not the expected ones"),
    ],
    [
      "a token for another audience than was asked for",
      () => claiming({ aud: "https://elsewhere.example" }),
      job("invalid", "the token is for another audience than was asked for"),
    ],
    [
      "a token that has expired",
      () => claiming({ exp: 1 }),
      job("invalid", "the expiry of the token is not a time in the future"),
    ],
    [
      "the issuer has dropped the key of the token that is held",
      async () => {
        await using resolver = resolverOf(servers, env);
        await resolver.resolve("npm:publish");
        await issuer.rotate();
        // Hint: a server keeps the keys that it knows until somebody logs in with another one.
        await outcome();
        const asked = runner.asked.length;
        resolver.invalidate("npm:publish");
        resolver.invalidate("vault:token");
        const found = await outcomeOf(resolver.resolve("npm:publish"));
        return `${found}, with ${runner.asked.length - asked} other token of the job`;
      },
      'from "kv", with 1 other token of the job',
    ],
    [
      "a job without the permission",
      () => outcome(withoutPermission),
      job("denied", "ACTIONS_ID_TOKEN_REQUEST_TOKEN is not set: the job needs permissions: id-token: write"),
    ],
    [
      "the runner refuses",
      () => outcome({ ...env, ACTIONS_ID_TOKEN_REQUEST_TOKEN: "fake-other" }),
      job("denied", "ACTIONS_ID_TOKEN_REQUEST_TOKEN was refused (HTTP 401)"),
    ],
    [
      "the issuer is down, and has another key",
      async () => {
        await issuer.rotate();
        await issuer.pause();
        return await outcome();
      },
      `unavailable: "kv" is unavailable: ${NEEDS_LOGIN} unavailable: the server cannot get the keys of the issuer`,
    ],
    [
      "it is up again",
      () => {
        issuer.resume();
        return outcome();
      },
      'from "kv"',
    ],
    [
      "the runner is down",
      async () => {
        await runner[Symbol.asyncDispose]();
        return await outcome();
      },
      job("unavailable", "no connection to the server: the connection was refused"),
    ],
  ];
  for (const [name, find, expected] of rows) await t.step(name, async () => assertEquals(await find(), expected));
  await t.step("the server is down, while a login and a secret are held", async () => {
    await using other = startGithubRunner(issuer);
    await using resolver = resolverOf(servers, other.env);
    await resolver.resolve("npm:publish");
    await servers.vault[Symbol.asyncDispose]();
    const degraded = 'degraded, from "kv"';
    await until("an outage", async () => await outcomeOf(resolver.resolve("npm:publish")) === degraded || undefined);
    await using cold = resolverOf(servers, other.env);
    assertEquals(
      await outcomeOf(cold.resolve("npm:publish")),
      `unavailable: "kv" is unavailable: ${NEEDS_LOGIN} unavailable: no connection to the server: the connection was refused`,
    );
  });
}
