import type { Entry } from "../../../src/share/entry/entry.ts";
import { Tally } from "./tally.ts";
import type { Timeline } from "./timeline.ts";

/** How many operations an engine does in a second. */
export const ENGINE_SPEED = 5_000;
/** How long a message to the engine and its answer are on their way, in milliseconds. */
const ROUND_TRIP_MS = 1;

/** What is there, and its version. */
export interface Read {
  readonly entry: Entry;
  readonly version: number;
}

/** An engine of finite speed: what it is asked waits in a queue, also what nobody waits for any more. */
export class RegisterEngine {
  readonly reads = new Tally();
  readonly swaps = new Tally();
  #entry: Entry;
  #version = 0;
  /** Until when it is busy with what it was asked before. */
  #busyUntil = 0;
  readonly #time: Timeline;
  readonly #away: { readonly from: number; readonly until: number } | undefined;

  constructor(time: Timeline, entry: Entry, away?: { readonly from: number; readonly until: number }) {
    this.#time = time;
    this.#entry = entry;
    this.#away = away;
  }

  /** Reads what is there; `undefined` if that takes too long. */
  get(timeout: number, then: (read: Read | undefined) => void): void {
    this.reads.add(this.#time.now);
    this.#do(timeout, () => ({ entry: this.#entry, version: this.#version }), then);
  }

  /** Replaces what is there, if it is still that of a version; `undefined` if that takes too long, 0 if it is another. */
  swap(timeout: number, before: number, entry: Entry, then: (version: number | undefined) => void): void {
    this.swaps.add(this.#time.now);
    this.#do(timeout, () => {
      if (this.#version !== before) return 0;
      this.#entry = entry;
      return ++this.#version;
    }, then);
  }

  #do<T>(timeout: number, act: () => T, then: (result: T | undefined) => void): void {
    const { now } = this.#time;
    const givenUpAt = now + timeout;
    if (this.#away && now >= this.#away.from && now < this.#away.until) {
      return this.#time.at(givenUpAt, () => then(undefined));
    }
    const done = Math.max(now + ROUND_TRIP_MS, this.#busyUntil) + 1_000 / ENGINE_SPEED;
    this.#busyUntil = done;
    if (done <= givenUpAt) return this.#time.at(done, () => then(act()));
    this.#time.at(givenUpAt, () => then(undefined));
    this.#time.at(done, () => void act());
  }
}
