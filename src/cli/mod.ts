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
 * Runs the command line with the arguments and on the terminal of the program that it is in.
 *
 * @returns The exit code: 0, 1 for a finding, 2 for misuse.
 * @category Command line
 */
export function main(): Promise<number> {
  return run(openTerminal());
}

if (isProgram(import.meta, fileURLToPath, realpathSync)) openTerminal().exit(await main());
