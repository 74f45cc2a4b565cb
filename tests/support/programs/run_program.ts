/** How a program is started. */
export interface ProgramOptions {
  /** Its Deno permissions; none unless this says otherwise. */
  readonly permissions?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Whether it must do without root's right to read every file. */
  readonly unprivileged?: boolean;
}

// Hint: root without these is an owner like any other, and still reaches a checkout that only root may enter.
const WITHOUT_RIGHTS = [
  "setpriv",
  "--inh-caps=-dac_override,-dac_read_search",
  "--bounding-set=-dac_override,-dac_read_search",
];

/**
 * Runs a program of this folder in a process of its own.
 *
 * @param name Its file.
 * @param args What it is given.
 * @param options How it is started.
 * @returns What it printed, less the last line break.
 */
export async function runProgram(name: string, args: readonly string[], options: ProgramOptions = {}): Promise<string> {
  const { permissions = [], env = {}, unprivileged = false } = options;
  const program = new URL(name, import.meta.url).href;
  const deno = [Deno.execPath(), "run", "--quiet", "--no-prompt", "--no-lock", ...permissions, program, ...args];
  const [command, ...rest] = unprivileged && Deno.uid() === 0 ? [...WITHOUT_RIGHTS, ...deno] : deno;
  const { stdout } = await new Deno.Command(command!, { args: rest, env: { ...env, NO_COLOR: "1" }, stderr: "inherit" })
    .output();
  return new TextDecoder().decode(stdout).trimEnd();
}
