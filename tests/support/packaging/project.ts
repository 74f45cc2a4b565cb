import { installRuntimes, type Node, nodes } from "../runtimes/install.ts";
import { builtPackage, installedPackage, linkPackages } from "./built_package.ts";
import { readManifest } from "./manifest.ts";

/** A runtime on which the package is installed. */
export type Runtime = "bun" | Node;

/** All such runtimes. */
export const runtimes: readonly Runtime[] = ["bun", ...nodes];

/** The result of a program. */
export interface ProgramResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A user's project, with the built package installed. */
export interface Project extends Disposable {
  /** Its directory, which has a `node_modules` directory. */
  readonly directory: string;
  /** The directory in which the runtimes are installed. */
  readonly modules: string;
  /** Writes a file of the project. */
  write(path: string, text: string): void;
  /** Returns the path of a runtime's executable. */
  program(runtime: Runtime): string;
  /** Runs a program of the project with these environment variables, `PATH` and `HOME` only. */
  run(runtime: Runtime, args: readonly string[], env?: Readonly<Record<string, string>>): Promise<ProgramResult>;
}

/**
 * Creates a project with the package and its dependencies installed.
 *
 * @returns The project. Disposing of it removes its directory.
 */
export async function makeProject(): Promise<Project> {
  const modules = await installRuntimes();
  const { modules: packages, dependencies } = await installedPackage();
  const directory = Deno.makeTempDirSync({ prefix: "project_" });
  const installed = `${directory}/node_modules`;
  linkPackages(packages, dependencies, installed);
  await copy(await builtPackage(), `${installed}/${readManifest().name}`);
  const write = (path: string, text: string) => Deno.writeTextFileSync(`${directory}/${path}`, text);
  write("package.json", JSON.stringify({ private: true, type: "module" }));
  const program = (runtime: Runtime) => runtime === "bun" ? `${modules}/.bin/bun` : `${modules}/${runtime}/bin/node`;
  return {
    directory,
    modules,
    write,
    program,
    run: async (runtime, args, env = {}) => {
      const { code, stdout, stderr } = await new Deno.Command(program(runtime), {
        args: [...runtime === "bun" ? ["--no-install"] : [], ...args],
        cwd: directory,
        env: { PATH: Deno.env.get("PATH") ?? "", HOME: directory, ...env },
        clearEnv: true,
        stdin: "null",
      }).output();
      const decoder = new TextDecoder();
      return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
    },
    [Symbol.dispose]: () => Deno.removeSync(directory, { recursive: true }),
  };
}

/** Copies a directory, as npm would install it: a link would lead to the cache. */
async function copy(from: string, to: string): Promise<void> {
  Deno.mkdirSync(to.replace(/\/[^/]*$/, ""), { recursive: true });
  const { success } = await new Deno.Command("cp", { args: ["-r", from, to] }).output();
  if (!success) throw new Error("Cannot install the package: cp failed");
}
