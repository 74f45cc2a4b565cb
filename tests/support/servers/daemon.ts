/** A program that runs until it is stopped, at most as long as this process. */
export class Daemon {
  /** How the program ended, or `undefined` while it runs. */
  ended: string | undefined;
  readonly #child: Deno.ChildProcess;
  readonly #done: Promise<unknown>;

  /**
   * Starts the program.
   *
   * @param program Its name.
   * @param args Its arguments.
   */
  constructor(program: string, ...args: string[]) {
    // Hint: the kernel kills the program if this process is killed.
    const guarded = ["--pdeathsig", "KILL", program, ...args];
    this.#child = new Deno.Command("setpriv", { args: guarded, stdin: "null", stdout: "null", stderr: "piped" })
      .spawn();
    let output = "";
    const collect = async (): Promise<void> => {
      const stream = this.#child.stderr.pipeThrough(new TextDecoderStream());
      for await (const text of stream) output = (output + text).slice(-4_096);
    };
    this.#done = Promise.all([this.#child.status, collect()]).then(([{ code }]) => {
      this.ended = `"${program}" ended with status ${code}: ${output.trim()}`;
    });
  }

  /** The process id. */
  get pid(): number {
    return this.#child.pid;
  }

  /** Kills the program, and waits until its process has ended. */
  async stop(): Promise<void> {
    // Hint: an orderly shutdown takes seconds, and the data is not needed.
    if (this.ended === undefined) this.#child.kill("SIGKILL");
    await this.#done;
  }
}
