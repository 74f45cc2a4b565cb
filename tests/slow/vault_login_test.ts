import { assertEquals, assertGreater, assertMatch, assertNotEquals } from "@std/assert";
import type { VaultLoginOptions } from "../../src/stores/vault/mod.ts";
import { rejection } from "../support/fixtures/rejection.ts";
import { untilSeen } from "../support/fixtures/until.ts";
import { vaultResolver } from "../support/fixtures/vault_chain.ts";
import { countSent, type VaultAdmin, vaultTest } from "../support/servers/vault_admin.ts";

/** Creates the resolver of a chain with what it logs in with. */
function resolverOf(
  { url, fetch }: VaultAdmin,
  values: Record<string, string>,
  login: Partial<VaultLoginOptions> = {},
) {
  return vaultResolver({ url, values, login }, { fetch });
}

const LOGIN = "POST auth/approle/login";
const RENEW = "POST auth/token/renew-self";

vaultTest("eight callers on a cold start of a real OpenBao log in once", async (server) => {
  await using resolver = resolverOf(server, await server.addAppRole("app"));
  const users = await Promise.all(Array.from({ length: 8 }, () => resolver.resolve("app:basic")));
  assertEquals(users.map((each) => each.get("user")), Array(8).fill("app"));
  assertEquals(server.sent, [LOGIN, "GET secret/data/app"]);
});

vaultTest("a login is renewed, and past its maximum another one is obtained, while no call fails", async (server) => {
  const role = await server.addAppRole("app", { token_ttl: "4s", token_max_ttl: "8s" });
  await using resolver = resolverOf(server, role);
  const tokens = await untilSeen(3, "logins", async () => {
    const credential = await resolver.resolve("app:basic");
    assertEquals([credential.get("user"), credential.degraded], ["app", false]);
    return (await resolver.resolve("vault:token")).get("token");
  });
  assertEquals([countSent(server, LOGIN), new Set(tokens).size], [3, 3]);
  assertGreater(countSent(server, RENEW), 3);
});

vaultTest("a login that is revoked at the server heals in one call", async (server) => {
  await using resolver = resolverOf(server, await server.addAppRole("app"));
  const first = await resolver.resolve("vault:token");
  await resolver.resolve("app:basic");
  await server.admin("POST", "auth/token/revoke", { token: first.get("token") });
  resolver.invalidate("app:basic");
  const credential = await resolver.resolve("app:basic");
  assertEquals([credential.get("user"), credential.degraded], ["app", false]);
  assertNotEquals((await resolver.resolve("vault:token")).get("token"), first.get("token"));
  assertEquals(countSent(server, LOGIN), 2);
});

vaultTest("an application's refusals use up no secret_id: a login that is alive is kept", async (server) => {
  const role = await server.addAppRole("app", { secret_id_num_uses: 2 });
  await using resolver = resolverOf(server, role);
  const first = (await resolver.resolve("vault:token")).get("token");
  for (let refusal = 0; refusal < 5; refusal++) {
    resolver.invalidate(await resolver.resolve("app:basic"));
    assertEquals((await resolver.resolve("app:basic")).get("user"), "app");
  }
  assertEquals((await resolver.resolve("vault:token")).get("token"), first);
  assertEquals(countSent(server, LOGIN), 1);
});

vaultTest("a secret_id that is used up is refused once, and not sent again at every call", async (server) => {
  const role = await server.addAppRole("app", { secret_id_num_uses: 1, token_ttl: "1h" });
  await using resolver = resolverOf(server, role);
  const first = await resolver.resolve("vault:token");
  await server.admin("POST", "auth/token/revoke", { token: first.get("token") });
  resolver.invalidate("app:basic");
  resolver.invalidate("vault:token");
  const errors = await Promise.all(Array.from({ length: 8 }, () => rejection(resolver.resolve("app:basic"))));
  for (const { code, message } of errors) {
    assertEquals(code, "denied");
    assertMatch(message, /"vault:role" from "memory" was refused \(HTTP 400\)/);
  }
  assertEquals(countSent(server, LOGIN), 2);
});

vaultTest(
  "logins are revoked when the resolver is disposed of, and one that is not renewable is not",
  async (server) => {
    const listed = async () => (await server.admin("GET", "auth/token/accessors?list=true")).data.keys.length;
    const before = await listed();
    const resolver = resolverOf(server, await server.addAppRole("app"));
    await resolver.resolve("app:basic");
    assertEquals(await listed(), before + 1);
    await resolver[Symbol.asyncDispose]();
    assertEquals(await listed(), before);
    const batch = resolverOf(server, await server.addAppRole("app", { token_type: "batch" }));
    const { sent } = server;
    sent.length = 0;
    await batch.resolve("app:basic");
    await batch[Symbol.asyncDispose]();
    assertEquals(sent, [LOGIN, "GET secret/data/app"]);
  },
);

vaultTest("a password and an AppRole at another mount log in at a real OpenBao", async (server, t) => {
  const { admin } = server;
  await admin("POST", "sys/auth/userpass", { type: "userpass" });
  await admin("POST", "auth/userpass/users/app", { password: "not-a-secret", token_policies: "app" });
  await t.step("userpass", async () => {
    await using resolver = resolverOf(server, { user: "app", password: "not-a-secret" }, { method: "userpass" });
    assertEquals((await resolver.resolve("app:basic")).get("user"), "app");
  });
  await t.step("approle at another mount", async () => {
    await admin("POST", "sys/auth/machines", { type: "approle" });
    await admin("POST", "auth/machines/role/app", { token_policies: "app" });
    const { data: { role_id } } = await admin("GET", "auth/machines/role/app/role-id");
    const { data: { secret_id } } = await admin("POST", "auth/machines/role/app/secret-id", {});
    await using resolver = resolverOf(server, { role_id, secret_id }, { mount: "machines" });
    assertEquals((await resolver.resolve("app:basic")).get("user"), "app");
  });
});
