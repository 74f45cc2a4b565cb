import { createResolver, defineChain, env, fromEnv, required } from "../../../mod.ts";
import { vaultDynamic, vaultKv, vaultLogin } from "../../../src/stores/vault/mod.ts";

/** Creates a resolver of a document and a user of a database, from what it is given as variables. */
export function createVaultResolver(variables: Readonly<Record<string, string>>) {
  const url = fromEnv("VAULT_ADDR");
  const chain = defineChain({
    stores: {
      login: vaultLogin({ priority: 4, url, method: "approle", credential: "vault:role" }),
      db: vaultDynamic({ priority: 3, url, login: "vault:token", mount: "database", overlap: 500 }),
      kv: vaultKv({ priority: 2, url, login: "vault:token" }),
      env: env({ priority: 1 }),
    },
    credentials: {
      "vault:role": { fields: { role_id: required(), secret_id: required() }, from: { env: { prefix: "VAULT_" } } },
      "vault:token": { fields: { token: required() }, from: { login: true } },
      "pg:app": {
        fields: { user: required(), password: required() },
        from: { db: { role: "app", fields: { user: "username", password: "password" } } },
      },
      "app:basic": { fields: { user: required() }, from: { kv: "app" } },
    },
  });
  return createResolver(chain, { env: variables });
}

/** Returns the users of a document and of a database, by a resolver. */
export async function usersOf(resolver: ReturnType<typeof createVaultResolver>): Promise<readonly string[]> {
  const [document, database] = await Promise.all([resolver.resolve("app:basic"), resolver.resolve("pg:app")]);
  return [document.get("user"), database.get("user")];
}
