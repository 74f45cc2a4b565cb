/** Where a command's words come from and go to. */
export interface Terminal {
  /** The arguments after the program's own name. */
  readonly args: readonly string[];
  /** Whether colour is welcome: on a terminal, and never with `NO_COLOR`. */
  readonly color: boolean;
  /** Whether standard error is a terminal, which a person reads and no file keeps. */
  readonly attended: boolean;
  /** Writes lines to standard output. */
  print(text: string): void;
  /** Writes lines to standard error. */
  warn(text: string): void;
  /** Reads standard input to its end. */
  input(): Promise<string>;
  /** Says how the program ends, once nothing is left to do. */
  exit(code: number): void;
}

interface NodeProcess {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: AsyncIterable<Uint8Array>;
  readonly stdout: { readonly isTTY?: boolean };
  readonly stderr: { readonly isTTY?: boolean };
  exitCode?: number;
}

/** The terminal of the runtime that this runs on. */
export function openTerminal(): Terminal {
  const { Deno: deno } = globalThis as { Deno?: typeof Deno };
  return deno ? denoTerminal(deno) : nodeTerminal((globalThis as unknown as { process: NodeProcess }).process);
}

function denoTerminal(deno: typeof Deno): Terminal {
  return {
    args: deno.args,
    color: deno.stdout.isTerminal() && !deno.noColor,
    attended: deno.stderr.isTerminal(),
    ...printer,
    input: () => new Response(deno.stdin.readable).text(),
    exit: (code) => void (deno.exitCode = code),
  };
}

function nodeTerminal(node: NodeProcess): Terminal {
  return {
    args: node.argv.slice(2),
    color: node.stdout.isTTY === true && !node.env.NO_COLOR,
    attended: node.stderr.isTTY === true,
    ...printer,
    input: async () => {
      const decoder = new TextDecoder();
      let text = "";
      for await (const chunk of node.stdin) text += decoder.decode(chunk, { stream: true });
      return text + decoder.decode();
    },
    exit: (code) => void (node.exitCode = code),
  };
}

const printer: Pick<Terminal, "print" | "warn"> = {
  print: (text) => console.log(text),
  warn: (text) => console.error(text),
};

/**
 * Whether a module is the program rather than a part of it.
 *
 * @param meta The module's `import.meta`.
 * @param toPath Makes a path of a `file:` URL.
 * @param toReal Follows the links of a path.
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
