import { assert, assertEquals, assertGreater, assertLess, assertMatch, assertNotEquals } from "@std/assert";
import { createResolver, defineChain, memory, required } from "../../mod.ts";
import { vaultKv, vaultLogin, type VaultLoginOptions } from "../../src/stores/vault/mod.ts";
import { rejection } from "../support/fixtures/rejection.ts";
import { serverTest } from "../support/servers/server_test_case.ts";
import { startVault, type VaultAdmin } from "../support/servers/vault_admin.ts";

/** Registers a test with a real OpenBao. */
function test(name: string, run: (server: VaultAdmin, t: Deno.TestContext) => Promise<void>): void {
  serverTest(name, ["openbao"], async (t) => {
    await using server = await startVault();
    await server.setPolicy("app", { "secret/data/app": ["read"] });
    await server.admin("POST", "secret/data/app", { data: { user: "app" } });
    await run(server, t);
  });
}

/** Creates the chain app ← login ← role; what it logs in with may be changed. */
function chainOf(
  { url, fetch }: VaultAdmin,
  values: Record<string, string>,
  options: Partial<VaultLoginOptions> = {},
) {
  const login = { user: required(), password: required() };
  const fields = {
    approle: { role_id: required(), secret_id: required() },
    jwt: { token: required() },
    kubernetes: { token: required() },
    userpass: login,
  }[options.method ?? "approle"];
  return createResolver(
    defineChain({
      stores: {
        login: vaultLogin({ priority: 3, url, method: "approle", credential: "vault:role", ...options }),
        kv: vaultKv({ priority: 2, url, login: "vault:token", recheck: 100 }),
        memory: memory({ priority: 1, values }),
      },
      credentials: {
        "vault:role": { fields: fields as typeof login, from: { memory: { prefix: "" } } },
        "vault:token": { fields: { token: required() }, from: { login: true } },
        "app:basic": { fields: { user: required() }, from: { kv: "app" } },
      },
    }),
    { fetch },
  );
}

const LOGIN = "POST auth/approle/login";
const RENEW = "POST auth/token/renew-self";

/** Counts the requests of a kind. */
function count({ sent }: VaultAdmin, request: string): number {
  return sent.filter((each) => each === request).length;
}

test("eight callers on a cold start of a real OpenBao log in once", async (server) => {
  await using resolver = chainOf(server, await server.addAppRole("app"));
  const users = await Promise.all(Array.from({ length: 8 }, () => resolver.resolve("app:basic")));
  assertEquals(users.map((each) => each.get("user")), Array(8).fill("app"));
  assertEquals(server.sent, [LOGIN, "GET secret/data/app"]);
});

test("a login is renewed, and past its maximum another one is obtained, while no call fails", async (server) => {
  const role = await server.addAppRole("app", { token_ttl: "2s", token_max_ttl: "5s" });
  await using resolver = chainOf(server, role);
  const tokens = new Set<string>();
  const end = Date.now() + 12_000;
  while (Date.now() < end) {
    const credential = await resolver.resolve("app:basic");
    assertEquals([credential.get("user"), credential.degraded], ["app", false]);
    tokens.add((await resolver.resolve("vault:token")).get("token"));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assertEquals(count(server, LOGIN), tokens.size);
  assertGreater(tokens.size, 2);
  assertLess(tokens.size, 6);
  assertGreater(count(server, RENEW), tokens.size);
});

test("a login that is revoked at the server heals in one call", async (server) => {
  await using resolver = chainOf(server, await server.addAppRole("app"));
  const first = await resolver.resolve("vault:token");
  await resolver.resolve("app:basic");
  await server.admin("POST", "auth/token/revoke", { token: first.get("token") });
  resolver.invalidate("app:basic");
  const credential = await resolver.resolve("app:basic");
  assertEquals([credential.get("user"), credential.degraded], ["app", false]);
  assertNotEquals((await resolver.resolve("vault:token")).get("token"), first.get("token"));
  assertEquals(count(server, LOGIN), 2);
});

test("an application's refusals use up no secret_id: a login that is alive is kept", async (server) => {
  const role = await server.addAppRole("app", { secret_id_num_uses: 2 });
  await using resolver = chainOf(server, role);
  const first = (await resolver.resolve("vault:token")).get("token");
  for (let refusal = 0; refusal < 5; refusal++) {
    resolver.invalidate(await resolver.resolve("app:basic"));
    assertEquals((await resolver.resolve("app:basic")).get("user"), "app");
  }
  assertEquals((await resolver.resolve("vault:token")).get("token"), first);
  assertEquals(count(server, LOGIN), 1);
});

test("a secret_id that is used up is refused once, and not sent again at every call", async (server) => {
  const role = await server.addAppRole("app", { secret_id_num_uses: 1, token_ttl: "1h" });
  await using resolver = chainOf(server, role);
  const first = await resolver.resolve("vault:token");
  await server.admin("POST", "auth/token/revoke", { token: first.get("token") });
  resolver.invalidate("app:basic");
  resolver.invalidate("vault:token");
  const errors = await Promise.all(Array.from({ length: 8 }, () => rejection(resolver.resolve("app:basic"))));
  for (const { code, message } of errors) {
    assertEquals(code, "denied");
    assertMatch(message, /"vault:role" from "memory" was refused \(HTTP 400\)/);
  }
  assertEquals(count(server, LOGIN), 2);
});

test("logins are revoked when the resolver is disposed of, and one that is not renewable is not", async (server) => {
  const listed = async () => (await server.admin("GET", "auth/token/accessors?list=true")).data.keys.length;
  const before = await listed();
  const resolver = chainOf(server, await server.addAppRole("app"));
  await resolver.resolve("app:basic");
  assertEquals(await listed(), before + 1);
  await resolver[Symbol.asyncDispose]();
  assertEquals(await listed(), before);
  const batch = chainOf(server, await server.addAppRole("app", { token_type: "batch" }));
  const { sent } = server;
  sent.length = 0;
  await batch.resolve("app:basic");
  await batch[Symbol.asyncDispose]();
  assertEquals(sent, [LOGIN, "GET secret/data/app"]);
});

test("each method logs in at a real OpenBao, and what it lacks is said", async (server, t) => {
  const { admin } = server;
  await admin("POST", "sys/auth/userpass", { type: "userpass" });
  await admin("POST", "auth/userpass/users/app", { password: "not-a-secret", token_policies: "app" });
  await t.step("userpass", async () => {
    await using resolver = chainOf(server, { user: "app", password: "not-a-secret" }, { method: "userpass" });
    assertEquals((await resolver.resolve("app:basic")).get("user"), "app");
    await using wrong = chainOf(server, { user: "app", password: "wrong" }, { method: "userpass" });
    assertEquals((await rejection(wrong.resolve("app:basic"))).code, "denied");
    await using escaping = chainOf(server, { user: "../x", password: "wrong" }, { method: "userpass" });
    assertEquals((await rejection(escaping.resolve("app:basic"))).code, "invalid");
  });
  await t.step("approle at another mount", async () => {
    await admin("POST", "sys/auth/machines", { type: "approle" });
    await admin("POST", "auth/machines/role/app", { token_policies: "app" });
    const { data: { role_id } } = await admin("GET", "auth/machines/role/app/role-id");
    const { data: { secret_id } } = await admin("POST", "auth/machines/role/app/secret-id", {});
    await using resolver = chainOf(server, { role_id, secret_id }, { mount: "machines" });
    assertEquals((await resolver.resolve("app:basic")).get("user"), "app");
    await using wrong = chainOf(server, { role_id, secret_id }, { mount: "nowhere" });
    const { code, message } = await rejection(wrong.resolve("app:basic"));
    assertEquals(code, "denied");
    assert(message.includes('the mount "nowhere" may be wrong'), message);
  });
});
