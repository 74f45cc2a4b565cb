/** How a program is started. */
export interface ProgramOptions {
  /** Its Deno permissions; none unless set. */
  readonly permissions?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
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
  const { permissions = [], env = {}, unprivileged = false } = options;
  const program = new URL(name, import.meta.url).href;
  const deno = [Deno.execPath(), "run", "--quiet", "--no-prompt", "--no-lock", ...permissions, program, ...args];
  const [command, ...rest] = unprivileged && Deno.uid() === 0 ? [...UNPRIVILEGED, ...deno] : deno;
  const { stdout } = await new Deno.Command(command!, { args: rest, env: { ...env, NO_COLOR: "1" }, stderr: "inherit" })
    .output();
  return new TextDecoder().decode(stdout).trimEnd();
}
