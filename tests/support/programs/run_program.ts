import { fileURLToPath } from "node:url";
import { bundleProgram as bundle } from "../bundle_program.ts";
import { installRuntimes, type Node } from "../runtimes/install.ts";

/** How a program is started. */
export interface ProgramOptions {
  /** Its Deno permissions; none unless set. */
  readonly permissions?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Assignments in the language of the shell, for values that are not text. */
  readonly assignments?: string;
  /** Whether it runs without root's permission to read every file. */
  readonly unprivileged?: boolean;
}

// Hint: root without these capabilities is an ordinary owner, and can still read a checkout that only root may enter.
const UNPRIVILEGED = [
  "setpriv",
  "--inh-caps=-dac_override,-dac_read_search",
  "--bounding-set=-dac_override,-dac_read_search",
];

/**
 * Runs a program of this folder in another process.
 *
 * @param name The name of its file.
 * @param args Its arguments.
 * @param options Its permissions and environment.
 * @returns Its output, without the last line break.
 */
export async function runProgram(name: string, args: readonly string[], options: ProgramOptions = {}): Promise<string> {
  const { permissions = [], unprivileged = false } = options;
  const program = new URL(name, import.meta.url).href;
  const deno = [Deno.execPath(), "run", "--quiet", "--no-prompt", "--no-lock", ...permissions, program, ...args];
  return await outputOf(unprivileged && Deno.uid() === 0 ? [...UNPRIVILEGED, ...deno] : deno, options);
}

/** A program of this folder, bundled for the runtimes that cannot run TypeScript. */
export interface BundledProgram extends Disposable {
  /** Runs it, with flags of the runtime as its permissions, and returns its output without the last line break. */
  run(runtime: "bun" | Node, args: readonly string[], options?: Omit<ProgramOptions, "unprivileged">): Promise<string>;
  /** Returns the command that runs it. */
  command(runtime: "bun" | Node, args: readonly string[], flags?: readonly string[]): readonly string[];
}

/**
 * Bundles a program of this folder.
 *
 * @param name The name of its file.
 * @returns The program.
 */
export async function bundleProgram(name: string): Promise<BundledProgram> {
  const modules = await installRuntimes();
  const directory = Deno.makeTempDirSync();
  const outfile = `${directory}/program.mjs`;
  const entryPoints = [fileURLToPath(new URL(name, import.meta.url))];
  await bundle({ entryPoints, nodePaths: [modules], mainFields: ["module", "main"] }, outfile);
  const command: BundledProgram["command"] = (runtime, args, flags = []) => {
    const executable = runtime === "bun" ? [`${modules}/.bin/bun`, "--no-install"] : [`${modules}/${runtime}/bin/node`];
    return [...executable, ...flags, outfile, ...args];
  };
  return {
    run: (runtime, args, options = {}) => outputOf(command(runtime, args, options.permissions), options),
    command,
    [Symbol.dispose]: () => Deno.removeSync(directory, { recursive: true }),
  };
}

async function outputOf(command: readonly string[], { env = {}, assignments }: ProgramOptions): Promise<string> {
  const shell = assignments === undefined ? [] : ["sh", "-c", `export ${assignments}; exec "$@"`, "sh"];
  const [executable, ...args] = [...shell, ...command];
  const { stdout } = await new Deno.Command(executable!, {
    args,
    env: { ...env, NO_COLOR: "1", NODE_NO_WARNINGS: "1" },
    stderr: "inherit",
  }).output();
  return new TextDecoder().decode(stdout).trimEnd();
}
