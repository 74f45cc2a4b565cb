/** How long a program may take to end before it is killed. */
const SHUTDOWN_TIMEOUT_MS = 20_000;

/** A program that runs until it is stopped, at most as long as this process. */
export class Daemon {
  /** How the program ended, or `undefined` while it runs. */
  ended: string | undefined;
  readonly #child: Deno.ChildProcess;
  readonly #done: Promise<unknown>;
  #output = "";

  /**
   * Starts the program.
   *
   * @param started Its name; with variables if it needs some, since other users can read arguments.
   * @param args Its arguments.
   */
  constructor(started: string | { readonly program: string; readonly env: Record<string, string> }, ...args: string[]) {
    const { program, env } = typeof started === "string" ? { program: started, env: {} } : started;
    // Hint: the kernel kills the program if this process is killed.
    const guarded = ["--pdeathsig", "KILL", program, ...args];
    this.#child = new Deno.Command("setpriv", { args: guarded, env, stdin: "null", stdout: "null", stderr: "piped" })
      .spawn();
    const collect = async (): Promise<void> => {
      const stream = this.#child.stderr.pipeThrough(new TextDecoderStream());
      for await (const text of stream) this.#output = (this.#output + text).slice(-16_384);
    };
    this.#done = Promise.all([this.#child.status, collect()]).then(([{ code }]) => {
      this.ended = `"${program}" ended with status ${code}: ${this.#output.trim().slice(-4_096)}`;
    });
  }

  /** The process id. */
  get pid(): number {
    return this.#child.pid;
  }

  /** The end of what the program wrote to its standard error. */
  get output(): string {
    return this.#output;
  }

  /** Kills the program, and waits until its process has ended. */
  async stop(): Promise<void> {
    // Hint: an orderly shutdown takes seconds, and the data is not needed.
    if (this.ended === undefined) this.#child.kill("SIGKILL");
    await this.#done;
  }

  /** Asks the program to end, so that it leaves in order what it leaves, and waits until its process has ended. */
  async shutDown(signal: Deno.Signal = "SIGTERM"): Promise<void> {
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), SHUTDOWN_TIMEOUT_MS);
    if (this.ended === undefined) this.#child.kill(signal);
    await this.#done;
    clearTimeout(timer);
  }
}
