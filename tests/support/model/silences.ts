import type { Refusal } from "./reading.ts";
import { pauseUntil } from "./windows.ts";

/** A name for which there was no answer in time, or one that asked to wait. */
export interface Late {
  readonly name: string;
  /** How many pauses in a row there were when it was asked for. */
  readonly before: number;
}

interface Silence {
  readonly since: number;
  readonly until: number;
  readonly refusal: Refusal;
  /** How many such pauses in a row there are with it. */
  readonly count: number;
}

/** The names for which a store gave no answer in time, or asked to wait, and is not asked for a while. */
export class Silences {
  readonly #byName = new Map<string, Silence>();

  /** Returns what stands for the answer to a name. */
  at(now: number, name: string): Refusal | undefined {
    const silence = this.#byName.get(name);
    return silence && now >= silence.since && now < silence.until ? silence.refusal : undefined;
  }

  /** Begins a question, whose answer ends the row; returns how many pauses in a row there were. */
  begin(name: string): number {
    const { count = 0 } = this.#byName.get(name) ?? {};
    this.#byName.delete(name);
    return count;
  }

  /** Begins a pause. Questions that were asked side by side count once. */
  add(now: number, random: number, { name, before }: Late, refusal: Refusal): void {
    const count = Math.max(before + 1, this.#byName.get(name)?.count ?? 1);
    const until = pauseUntil(now, random, count - 1, refusal.retryAfter);
    this.#byName.set(name, { since: now, until, refusal, count });
  }
}
