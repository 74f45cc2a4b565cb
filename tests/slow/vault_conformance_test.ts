import { vaultDynamic, vaultKv, vaultLogin } from "../../src/stores/vault/mod.ts";
import { conformance, type ConformanceLimit, type StoreHarness } from "../../src/testing/mod.ts";
import type { ServerName } from "../support/servers/get/servers.ts";
import { serverTest } from "../support/servers/server_test_case.ts";
import { startVault, type VaultAdmin } from "../support/servers/vault_admin.ts";
import { startVaultDatabase, type VaultDatabase } from "../support/servers/vault_database.ts";

/** Registers one test of all checks of a store, which share the server. */
function test<Servers extends AsyncDisposable>(
  name: string,
  servers: readonly ServerName[],
  start: () => Promise<Servers>,
  open: (servers: Servers) => StoreHarness | Promise<StoreHarness>,
  cannot: readonly ConformanceLimit[],
): void {
  serverTest(name, servers, async () => {
    await using started = await start();
    const failed: string[] = [];
    for (const { name, run } of conformance("", () => open(started), cannot)) {
      await run().catch((error) => failed.push(`${name.trim()}: ${error.message}`));
    }
    if (failed.length > 0) throw new Error(failed.join("\n"));
  });
}

/** The faults of a server on the network, as a program sees them: what a request gets instead of its answer. */
function faultyNetwork({ fetch }: Pick<VaultAdmin, "fetch">) {
  let fault: ((signal: AbortSignal | null | undefined) => Promise<Response>) | undefined;
  return {
    host: {
      fetch: (input: string | URL | Request, init?: RequestInit) => fault?.(init?.signal) ?? fetch(input, init),
      env: {},
    },
    break: () => void (fault = () => Promise.resolve(Response.json({ data: 7 }))),
    disconnect: () => void (fault = () => Promise.reject(new TypeError("no connection"))),
    stall: () =>
      void (fault = (signal) =>
        new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)))),
  };
}

/** Lists the accessors of the tokens that logins of AppRole obtained. */
async function logins({ admin }: VaultAdmin): Promise<readonly string[]> {
  const { data: { keys } } = await admin("LIST", "auth/token/accessors");
  const found: string[] = [];
  for (const accessor of keys) {
    const { data: { path } } = await admin("POST", "auth/token/lookup-accessor", { accessor });
    if (path === "auth/approle/login") found.push(accessor);
  }
  return found;
}

test(
  "vaultLogin passes the conformance kit on a real OpenBao, and leaves no token there",
  ["openbao"],
  startVault,
  async (vault) => {
    await vault.setPolicy("app", { "secret/*": ["read"] });
    const role = await vault.addAppRole("app", { token_ttl: "1h", token_max_ttl: "2h" });
    return {
      store: (options) => vaultLogin({ ...options, url: vault.url, method: "approle", credential: "vault:role" }),
      from: { fields: { user: "token", password: "token", note: "none" } },
      needs: { "vault:role": () => role },
      put: () => {},
      remove: () => {},
      deny: async () => {
        await vault.admin("DELETE", "auth/approle/role/app");
        // Hint: a login that is alive is kept, since a service's 401 may be about something else.
        for (const accessor of await logins(vault)) {
          await vault.admin("POST", "auth/token/revoke-accessor", { accessor });
        }
      },
      leases: async () => (await logins(vault)).length,
      ...faultyNetwork(vault),
    };
  },
  ["put", "part"],
);

test(
  "vaultDynamic passes the conformance kit on a real OpenBao and PostgreSQL, and leaves no user there",
  ["openbao", "postgres"],
  startVaultDatabase,
  async ({ vault, users, addRole }: VaultDatabase) => {
    await addRole("app", { ttl: "1h", max: "2h" });
    await vault.setPolicy("app", { "database/creds/*": ["read"], "sys/leases/revoke": ["update"] });
    const login = async () => {
      const { auth } = await vault.admin("POST", "auth/token/create", { policies: ["app"], ttl: "1h" });
      return { token: auth.client_token };
    };
    return {
      store: (options) => vaultDynamic({ ...options, url: vault.url, mount: "database", login: "vault:token" }),
      from: { role: "app", fields: { user: "username", password: "password" } },
      needs: { "vault:token": login },
      put: () => {},
      remove: () => {},
      deny: () => vault.setPolicy("app", { "sys/leases/revoke": ["update"] }),
      leases: async () => (await users()).length,
      ...faultyNetwork(vault),
    };
  },
  ["put", "part"],
);

test("vaultKv passes the conformance kit on a real OpenBao", ["openbao"], startVault, async (vault) => {
  const all = ["create", "read", "update"];
  await vault.setPolicy("app", { "secret/data/*": all });
  const login = await vault.admin("POST", "auth/token/create", { policies: ["app"], ttl: "1h" });
  const path = crypto.randomUUID();
  return {
    store: (options) => vaultKv({ ...options, url: vault.url, login: "vault:token" }),
    from: path,
    needs: { "vault:token": () => ({ token: login.auth.client_token }) },
    put: async (values) => void await vault.admin("POST", `secret/data/${path}`, { data: values }),
    remove: async () => void await vault.admin("DELETE", `secret/data/${path}`),
    deny: () => vault.setPolicy("app", { "secret/other/*": all }),
    ...faultyNetwork(vault),
  };
}, []);
