import type { ProgramEnd, ProgramRun, Programs } from "../chain/host.ts";
import { invalid, type Refusal, unavailable } from "../chain/outcome.ts";
import type { RuntimePart } from "../chain/store_spec.ts";
import { onWindows } from "./globals.ts";
import { findProgram } from "./find_program.ts";
import { startRefusal } from "./start_refusal.ts";
import { type Child, type Start, starter } from "./start_program.ts";

/** How long to wait for a pipe that another process keeps open after the program has ended. */
const GRACE_MS = 250;

/** Programs, for `uses` of a store that runs them; none if the runtime has none, or the host forbids them. */
export const runtimePrograms: RuntimePart = ({ programs }) => ({
  programs: programs === false ? undefined : programs ?? ownPrograms(),
});

function ownPrograms(): Programs | undefined {
  const start = starter();
  return start && { run: (program) => new Promise((resolve) => new Run(program, resolve).begin(start)) };
}

/** A program that runs. */
class Run {
  readonly #program: ProgramRun;
  readonly #resolve: (end: ProgramEnd | Refusal) => void;
  readonly #output: Uint8Array[] = [];
  #size = 0;
  #child: Child | undefined;
  #end: (() => void) | undefined;
  #isPipeOpen = true;
  #isOver = false;
  #cancelGrace: (() => void) | undefined;

  constructor(program: ProgramRun, resolve: (end: ProgramEnd | Refusal) => void) {
    this.#program = program;
    this.#resolve = resolve;
  }

  begin(start: Start): void {
    const { command: [name, ...args], environment: { PATH, ...environment }, signal, declared } = this.#program;
    if (signal.aborted) return this.#stop();
    // Hint: no entry of PATH may be the working directory, neither for this program nor for those that it runs.
    const found = findProgram(name, PATH, onWindows());
    if (!found) return this.#finish(invalid(notInPath(declared)));
    signal.addEventListener("abort", this.#stop);
    try {
      const { program, path } = found;
      this.#child = start([program, ...args], path === undefined ? environment : { ...environment, PATH: path }, {
        data: (bytes) => this.#read(bytes),
        closed: () => this.#close(),
        ended: (status) => this.#ended(status),
        failed: (error) => this.#fail(error),
      });
    } catch (error) {
      this.#fail(error);
    }
  }

  readonly #stop = () => this.#finish(unavailable(`${this.#program.declared} was stopped before it ended`), true);

  #fail(error: unknown): void {
    this.#finish(startRefusal(error, this.#program) ?? invalid(notInPath(this.#program.declared)));
  }

  #read(bytes: Uint8Array): void {
    const { declared, maxBytes } = this.#program;
    this.#size += bytes.byteLength;
    if (this.#size <= maxBytes) this.#output.push(bytes);
    else this.#finish(invalid(`${declared} printed more than ${maxBytes / 1024} KiB`), true);
  }

  #close(): void {
    this.#isPipeOpen = false;
    this.#end?.();
  }

  #ended(status: number | undefined): void {
    this.#end = () => this.#finish({ status, output: this.#output }, this.#isPipeOpen);
    // Hint: after a failure, the output does not count.
    if (!this.#isPipeOpen || status !== 0) return this.#end();
    if (!this.#isOver) this.#cancelGrace = this.#program.clock.after(GRACE_MS, this.#end);
  }

  #finish(end: ProgramEnd | Refusal, kill = false): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#program.signal.removeEventListener("abort", this.#stop);
    this.#cancelGrace?.();
    if (kill) this.#child?.kill();
    this.#child?.release();
    this.#resolve(end);
  }
}

function notInPath(declared: string): string {
  return `${declared} is not in PATH: install it, or write its absolute path`;
}
