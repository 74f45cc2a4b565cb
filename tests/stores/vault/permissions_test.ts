import { assertEquals } from "@std/assert";
import { defineChain, env, fromEnv, required } from "../../../mod.ts";
import { permissions } from "../../../src/report/mod.ts";
import { vaultDynamic, vaultKv, vaultLogin } from "../../../src/stores/vault/mod.ts";
import { testHost } from "../../../src/testing/mod.ts";

/** Creates a chain in which each store has a server of its own, unless they share one. */
function chainOf(...urls: readonly [string | ReturnType<typeof fromEnv>, ...string[]]) {
  const [login, db = login, kv = login] = urls;
  return defineChain({
    stores: {
      login: vaultLogin({ priority: 4, url: login, method: "approle", credential: "vault:role" }),
      db: vaultDynamic({ priority: 3, url: db, login: "vault:token", mount: "database" }),
      kv: vaultKv({ priority: 2, url: kv, login: "vault:token", namespace: fromEnv("VAULT_NAMESPACE", "") }),
      env: env({ priority: 1 }),
    },
    credentials: {
      "vault:role": { fields: { role_id: required(), secret_id: required() }, from: { env: { prefix: "VAULT_" } } },
      "vault:token": { fields: { token: required() }, from: { login: true } },
      "pg:app": { fields: { user: required() }, from: { db: { role: "app", fields: { user: "username" } } } },
      "app:basic": { fields: { user: required() }, from: { kv: "app" } },
    },
  });
}

Deno.test("permissions() lists the host of each store of a Vault, with a port that is not the scheme's, once", () => {
  const separate = chainOf("https://login.example:8200/v1", "https://db.example", "http://127.0.0.1:8200");
  assertEquals(permissions(separate, testHost()).net, ["login.example:8200", "db.example", "127.0.0.1:8200"]);
  assertEquals(permissions(chainOf("https://vault.example:8200"), testHost()).net, ["vault.example:8200"]);
  assertEquals(permissions(chainOf("not a URL"), testHost()).net, []);
});

Deno.test("permissions() of stores of a Vault whose URL is in a variable names it, and shows nothing of it but the host", () => {
  const host = testHost({ env: { VAULT_ADDR: "https://vault.example:8200/hunter2?key=hunter2" } });
  const report = permissions(chainOf(fromEnv("VAULT_ADDR")), host);
  assertEquals(report.net, ["vault.example:8200"]);
  assertEquals(report.env, ["VAULT_ADDR", "VAULT_NAMESPACE", "VAULT_ROLE_ID", "VAULT_SECRET_ID"]);
  assertEquals([report.read, JSON.stringify(report).includes("hunter2")], [[], false]);
});
