import { assertEquals, assertGreater, assertNotEquals, assertStringIncludes } from "@std/assert";
import { createResolver } from "../../mod.ts";
import { explain, lint } from "../../src/report/mod.ts";
import { describeRoute } from "../../src/route/mod.ts";
import type { VaultDynamicOptions } from "../../src/stores/vault/mod.ts";
import { rootUrl } from "../support/closed_network/root.ts";
import chain from "../support/fixtures/three_needs_chain.ts";
import { until, untilSeen } from "../support/fixtures/until.ts";
import { vaultResolver } from "../support/fixtures/vault_chain.ts";
import { runCli } from "../support/programs/run_cli.ts";
import { serverTest } from "../support/servers/server_test_case.ts";
import { countSent } from "../support/servers/vault_admin.ts";
import { startVaultDatabase, usersWith, type VaultDatabase } from "../support/servers/vault_database.ts";

/** Registers a test with a real OpenBao and the PostgreSQL of its database engine. */
function test(name: string, run: (servers: VaultDatabase) => Promise<void>): void {
  serverTest(name, ["openbao", "postgres"], async () => {
    await using servers = await startVaultDatabase();
    await run(servers);
  });
}

/** Creates the resolver of a chain with an AppRole, whose logins are as is said. */
async function resolverOf({ vault }: VaultDatabase, login: object = {}, dynamic: Partial<VaultDynamicOptions> = {}) {
  const values = await vault.addAppRole("app", login);
  return vaultResolver({ url: vault.url, values, dynamic }, { fetch: vault.fetch });
}

async function untilNoUser({ users }: VaultDatabase): Promise<void> {
  await until("the users to be gone", async () => (await users()).length === 0 || undefined);
}

const HOUR = { ttl: "1h", max: "2h" };

test("a user of a real PostgreSQL is made once, and is gone when the resolver is disposed of", async (servers) => {
  await servers.addRole("app", HOUR);
  const resolver = await resolverOf(servers);
  const found = await Promise.all(Array.from({ length: 8 }, () => resolver.resolve("pg:app")));
  assertEquals(await servers.users(), [found[0]!.get("user")]);
  assertEquals(new Set(found).size, 1);
  await resolver[Symbol.asyncDispose]();
  assertEquals(await servers.users(), []);
});

test("what a process that crashed had leased ends by its own lifetime", async (servers) => {
  await servers.addRole("app", { ttl: "2s", max: "4s" });
  const resolver = await resolverOf(servers);
  await resolver.resolve("pg:app");
  assertEquals((await servers.users()).length, 1);
  await untilNoUser(servers);
});

test("a lease is renewed, then replaced before its maximum, and the one before it stays for the overlap", async (servers) => {
  await servers.addRole("app", { ttl: "4s", max: "8s" });
  await using resolver = await resolverOf(servers, {}, { overlap: 2_000 });
  let most = 0;
  const seen = await untilSeen(3, "users", async () => {
    const credential = await resolver.resolve("pg:app");
    most = Math.max(most, (await usersWith(servers, credential)).length);
    assertEquals(credential.degraded, false);
    return credential.get("user");
  });
  assertGreater(countSent(servers.vault, "POST sys/leases/renew"), 3);
  assertEquals([new Set(seen).size, countSent(servers.vault, "GET database/creds/app")], [3, 3]);
  // The one in use, and the one before it within the overlap.
  assertEquals(most, 2);
});

test("a login past its maximum takes its leases with it, and another login gets another lease in the same call", async (servers) => {
  await servers.addRole("app", HOUR);
  await using resolver = await resolverOf(servers, { token_ttl: "4s", token_max_ttl: "6s" }, { overlap: 0 });
  const users = await untilSeen(3, "users", async () => {
    const credential = await resolver.resolve("pg:app");
    await usersWith(servers, credential);
    return credential.get("user");
  });
  assertEquals([new Set(users).size, countSent(servers.vault, "POST auth/approle/login")], [3, 3]);
});

test("a login that is revoked at the server, with its leases, heals in one call after a refusal", async (servers) => {
  await servers.addRole("app", HOUR);
  await using resolver = await resolverOf(servers);
  const before = await resolver.resolve("pg:app");
  const login = await resolver.resolve("vault:token");
  await servers.vault.admin("POST", "auth/token/revoke", { token: login.get("token") });
  await untilNoUser(servers);
  resolver.invalidate(before);
  const after = await resolver.resolve("pg:app");
  assertEquals(await servers.users(), [after.get("user")]);
  assertNotEquals(after.get("user"), before.get("user"));
  assertEquals(countSent(servers.vault, "POST auth/approle/login"), 2);
});

test("a lease that is revoked at the server is replaced by the login that there is", async (servers) => {
  await servers.addRole("app", HOUR);
  await using resolver = await resolverOf(servers, { secret_id_num_uses: 1 });
  const before = await resolver.resolve("pg:app");
  await servers.vault.admin("POST", "sys/leases/revoke-prefix/database/creds/app", {});
  await untilNoUser(servers);
  resolver.invalidate(before);
  const after = await resolver.resolve("pg:app");
  assertEquals(await servers.users(), [after.get("user")]);
});

test("explain shows the lease, its login and its role without obtaining one", async (servers) => {
  await servers.addRole("app", HOUR);
  await using resolver = await resolverOf(servers);
  assertEquals((await explain(resolver, "pg:app")).source, null);
  assertEquals([servers.vault.sent, await servers.users()], [[], []]);
  const live = await explain(resolver, "pg:app", { live: true });
  assertEquals(live.source, "db");
});

test("explain and describe print the lease, its login and its role, from which store each is", async (servers) => {
  await servers.addRole("app", HOUR);
  const { role_id, secret_id } = await servers.vault.addAppRole("app");
  const env = { VAULT_ADDR: servers.vault.url, VAULT_ROLE_ID: role_id, VAULT_SECRET_ID: secret_id };
  const flags = ["--allow-env", "--allow-read", "--allow-net=127.0.0.1"];
  const config = ["--config", new URL("tests/support/fixtures/three_needs_chain.ts", rootUrl).pathname];
  const explained = await runCli(["explain", "pg:app", "--live", ...config], { env, flags });
  assertEquals([explained.code, explained.err], [0, ""]);
  assertEquals(
    explained.out.replaceAll(/after \d+ ms/g, "after 1 ms"),
    `pg:app: ok from db

  STORE  RESULT  THEN  DETAIL
  db     hit     wins  after 1 ms

What its stores need
  db ← vault:token: ok from login
    login  hit: after 1 ms
    login ← vault:role: ok from env

  FIELD     SOURCE
  user      db
  password  db
`,
  );
  // Hint: the command line obtained a lease to explain it, which nobody would revoke after it has ended.
  assertEquals(await servers.users(), []);
  await using resolver = createResolver(chain, { env });
  await resolver.resolve("pg:app");
  const route = describeRoute(resolver, { auth: "none", allowUnauthenticated: true });
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => route.fetch(request),
  );
  const { out } = await runCli(["describe", "--url", `http://127.0.0.1:${server.addr.port}/`], { flags });
  assertStringIncludes(
    out,
    `What their stores need
  pg:app                  ok from db
    db ← vault:token      ok from login
      login ← vault:role  ok from env
`,
  );
  assertEquals(lint(resolver), []);
});

test("a real login that is shorter than its leases is found once both are held", async (servers) => {
  await servers.addRole("app", HOUR);
  await using resolver = await resolverOf(servers, { token_ttl: "20m", token_max_ttl: "30m" });
  await resolver.resolve("pg:app");
  assertEquals(lint(resolver).map(({ rule, key }) => [rule, key]), [["short_login", "pg:app"]]);
});
