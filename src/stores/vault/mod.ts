/**
 * Stores of HashiCorp Vault and OpenBao: a login, the documents of a KV engine, and dynamic secrets with their leases.
 *
 * Use `vaultLogin` for the token, and the other two with it: `vaultKv` for secrets that somebody wrote, `vaultDynamic`
 * for users that the server creates.
 *
 * More: [HashiCorp Vault and OpenBao](https://github.com/alphaswarm/credentials/blob/main/src/stores/vault/README.md).
 *
 * @example A document and a database login
 * ```ts
 * import { defineChain, env, fromEnv, required } from "@alphaswarm/credentials";
 * import { vaultDynamic, vaultKv, vaultLogin } from "@alphaswarm/credentials/vault";
 *
 * const url = fromEnv("VAULT_ADDR");
 * const chain = defineChain({
 *   stores: {
 *     login: vaultLogin({
 *       priority: 300,
 *       url,
 *       method: "approle",
 *       credential: "vault:role",
 *     }),
 *     db: vaultDynamic({ priority: 260, url, login: "vault:token", mount: "database" }),
 *     kv: vaultKv({ priority: 250, url, login: "vault:token" }),
 *     env: env({ priority: 100 }),
 *   },
 *   credentials: {
 *     "vault:role": {
 *       fields: { role_id: required(), secret_id: required() },
 *       from: { env: { prefix: "VAULT_" } },
 *     },
 *     "vault:token": { fields: { token: required() }, from: { login: true } },
 *     "pg:app": {
 *       fields: { user: required(), password: required() },
 *       from: { db: { role: "app", fields: { user: "username", password: "password" } } },
 *     },
 *     "neo4j:basic": {
 *       fields: { user: required(), password: required() },
 *       from: { kv: "neo4j/app" },
 *     },
 *   },
 * });
 * ```
 *
 * @module
 */
export { vaultLogin, type VaultLoginOptions, type VaultLoginRequest } from "./vault_login.ts";
export { type LoginMethod } from "./login_methods.ts";
export { vaultKv, type VaultKvOptions } from "./vault_kv.ts";
export { vaultDynamic, type VaultDynamicOptions, type VaultDynamicRequest } from "./vault_dynamic.ts";
export type { VaultOptions } from "./server.ts";
