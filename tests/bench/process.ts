import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import process from "node:process";

const deno = (globalThis as { Deno?: typeof Deno }).Deno;

/** Reads a variable with the fastest API of the runtime, as hand-written code would. */
export const readVariable: (name: string) => string | undefined = deno
  ? (name) => deno.env.get(name)
  : (name) => process.env[name];

/** Reads a file synchronously with the fastest API of the runtime, as hand-written code would. */
export const readText: (path: string) => string = deno
  ? (path) => deno.readTextFileSync(path)
  : (path) => readFileSync(path, "utf8");

/** Sets environment variables of this process. */
export function setVariables(variables: Readonly<Record<string, string>>): void {
  Object.assign(process.env, variables);
}

/** Creates a directory with files, which is removed when the process exits. */
export function directoryOf(files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(`${tmpdir()}/bench_`);
  for (const [name, text] of Object.entries(files)) writeFileSync(`${directory}/${name}`, text);
  process.on("exit", () => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
