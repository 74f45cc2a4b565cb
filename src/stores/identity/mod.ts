/**
 * Stores of the identity that a machine has by itself: the token of a GitHub Actions job, and a token in a file, as
 * Kubernetes and SPIFFE write it.
 *
 * Use one as the first step of a chain that holds no secret: `oauth2`, `sts` or `vaultLogin` exchange it.
 *
 * More: [Identities of machines](https://github.com/alphaswarm/credentials/blob/main/src/stores/identity/README.md).
 *
 * @example In a job or in a pod, without a secret
 * ```ts
 * import { defineChain, fromEnv, required } from "@alphaswarm/credentials";
 * import { githubActions, tokenFile } from "@alphaswarm/credentials/identity";
 * import { vaultKv, vaultLogin } from "@alphaswarm/credentials/vault";
 *
 * const url = fromEnv("VAULT_ADDR");
 * const chain = defineChain({
 *   stores: {
 *     kv: vaultKv({ priority: 400, url, login: "vault:token" }),
 *     login: vaultLogin({
 *       priority: 300,
 *       url,
 *       method: "jwt",
 *       role: "app",
 *       credential: "app:identity",
 *     }),
 *     job: githubActions({ priority: 200 }),
 *     pod: tokenFile({ priority: 100, path: "/var/run/secrets/tokens/vault" }),
 *   },
 *   credentials: {
 *     "app:identity": {
 *       fields: { token: required() },
 *       from: {
 *         job: { audience: "https://vault.example" },
 *         pod: { fields: { token: "token" } },
 *       },
 *     },
 *     "vault:token": { fields: { token: required() }, from: { login: true } },
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
export { githubActions, type GithubActionsRequest } from "./github_actions.ts";
export { tokenFile, type TokenFileOptions } from "./token_file.ts";
