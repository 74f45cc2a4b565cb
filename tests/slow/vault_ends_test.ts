import { assertEquals, assertMatch } from "@std/assert";
import { testClock } from "../../src/testing/mod.ts";
import { rejection } from "../support/fixtures/rejection.ts";
import { until } from "../support/fixtures/until.ts";
import { vaultResolver } from "../support/fixtures/vault_chain.ts";
import { serverTest } from "../support/servers/server_test_case.ts";
import { startVault } from "../support/servers/vault_admin.ts";
import { startVaultDatabase } from "../support/servers/vault_database.ts";

serverTest(
  "a user that a real PostgreSQL is making while the resolver is disposed of is gone when that ends, and so is its login",
  ["openbao", "postgres"],
  async () => {
    await using servers = await startVaultDatabase();
    const { vault } = servers;
    await vault.admin("POST", "database/roles/slow", {
      db_name: "app",
      default_ttl: "1h",
      max_ttl: "1h",
      creation_statements: [
        "SELECT pg_sleep(1)",
        `CREATE ROLE "{{name}}" LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}'`,
      ],
    });
    const values = await vault.addAppRole("app");
    const asked = () => Promise.resolve(vault.sent.some((each) => each.endsWith("creds/slow")) || undefined);
    const resolver = vaultResolver({ url: vault.url, values, role: "slow" }, { fetch: vault.fetch });
    const call = resolver.resolve("pg:app").catch(() => {});
    await until("the user to be asked for", () => asked());
    await resolver[Symbol.asyncDispose]();
    await call;
    await until("the user to be gone", async () => (await servers.users()).length === 0 || undefined);
  },
);

/** Names that are written otherwise in a URL, or are words of the engine itself. */
const NAMES = [
  "ünï/©日本",
  "a b/c",
  "q?x=1",
  "h#y",
  "p%2e%2e",
  "p%2fq",
  "data/metadata",
  "a+b;c",
  "a:b@c",
  "back\\slash",
  "*",
  "Case",
  "case",
];

serverTest("a secret of any name is read at a real OpenBao, and is never another one", ["openbao"], async () => {
  await using vault = await startVault();
  const found: string[] = [];
  for (const path of NAMES) {
    const url = path.split("/").map(encodeURIComponent).join("/");
    await vault.admin("POST", `secret/data/${url}`, { data: { user: path, metadata: { version: 9 } } });
  }
  for (const path of NAMES) {
    await using resolver = vaultResolver({ url: vault.url, values: { held: vault.token }, path }, {
      fetch: vault.fetch,
    });
    found.push((await resolver.resolve("app:basic")).get("user"));
  }
  assertEquals(found, NAMES);
});

serverTest("a mount of a real OpenBao that is made anew as version 1 makes no secret a miss", ["openbao"], async () => {
  await using vault = await startVault();
  const clock = testClock();
  const parts = { url: vault.url, values: { held: vault.token }, path: "missing" };
  await using resolver = vaultResolver(parts, { fetch: vault.fetch, clock });
  const message = async () => (await rejection(resolver.resolve("app:basic"))).message;
  assertMatch(await message(), /no store has it/);
  await vault.admin("DELETE", "sys/mounts/secret");
  await vault.admin("POST", "sys/mounts/secret", { type: "kv", options: { version: "1" } });
  await clock.advance(60_000);
  assertMatch(await message(), /"secret" is version 1 of KV: set version: 1/);
});
