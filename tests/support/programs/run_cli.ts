import { rootUrl } from "../closed_network/root.ts";

/** The result of a command. */
export interface CliResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** How a command is run. */
export interface RunOptions {
  /** Its environment variables, in addition to those that a process needs to start. */
  readonly env?: Readonly<Record<string, string>>;
  /** Deno's permission flags; by default those of `deno task describe`. */
  readonly flags?: readonly string[];
  /** The working directory. */
  readonly cwd?: string;
  /** What it reads from standard input. */
  readonly input?: string;
}

const CLI = new URL("src/cli/mod.ts", rootUrl).href;

// Hint: without a lock Deno asks the registry again, and its download messages would be part of a command's output.
const cache = ["cache", "--no-lock", "--quiet", CLI, new URL("chain.config.ts", rootUrl).href];
const { success } = await new Deno.Command(Deno.execPath(), { args: cache, cwd: rootUrl }).output();
if (!success) throw new Error("Cannot download the packages of the command line");

const INHERITED = ["PATH", "HOME", "DENO_DIR", "JSR_URL", "NPM_CONFIG_REGISTRY", "DENO_COVERAGE_DIR"];

/** The environment variables that a process needs to start, and no others. */
export function bareEnvironment(): Record<string, string> {
  return Object.fromEntries(INHERITED.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  }));
}

/** The arguments with which `deno` starts the command line. */
export function cliArgs(args: readonly string[], flags: readonly string[] = ["--allow-env", "--allow-read"]): string[] {
  return ["run", "--no-lock", "--no-prompt", ...flags, CLI, ...args];
}

/** Runs the command line in a process of its own, with piped output. */
export async function runCli(
  args: readonly string[],
  { env = {}, flags, cwd, input }: RunOptions = {},
): Promise<CliResult> {
  const child = new Deno.Command(Deno.execPath(), {
    args: cliArgs(args, flags),
    env: { ...bareEnvironment(), ...env },
    clearEnv: true,
    stdin: input === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
    ...(cwd === undefined ? { cwd: rootUrl } : { cwd }),
  }).spawn();
  if (input !== undefined) await new Blob([input]).stream().pipeTo(child.stdin);
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

/** Runs the command line on a terminal of its own, and returns what it shows. */
export async function runOnTerminal(
  args: readonly string[],
  { env = {}, flags, cwd, columns = 0 }: RunOptions & { readonly columns?: number } = {},
): Promise<string> {
  const command = [Deno.execPath(), ...cliArgs(args, flags)].map((word) => `'${word}'`).join(" ");
  const { stdout } = await new Deno.Command("script", {
    args: ["--quiet", "--return", "--command", `stty cols ${columns}; ${command}`, "/dev/null"],
    env: { ...bareEnvironment(), ...env },
    clearEnv: true,
    cwd: cwd ?? rootUrl,
    stdin: "null",
  }).output();
  return new TextDecoder().decode(stdout).replaceAll("\r\n", "\n");
}

/** Writes a module that exports a chain, and imports this package by its URL. */
export function writeChain(directory: string, chain: string, name = "chain.config.ts"): void {
  const imported =
    "answer, defineChain, defineStore, denied, destination, document, env, file, flag, fromEnv, invalid, memory, mounted, optional, required, setting, token, unavailable, variables, whenSet";
  Deno.writeTextFileSync(
    `${directory}/${name}`,
    `import { ${imported} } from "${new URL("mod.ts", rootUrl).href}";\nexport default ${chain};\n`,
  );
}

/** The lines of a text that are wider than 80 columns. */
export function tooWide(text: string): readonly string[] {
  return text.split("\n").filter((line) => [...line].length > 80);
}
