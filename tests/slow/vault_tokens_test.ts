import { assert, assertEquals, assertGreater, assertLessOrEqual, assertNotEquals } from "@std/assert";
import { createResolver, defineChain, mounted, required } from "../../mod.ts";
import { vaultLogin } from "../../src/stores/vault/mod.ts";
import { makeDirectory } from "../support/fixtures/directory.ts";
import { rejection } from "../support/fixtures/rejection.ts";
import { until, untilSeen } from "../support/fixtures/until.ts";
import { type VaultChainParts, vaultResolver } from "../support/fixtures/vault_chain.ts";
import { startJwtIssuer } from "../support/servers/jwt_issuer.ts";
import { serverTest } from "../support/servers/server_test_case.ts";
import { countSent, type VaultAdmin, vaultTest } from "../support/servers/vault_admin.ts";
import { startVaultDatabase, usersWith, type VaultDatabase } from "../support/servers/vault_database.ts";

/** Registers a test with a real OpenBao and the PostgreSQL of its database engine. */
function databaseTest(name: string, run: (servers: VaultDatabase) => Promise<void>): void {
  serverTest(name, ["openbao", "postgres"], async () => {
    await using servers = await startVaultDatabase();
    await run(servers);
  });
}

/** Creates the resolver of a chain with an AppRole; tokens of that role are as the options say. */
async function resolverOf(server: VaultAdmin, options: object = {}, parts: Omit<VaultChainParts, "url"> = {}) {
  const values = await server.addAppRole("app", options);
  return vaultResolver({ url: server.url, values, ...parts }, { fetch: server.fetch });
}

const LOGIN = "POST auth/approle/login";
const RENEW_LEASE = "POST sys/leases/renew";

/** Resolves a lease until three users were seen; each must be there when it is given. Returns the users in order. */
function threeUsers(servers: VaultDatabase, resolver: ReturnType<typeof vaultResolver>): Promise<readonly string[]> {
  return untilSeen(3, "users", async () => {
    const credential = await resolver.resolve("pg:app");
    assertEquals(credential.degraded, false);
    await usersWith(servers, credential);
    return credential.get("user");
  });
}

vaultTest(
  "a JWT in a mounted file logs in at a real OpenBao, and a new one is followed",
  async ({ url, admin, fetch }) => {
    await using issuer = await startJwtIssuer();
    const directory = makeDirectory();
    const write = async () => Deno.writeTextFileSync(`${directory.path}/token`, `${await issuer.sign()}\n`);
    await admin("POST", "sys/auth/jwt", { type: "jwt" });
    await admin("POST", "auth/jwt/config", { jwks_url: issuer.jwksUrl, bound_issuer: issuer.issuer });
    await admin("POST", "auth/jwt/role/app", { role_type: "jwt", user_claim: "sub", bound_audiences: "vault" });
    await write();
    const chain = defineChain({
      stores: {
        login: vaultLogin({ priority: 2, url, method: "jwt", role: "app", credential: "vault:jwt" }),
        run: mounted({ priority: 1, directory: directory.path }),
      },
      credentials: {
        "vault:jwt": { fields: { token: required() }, from: { run: { prefix: "" } } },
        "vault:token": { fields: { token: required() }, from: { login: true } },
      },
    });
    await using resolver = createResolver(chain, { fetch });
    const first = (await resolver.resolve("vault:token")).get("token");
    await issuer.rotate();
    await write();
    const second = await until("a login with the new JWT", async () => {
      const token = (await resolver.resolve("vault:token")).get("token");
      return token === first ? undefined : token;
    });
    const old = Deno.readTextFileSync(`${directory.path}/token`);
    await issuer.rotate();
    await admin("POST", "auth/jwt/login", { role: "app", jwt: await issuer.sign() });
    await admin("POST", "auth/token/revoke", { token: second });
    resolver.invalidate("vault:token");
    assertEquals(
      (await rejection(resolver.resolve("vault:token"))).message,
      'Cannot resolve "vault:token": "login" is denied: "vault:jwt" from "run" was refused (HTTP 400): its signature ' +
        "cannot be verified",
    );
    await write();
    assertNotEquals(Deno.readTextFileSync(`${directory.path}/token`), old);
    const healed = await until("the refusal to heal", () => resolver.resolve("vault:token").catch(() => undefined));
    assertNotEquals(healed.get("token"), second);
    directory.remove();
  },
);

vaultTest("a server that is sealed is unavailable, and once it is unsealed the same resolver heals", async (server) => {
  await using resolver = await resolverOf(server);
  const before = await resolver.resolve("app:basic");
  await server.admin("PUT", "sys/seal");
  await until("an outage", async () => (await resolver.resolve("app:basic")).degraded || undefined);
  await using cold = vaultResolver({ url: server.url, values: { held: "unknown" } });
  const { code, message } = await rejection(cold.resolve("app:basic"));
  assertEquals([code, message], [
    "unavailable",
    'Cannot resolve "app:basic": "kv" is unavailable: the server is sealed',
  ]);
  await server.unseal();
  const after = await until("the outage to end", async () => {
    const credential = await resolver.resolve("app:basic");
    return credential.degraded ? undefined : credential;
  });
  assertEquals([after.get("user"), after.source], [before.get("user"), "kv"]);
  assertEquals(countSent(server, LOGIN), 1);
});

vaultTest("a token that is good for few requests is replaced in the call in which it is used up", async (server) => {
  await using resolver = await resolverOf(server, { token_num_uses: 3 });
  await until("another login", async () => {
    const credential = await resolver.resolve("app:basic");
    assertEquals([credential.get("user"), credential.degraded], ["app", false]);
    return countSent(server, LOGIN) === 2 || undefined;
  });
});

vaultTest("a secret_id with two uses logs in twice, and the third time says what was refused", async (server) => {
  await using resolver = await resolverOf(server, { secret_id_num_uses: 2 });
  const lose = async () => {
    const login = await resolver.resolve("vault:token");
    await server.admin("POST", "auth/token/revoke", { token: login.get("token") });
    resolver.invalidate("app:basic");
  };
  await lose();
  assertEquals((await resolver.resolve("app:basic")).get("user"), "app");
  await lose();
  // Hint: a token that took the place of a refused one is kept for five seconds.
  await until("the login to be refused", async () => {
    const { code, message } = await rejection(resolver.resolve("app:basic"));
    assertEquals(code, "denied");
    return message.includes('"vault:role" from "memory" was refused (HTTP 400)') || undefined;
  });
});

vaultTest("a periodic token is renewed for ever, with one login", async (server) => {
  await using resolver = await resolverOf(server, { token_period: "6s" });
  await until("renewals past the first period", async () => {
    assertEquals((await resolver.resolve("vault:token")).degraded, false);
    return countSent(server, "POST auth/token/renew-self") > 2 || undefined;
  });
  assertEquals(countSent(server, LOGIN), 1);
});

vaultTest(
  "a login that may not renew or look up itself is replaced before it ends, and no call fails",
  async (server) => {
    const options = { token_ttl: "4s", token_no_default_policy: true };
    await using resolver = await resolverOf(server, options);
    await until("a third login", async () => {
      const credential = await resolver.resolve("app:basic");
      assertEquals([credential.get("user"), credential.degraded], ["app", false]);
      return countSent(server, LOGIN) > 2 || undefined;
    });
    const before = countSent(server, LOGIN);
    resolver.invalidate(await resolver.resolve("app:basic"));
    assertEquals((await resolver.resolve("app:basic")).get("user"), "app");
    assertEquals(countSent(server, LOGIN), before);
  },
);

vaultTest("auth methods and engines at paths of several segments are used", async (server, t) => {
  const { admin, url, fetch } = server;
  await admin("POST", "sys/auth/team/one/people", { type: "userpass" });
  await admin("POST", "auth/team/one/people/users/a.b-c_d", { password: "/?#%é", token_policies: "all" });
  await admin("POST", "sys/mounts/team/kv", { type: "kv", options: { version: "2" } });
  await admin("POST", "team/kv/data/app", { data: { user: "of the team" } });
  await server.setPolicy("all", { "team/kv/*": ["read"] });
  const parts = {
    url,
    values: { user: "a.b-c_d", password: "/?#%é" },
    login: { method: "userpass" as const, mount: "team/one/people" },
    kv: { mount: "team/kv" },
  };
  await t.step("a secret", async () => {
    await using resolver = vaultResolver(parts, { fetch });
    assertEquals((await resolver.resolve("app:basic")).get("user"), "of the team");
  });
  await t.step("a missing secret", async () => {
    await using resolver = vaultResolver({ ...parts, path: "none" }, { fetch });
    assertEquals((await rejection(resolver.resolve("app:basic"))).code, "not_found");
  });
  await t.step("a mount that is only the beginning of another", async () => {
    await using resolver = vaultResolver({ ...parts, kv: { mount: "team" } }, { fetch });
    assertEquals((await rejection(resolver.resolve("app:basic"))).code, "denied");
  });
});

vaultTest("the login and the secrets of a nested namespace are used, and a blank one is left out", async (server) => {
  const { url, token, fetch: send } = server;
  const inTeam = async (namespace: string, path: string, body: object) => {
    const headers = { "x-vault-token": token, "x-vault-namespace": namespace };
    const response = await fetch(`${url}/v1/${path}`, { method: "POST", headers, body: JSON.stringify(body) });
    assert(response.ok, await response.text());
  };
  await inTeam("", "sys/namespaces/team", {});
  await inTeam("team", "sys/namespaces/app", {});
  const namespace = "team/app";
  await inTeam(namespace, "sys/mounts/secret", { type: "kv", options: { version: "2" } });
  await inTeam(namespace, "secret/data/app", { data: { user: "of the team" } });
  await inTeam(namespace, "sys/policies/acl/all", { policy: 'path "secret/*" { capabilities = ["read"] }' });
  await inTeam(namespace, "sys/auth/userpass", { type: "userpass" });
  await inTeam(namespace, "auth/userpass/users/app", { password: "not-a-secret", token_policies: "all" });
  const values = { user: "app", password: "not-a-secret" };
  for (const form of [namespace, `${namespace}/`]) {
    const parts = { url, values, login: { method: "userpass" as const }, all: { namespace: form } };
    server.sent.length = 0;
    await using resolver = vaultResolver(parts, { fetch: send });
    assertEquals((await resolver.resolve("app:basic")).get("user"), "of the team");
    // Hint: of the three stores two are asked, and each finds out once whether the server has namespaces.
    assertEquals(countSent(server, "GET sys/health"), 2);
  }
  for (const blank of ["", " "]) {
    await using resolver = vaultResolver({ url, values: { held: token }, all: { namespace: blank } });
    assertEquals((await resolver.resolve("app:basic")).get("user"), "app");
  }
});

databaseTest(
  "a lease whose renewal a policy forbids is replaced before it ends, and no call fails",
  async (servers) => {
    const { vault } = servers;
    await servers.addRole("app", { ttl: "4s", max: "1h" });
    const options = { token_policies: "app", token_no_default_policy: true };
    await using resolver = await resolverOf(vault, options, { dynamic: { overlap: 500 } });
    const users = await threeUsers(servers, resolver);
    assertEquals(new Set(users).size, 3);
    assertGreater(countSent(vault, RENEW_LEASE), 1);
    assertEquals(countSent(vault, LOGIN), 1);
  },
);

databaseTest("leases that a policy forbids to revoke end with their login", async (servers) => {
  const { vault } = servers;
  await vault.setPolicy("app", { "database/creds/*": ["read"] });
  await servers.addRole("app", { ttl: "1h", max: "2h" });
  const resolver = await resolverOf(vault);
  await resolver.resolve("pg:app");
  assertEquals((await servers.users()).length, 1);
  await resolver[Symbol.asyncDispose]();
  assertEquals(await servers.users(), []);
});

databaseTest("leases of a batch token end with it, and others are there before", async (servers) => {
  const { vault } = servers;
  await servers.addRole("app", { ttl: "1h", max: "2h" });
  const resolver = await resolverOf(vault, { token_type: "batch", token_ttl: "6s" });
  const users = await threeUsers(servers, resolver);
  assertGreater(countSent(vault, LOGIN), 1);
  assertLessOrEqual(countSent(vault, LOGIN), users.length);
  await resolver[Symbol.asyncDispose]();
  await until("the users to be gone", async () => (await servers.users()).length === 0 || undefined);
});
