import type { Clock } from "../../../mod.ts";

interface Timer {
  at: number;
  readonly run: () => void;
}

/** Explicit time, and what is to happen at a later one. */
export class Timers implements Clock {
  #now: number;
  readonly #timers = new Set<Timer>();

  constructor(start: number) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + ms, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Goes on to the next timer that is due until a moment, and returns what it runs; without one, to that moment. */
  next(end: number): (() => void) | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.at <= end && (first === undefined || timer.at < first.at)) first = timer;
    }
    this.#now = Math.max(this.#now, first?.at ?? end);
    if (first) this.#timers.delete(first);
    return first?.run;
  }

  /** Jumps to another time, as a clock does that is set: no timer runs, and each keeps its remaining time. */
  jump(to: number): void {
    for (const timer of this.#timers) timer.at += to - this.#now;
    this.#now = to;
  }
}
