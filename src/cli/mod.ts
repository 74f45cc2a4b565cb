/**
 * The command line: `describe`, `explain`, `check`, `permissions` and more, on Deno, Bun and Node.
 *
 * Use it to see which credential is in use and where it comes from, before and after a deployment. It reads the chain
 * that `chain.config.ts` exports:
 *
 * ```sh
 * deno run -A jsr:@alphaswarm/credentials/cli describe
 * ```
 *
 * More: [The command line](https://github.com/alphaswarm/credentials/blob/main/src/cli/README.md).
 *
 * @example A chain.config.ts
 * ```ts
 * import { defineChain, env, file, required } from "@alphaswarm/credentials";
 *
 * export default defineChain({
 *   stores: {
 *     file: file({ priority: 200, directory: "state" }),
 *     env: env({ priority: 100 }),
 *   },
 *   credentials: {
 *     "db:basic": {
 *       fields: { user: required(), password: required() },
 *       from: { file: "db.json", env: { prefix: "DB_" } },
 *     },
 *   },
 * });
 * ```
 *
 * @module
 */
import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { run } from "./run.ts";
import { isProgram, openTerminal } from "./terminal.ts";

/**
 * Runs the command line with the arguments, standard input and output of the current process.
 *
 * @returns The exit code: 0 for success, 1 for a problem found, 2 for a command line or a chain that cannot be used.
 *
 * @example A script of a project's own
 * ```ts
 * import { main } from "@alphaswarm/credentials/cli";
 *
 * // In tools/credentials.ts, for: deno run -A tools/credentials.ts check
 * if (import.meta.main) Deno.exitCode = await main();
 * ```
 * @category Command line
 */
export function main(): Promise<number> {
  return run(openTerminal());
}

if (isProgram(import.meta, fileURLToPath, realpathSync)) openTerminal().setExitCode(await main());
