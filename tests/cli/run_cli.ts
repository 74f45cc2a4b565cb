import { rootUrl } from "../closed_network/root.ts";

/** What became of a command. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** How a command is run. */
export interface RunOptions {
  /** All variables that it sees besides those that a process needs. */
  readonly env?: Readonly<Record<string, string>>;
  /** Deno's permission flags; those of `deno task describe` unless given. */
  readonly flags?: readonly string[];
  /** The working directory. */
  readonly cwd?: string;
}

const CLI = new URL("src/cli/mod.ts", rootUrl).href;

// Hint: without the lock Deno asks the registry anew even for what the tests have, and what it says while it downloads
// must not be among what a command prints.
const cache = ["cache", "--no-lock", "--quiet", CLI, new URL("chain.config.ts", rootUrl).href];
const { success } = await new Deno.Command(Deno.execPath(), { args: cache, cwd: rootUrl }).output();
if (!success) throw new Error("Cannot download the packages of the command line");

const NEEDED = ["PATH", "HOME", "DENO_DIR", "JSR_URL", "NPM_CONFIG_REGISTRY", "DENO_COVERAGE_DIR"];

/** The variables that a process needs to start, and no others. */
export function bareEnvironment(): Record<string, string> {
  return Object.fromEntries(NEEDED.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  }));
}

/** The arguments of `deno` that start the command line. */
export function cliArgs(args: readonly string[], flags: readonly string[] = ["--allow-env", "--allow-read"]): string[] {
  return ["run", "--no-lock", "--no-prompt", ...flags, CLI, ...args];
}

/** Runs the command line as a process of its own, with its output in pipes. */
export async function runCli(args: readonly string[], { env = {}, flags, cwd }: RunOptions = {}): Promise<Ran> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: cliArgs(args, flags),
    env: { ...bareEnvironment(), ...env },
    clearEnv: true,
    stdin: "null",
    ...(cwd === undefined ? { cwd: rootUrl } : { cwd }),
  }).output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

/** Writes a chain into a directory, as a module that imports this package by its place. */
export function writeChain(directory: string, chain: string, name = "chain.config.ts"): void {
  const names =
    "defineChain, defineStore, destination, env, file, flag, fromEnv, memory, optional, required, setting, variables";
  Deno.writeTextFileSync(
    `${directory}/${name}`,
    `import { ${names} } from "${new URL("mod.ts", rootUrl).href}";\nexport default ${chain};\n`,
  );
}

/** The lines of a text that are wider than a terminal of 80 columns. */
export function tooWide(text: string): readonly string[] {
  return text.split("\n").filter((line) => [...line].length > 80);
}
