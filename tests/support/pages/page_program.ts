import { makeDirectoryInside } from "../fixtures/directory.ts";
import type { CliResult } from "../programs/run_cli.ts";

/** A program of a page, in a directory of its own where it can import the package by its name. */
export interface PageProgram extends Disposable {
  /** The directory. */
  readonly directory: string;
  /** The program's path. */
  readonly path: string;
  /** Checks its types, and returns what the compiler says; nothing if they are right. */
  check(): Promise<string>;
  /** Runs it with all permissions. */
  run(...args: readonly string[]): Promise<CliResult>;
}

/** Writes a program of a page where it can import the package by its name. */
export function writePageProgram(code: string): PageProgram {
  const { path: directory, remove } = makeDirectoryInside();
  const path = `${directory}/program.ts`;
  Deno.writeTextFileSync(path, code);
  const run = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-lock", "--no-prompt", "--allow-all", ...args],
      env: { NO_COLOR: "1" },
      stdin: "null",
    }).output();
    const [out = "", err = ""] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    return { code, out, err };
  };
  return {
    directory,
    path,
    check: async () => {
      // Hint: `deno check` leaves out what is in an excluded directory.
      const checked = `${directory}/check.ts`;
      Deno.writeTextFileSync(checked, 'export const load = () => import("./program.ts");\n');
      return (await run("--check", checked)).err;
    },
    run: (...args) => run("--no-check", path, ...args),
    [Symbol.dispose]: remove,
  };
}

/** Returns the chain that a program of a page exports. */
export async function importPageChain(code: string) {
  using program = writePageProgram(code);
  return (await import(`file://${program.path}`)).default;
}
