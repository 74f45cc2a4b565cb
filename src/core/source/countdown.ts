import type { Clock } from "../chain/host.ts";

/** A timer that can be stopped and started again; it counts only the time in which it runs. */
export class Countdown {
  readonly #clock: Clock;
  readonly #ms: number;
  readonly #end: () => void;
  #before = 0;
  #since: number | undefined;
  #cancel: (() => void) | undefined;

  /** Creates one that is stopped. */
  constructor(clock: Clock, ms: number, end: () => void) {
    this.#clock = clock;
    this.#ms = ms;
    this.#end = end;
  }

  /** For how many milliseconds it ran so far. */
  get spent(): number {
    // Hint: a clock that goes back says nothing of the time that passed.
    const now = this.#since === undefined ? 0 : Math.max(0, this.#clock.now() - this.#since);
    return this.#before + now;
  }

  /** Lets it run on. */
  start(): void {
    this.#since = this.#clock.now();
    this.#cancel = this.#clock.after(Math.max(0, this.#ms - this.#before), this.#end);
  }

  /** Stops it. */
  stop(): void {
    this.#cancel?.();
    this.#before = this.spent;
    this.#since = undefined;
  }
}
