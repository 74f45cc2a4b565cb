import { assert, assertEquals, assertLess, assertLessOrEqual, assertMatch, assertNotEquals } from "@std/assert";
import { until } from "../support/fixtures/until.ts";
import { serverTest } from "../support/servers/server_test_case.ts";
import { startVaultDatabase, type VaultDatabase } from "../support/servers/vault_database.ts";
import { bundleProgram } from "../support/tokens/bundle_program.ts";
import { startWorker } from "../support/tokens/worker_process.ts";

/** A user that the database engine made. */
const USER = /^v-approle-app-/;

/** Starts servers whose leases are replaced within seconds, and returns what a program needs of them. */
async function startServers() {
  const servers = await startVaultDatabase();
  const { vault } = servers;
  await servers.addRole("app", { ttl: "6s", max: "10s" });
  await vault.setPolicy("app", {
    "database/creds/app": ["read"],
    "sys/leases/revoke": ["update"],
    "secret/data/app": ["read"],
  });
  await vault.admin("POST", "secret/data/app", { data: { user: "app" } });
  const { role_id, secret_id } = await vault.addAppRole("app");
  return { servers, variables: { VAULT_ADDR: vault.url, VAULT_ROLE_ID: role_id, VAULT_SECRET_ID: secret_id } };
}

async function untilNoUser({ users }: VaultDatabase): Promise<void> {
  await until("the users to be gone", async () => (await users()).length === 0 || undefined);
}

serverTest(
  "secrets of a real OpenBao are served on Deno, Bun and Node, and no user is left when a program ends",
  ["openbao", "postgres"],
  async (t) => {
    const { servers, variables } = await startServers();
    await using _ = servers;
    using program = await bundleProgram("vault_system");
    const { modules, path, source } = program;
    const commands: Readonly<Record<string, readonly [string, ...string[]]>> = {
      Deno: [Deno.execPath(), "run", "--allow-all", "--no-check", "--no-lock", source],
      Bun: [`${modules}/.bin/bun`, "run", "--no-install", path],
      "Node 20": [`${modules}/node-20/bin/node`, path],
      "Node 24": [`${modules}/node-24/bin/node`, path],
      "Node 26": [`${modules}/node-26/bin/node`, path],
    };
    const running = Object.entries(commands).map(async ([name, [runtime, ...args]]) => {
      const command = new Deno.Command(runtime, { args: [...args, JSON.stringify(variables)], stdin: "null" });
      const { stdout, stderr } = await command.output();
      const [out = "", err = ""] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
      return { name, out, err, left: await servers.users() };
    });
    for (const { name, out, err, left } of await Promise.all(running)) {
      await t.step(name, () => {
        assert(out, err);
        const [first, last] = JSON.parse(out);
        for (const [document, user] of [first, last]) {
          assertEquals(document, "app");
          assertMatch(user, USER);
          assert(!left.includes(user), "a user is left of a program that has ended");
        }
        assertNotEquals(first[1], last[1]);
      });
    }
    assertEquals(await servers.users(), []);
  },
);

serverTest(
  "on workerd the requests of a Worker share a login and a lease of a real OpenBao, and its users end by themselves",
  ["openbao", "postgres"],
  async () => {
    const { servers, variables: bindings } = await startServers();
    await using _ = servers;
    using program = await bundleProgram("vault_worker");
    const workerd = `${program.modules}/.bin/workerd`;
    await Promise.all(["2024-06-01", "2026-04-01"].map(async (compatibilityDate) => {
      await using worker = await startWorker({ bundle: program.path, workerd, compatibilityDate, bindings });
      const ask = async (): Promise<readonly [string, string]> => {
        const answer = await fetch(worker.url);
        const text = await answer.text();
        assertEquals(answer.status, 200, text);
        return JSON.parse(text);
      };
      const seen = new Set<string>();
      await until("three users", async () => {
        const began = Date.now();
        const all = await Promise.all(Array.from({ length: 10 }, ask));
        const existing = await servers.users();
        // Hint: a lease has a quarter of its time left when it is given, which a machine that stands still outlasts.
        const isLate = Date.now() - began > 1_000;
        for (const [document, user] of all) {
          assertEquals(document, "app");
          assert(isLate || existing.includes(user), "a user was given that is gone");
          seen.add(user);
        }
        // Hint: requests at once share a lease, but some may begin before it is replaced and others after.
        assertLessOrEqual(new Set(all.map(([, user]) => user)).size, 2);
        return seen.size >= 3 || undefined;
      }, 60_000);
      assertLess(seen.size, 5);
    }));
    await untilNoUser(servers);
  },
);
