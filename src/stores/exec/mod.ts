/**
 * Stores of what programs print: a secret of a command line such as `op` or `gh`, the keys of an AWS
 * `credential_process`, and the `ExecCredential` of a Kubernetes plugin.
 *
 * Use them on a machine where a person has logged in. On runtimes without programs, such as those at the edge, they are
 * off.
 *
 * More: [Programs](https://github.com/alphaswarm/credentials/blob/main/src/stores/exec/README.md).
 *
 * @example A variable in CI, 1Password on a laptop
 * ```ts
 * import { defineChain, env, required } from "@alphaswarm/credentials";
 * import { exec } from "@alphaswarm/credentials/exec";
 *
 * const chain = defineChain({
 *   stores: {
 *     env: env({ priority: 200 }),
 *     op: exec({ priority: 100, command: ["op", "read", "{}"] }),
 *   },
 *   credentials: {
 *     "github:api": {
 *       fields: { token: required() },
 *       from: {
 *         env: { prefix: "GITHUB_" },
 *         op: { document: "op://dev/github/token", text: true, fields: { token: "" } },
 *       },
 *     },
 *   },
 * });
 * ```
 *
 * @module
 */
export { exec, type ExecOptions } from "./exec.ts";
export { credentialProcess } from "./credential_process.ts";
export { execCredential, type ExecCredentialOptions } from "./exec_credential.ts";
export type { CommandOptions } from "./command.ts";
