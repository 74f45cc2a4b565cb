/**
 * The command line: `describe`, `explain`, `check`, `permissions` and more, on Deno, Bun and Node.
 *
 * ```sh
 * deno run -A jsr:@alphaswarm/credentials/cli describe
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
