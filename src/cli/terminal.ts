import { programOf, type Start } from "./program.ts";
import { MAX_LINE_WIDTH } from "./wrap.ts";

/** The arguments, standard input and output of a command. */
export interface Terminal {
  /** The arguments, without the name of the program. */
  readonly args: readonly string[];
  /** The runtime. */
  readonly runtime: Start["runtime"];
  /** Whether it runs modules in TypeScript. */
  readonly runsTypeScript: boolean;
  /** What a user types before the name of a command, such as `deno task `; empty if that is not known. */
  readonly program: string;
  /** Whether to print colours: standard output is a terminal or `FORCE_COLOR` is set, and `NO_COLOR` is not set. */
  readonly color: boolean;
  /** The width of a line, in characters: the terminal's, if standard output is one. */
  readonly width: number;
  /** Whether standard input is a terminal, where somebody is expected to type. */
  readonly stdinIsTerminal: boolean;
  /** Whether standard error is a terminal, rather than a file or a pipe that may be recorded. */
  readonly stderrIsTerminal: boolean;
  /** Writes lines to standard output. */
  print(text: string): void;
  /** Writes lines to standard error. */
  warn(text: string): void;
  /** Reads standard input to its end. */
  readInput(): Promise<string>;
  /** Sets the exit code of the process, which ends once nothing is left to do. */
  setExitCode(code: number): void;
}

interface NodeProcess {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly features: { readonly typescript?: string | false };
  readonly stdin: AsyncIterable<Uint8Array> & { readonly isTTY?: boolean };
  readonly stdout: { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: { readonly isTTY?: boolean };
  exitCode?: number;
}

/** Opens the terminal of the current process, on Deno, Bun or Node.js. */
export function openTerminal(): Terminal {
  const { Deno: deno } = globalThis as { Deno?: typeof Deno };
  return deno ? denoTerminal(deno) : nodeTerminal((globalThis as unknown as { process: NodeProcess }).process);
}

function denoTerminal(deno: typeof Deno): Terminal {
  const variable = (name: string) => {
    const isPermitted = deno.permissions.querySync({ name: "env", variable: name }).state === "granted";
    return isPermitted ? deno.env.get(name) : undefined;
  };
  return {
    args: deno.args,
    runtime: "deno",
    runsTypeScript: true,
    program: programOf({ runtime: "deno", url: import.meta.url, variable }),
    // Hint: to Deno itself, FORCE_COLOR wins over NO_COLOR.
    color: !deno.noColor && !variable("NO_COLOR") && showsColor(deno.stdout.isTerminal(), variable("FORCE_COLOR")),
    // Hint: a pseudo-terminal whose size was never set has no columns.
    width: deno.stdout.isTerminal() && deno.consoleSize().columns || MAX_LINE_WIDTH,
    stdinIsTerminal: deno.stdin.isTerminal(),
    stderrIsTerminal: deno.stderr.isTerminal(),
    ...printer,
    readInput: () => new Response(deno.stdin.readable).text(),
    setExitCode: (code) => void (deno.exitCode = code),
  };
}

function nodeTerminal(node: NodeProcess): Terminal {
  const runtime = "Bun" in globalThis ? "bun" : "node";
  return {
    args: node.argv.slice(2),
    runtime,
    runsTypeScript: runtime === "bun" || !!node.features.typescript,
    program: programOf({ runtime, url: import.meta.url, variable: (name) => node.env[name] }),
    color: !node.env.NO_COLOR && showsColor(node.stdout.isTTY === true, node.env.FORCE_COLOR),
    width: node.stdout.isTTY === true && node.stdout.columns || MAX_LINE_WIDTH,
    stdinIsTerminal: node.stdin.isTTY === true,
    stderrIsTerminal: node.stderr.isTTY === true,
    ...printer,
    readInput: async () => {
      const decoder = new TextDecoder();
      let text = "";
      for await (const chunk of node.stdin) text += decoder.decode(chunk, { stream: true });
      return text + decoder.decode();
    },
    setExitCode: (code) => void (node.exitCode = code),
  };
}

function showsColor(isTerminal: boolean, forced: string | undefined): boolean {
  return forced ? forced !== "0" && forced !== "false" : isTerminal;
}

const printer: Pick<Terminal, "print" | "warn"> = {
  print: (text) => console.log(text),
  warn: (text) => console.error(text),
};

/**
 * Says whether a module is the entry point of the program.
 *
 * @param meta The module's `import.meta`.
 * @param toPath Converts a `file:` URL to a path.
 * @param toReal Resolves the symbolic links of a path.
 * @returns Whether it is; always `meta.main` if the runtime has that.
 */
export function isProgram(
  meta: { readonly main?: boolean; readonly url: string },
  toPath: (url: string) => string,
  toReal: (path: string) => string,
): boolean {
  if (meta.main !== undefined) return meta.main;
  const { process } = globalThis as unknown as { process?: NodeProcess };
  const program = process?.argv[1];
  return program !== undefined && toReal(program) === toPath(meta.url);
}
