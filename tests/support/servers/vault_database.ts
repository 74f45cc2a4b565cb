import type { Credential } from "../../../mod.ts";
import { type Postgres, startPostgres } from "./postgres.ts";
import { startVault, type VaultAdmin } from "./vault_admin.ts";

/** How long the leases of a role of the database live, in words such as `4s`. */
export interface LeaseTimes {
  readonly ttl: string;
  readonly max: string;
}

/** An OpenBao whose database engine makes users of a PostgreSQL. */
export interface VaultDatabase extends AsyncDisposable {
  readonly vault: VaultAdmin;
  readonly postgres: Postgres;
  /** Makes a role of the database engine whose users end their connections when they are revoked. */
  addRole(name: string, times: LeaseTimes): Promise<void>;
  /** Returns the users that leases made, and that were not revoked. */
  users(): Promise<readonly string[]>;
}

/**
 * Asserts that the user of a lease that was just given exists.
 *
 * @returns All users that exist; none if looking for them took so long that the lease may have ended meanwhile.
 * @throws {Error} If the user does not exist although the lease has not ended.
 */
export async function usersWith({ users }: VaultDatabase, given: Credential): Promise<readonly string[]> {
  const found = await users();
  if (found.includes(String(given.get("user")))) return found;
  if (Date.now() < given.expiresAt!) throw new Error("Expected the user that was given to be there");
  return [];
}

/** Starts an OpenBao and a PostgreSQL, with a policy `app` that may read credentials of each role and revoke leases. */
export async function startVaultDatabase(): Promise<VaultDatabase> {
  const vault = await startVault();
  const postgres = await startPostgres().catch(async (error) => {
    await vault[Symbol.asyncDispose]();
    throw error;
  });
  const { admin } = vault;
  await vault.setPolicy("app", { "database/creds/*": ["read"], "sys/leases/revoke": ["update"] });
  await admin("POST", "sys/mounts/database", { type: "database" });
  await admin("POST", "database/config/app", {
    plugin_name: "postgresql-database-plugin",
    allowed_roles: "*",
    connection_url:
      `postgresql://{{username}}:{{password}}@127.0.0.1:${postgres.port}/${postgres.database}?sslmode=disable`,
    username: postgres.user,
    password: postgres.password,
  });
  const rows = async (sql: string) => (await postgres.sql(sql)).split("\n").filter((line) => line !== "");
  return {
    vault,
    postgres,
    addRole: async (name, { ttl, max }) => {
      await admin("POST", `database/roles/${name}`, {
        db_name: "app",
        default_ttl: ttl,
        max_ttl: max,
        creation_statements: [`CREATE ROLE "{{name}}" LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}'`],
        revocation_statements: [
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{{name}}'`,
          `DROP ROLE IF EXISTS "{{name}}"`,
        ],
      });
    },
    users: () => rows("SELECT rolname FROM pg_roles WHERE rolname LIKE 'v-%'"),
    [Symbol.asyncDispose]: async () => {
      await vault[Symbol.asyncDispose]();
      await postgres[Symbol.asyncDispose]();
    },
  };
}
