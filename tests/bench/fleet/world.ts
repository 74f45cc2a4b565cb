import type { Random } from "./random.ts";
import type { RegisterEngine } from "./engine.ts";
import type { Timeline } from "./timeline.ts";
import type { TokenServer } from "./token_server.ts";

/** How long a caller may take without counting as one that waited, in milliseconds. */
export const WAITED_MS = 100;

/** What all isolates of a fleet have in common. */
export interface World {
  readonly time: Timeline;
  readonly random: Random;
  readonly server: TokenServer;
  readonly engine: RegisterEngine;
  readonly callers: Callers;
}

/** Counts the callers that waited and that failed. */
export class Callers {
  waited = 0;
  longestWait = 0;
  failed = 0;
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** One waited for all of a time, and some others came meanwhile. */
  wait(ms: number, others: number): void {
    this.longestWait = Math.max(this.longestWait, ms);
    if (ms <= WAITED_MS) return;
    this.waited++;
    for (let each = 0; each < others; each++) if (this.#random.next() * ms > WAITED_MS) this.waited++;
  }

  fail(count: number): void {
    this.failed += count;
  }
}
