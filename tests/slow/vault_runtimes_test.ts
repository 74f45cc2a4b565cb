import { assert, assertEquals, assertLess, assertMatch, assertNotEquals } from "@std/assert";
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
  await servers.addRole("app", { ttl: "3s", max: "5s" });
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
  await until("the users to be gone", async () => (await users()).length === 0 || undefined, 15_000);
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
    for (const [name, [runtime, ...args]] of Object.entries(commands)) {
      await t.step(name, async () => {
        const command = new Deno.Command(runtime, { args: [...args, JSON.stringify(variables)], stdin: "null" });
        const { stdout, stderr } = await command.output();
        const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
        assert(out, err);
        const [first, last] = JSON.parse(out);
        for (const [document, user] of [first, last]) {
          assertEquals(document, "app");
          assertMatch(user, USER);
        }
        assertNotEquals(first[1], last[1]);
        assertEquals(await servers.users(), []);
      });
    }
  },
);

serverTest(
  "on workerd the requests of a Worker share a login and a lease of a real OpenBao, and its users end by themselves",
  ["openbao", "postgres"],
  async (t) => {
    using program = await bundleProgram("vault_worker");
    for (const compatibilityDate of ["2024-06-01", "2026-04-01"]) {
      await t.step(compatibilityDate, async () => {
        const { servers, variables: bindings } = await startServers();
        await using _ = servers;
        const workerd = `${program.modules}/.bin/workerd`;
        await using worker = await startWorker({ bundle: program.path, workerd, compatibilityDate, bindings });
        const ask = async (): Promise<readonly [string, string]> => {
          const answer = await fetch(worker.url);
          const text = await answer.text();
          assertEquals(answer.status, 200, text);
          return JSON.parse(text);
        };
        const seen = new Set<string>();
        const began = Date.now();
        while (Date.now() < began + 9_000) {
          const all = await Promise.all(Array.from({ length: 10 }, ask));
          const existing = await servers.users();
          for (const [document, user] of all) {
            assertEquals(document, "app");
            assert(existing.includes(user), "a user was given that is gone");
            seen.add(user);
          }
          await new Promise((resolve) => setTimeout(resolve, 200));
        }
        assert(seen.size >= 2, `${seen.size} users`);
        assertLess(seen.size, 8);
        await untilNoUser(servers);
      });
    }
  },
);
