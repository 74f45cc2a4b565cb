/** A program that runs until it is stopped, and never longer than this process. */
export class Daemon {
  /** How the program ended, once it has. */
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
    // The kernel ends the program should this process be killed before it can.
    const guarded = ["--pdeathsig", "KILL", program, ...args];
    this.#child = new Deno.Command("setpriv", { args: guarded, stdin: "null", stdout: "null", stderr: "piped" })
      .spawn();
    let said = "";
    const listen = async (): Promise<void> => {
      const lines = this.#child.stderr.pipeThrough(new TextDecoderStream());
      for await (const text of lines) said = (said + text).slice(-4_096);
    };
    this.#done = Promise.all([this.#child.status, listen()]).then(([{ code }]) => {
      this.ended = `"${program}" ended with status ${code}: ${said.trim()}`;
    });
  }

  /** The process id. */
  get pid(): number {
    return this.#child.pid;
  }

  /** Ends the program at once, and waits until its process is gone. */
  async stop(): Promise<void> {
    // Nothing in memory is worth the seconds that an orderly end takes.
    if (this.ended === undefined) this.#child.kill("SIGKILL");
    await this.#done;
  }
}
