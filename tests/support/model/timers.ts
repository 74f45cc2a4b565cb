import type { Clock } from "../../../mod.ts";

interface Timer {
  at: number;
  /** Its place among those of one instant. */
  readonly place: number;
  readonly run: () => void;
}

/** Explicit time, and what is to happen at a later one. */
export class Timers implements Clock {
  #now: number;
  #places = 0;
  readonly #timers = new Set<Timer>();

  constructor(start: number) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    return this.#add(ms, this.place(), run);
  }

  /** As `after`, at a place that was taken before: if a time runs on, a timer begins with it. */
  afterAt(place: number, ms: number, run: () => void): void {
    this.#add(ms, place, run);
  }

  /** Takes the next place among the timers of one instant. */
  place(): number {
    return this.#places++;
  }

  #add(ms: number, place: number, run: () => void): () => void {
    const timer = { at: this.#now + ms, place, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Goes on to the next timer that is due until a moment, and returns what it runs; without one, to that moment. */
  next(end: number): (() => void) | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.at <= end && (first === undefined || isBefore(timer, first))) first = timer;
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

function isBefore(a: Timer, b: Timer): boolean {
  return a.at < b.at || a.at === b.at && a.place < b.place;
}
