import type { Clock } from "../host.ts";

/** A clock that stands still until a test moves it. @category Testing */
export interface TestClock extends Clock {
  /** How many timers are waiting. */
  readonly timers: number;
  /** Moves on by some milliseconds: what is due runs in order, and what is promised settles in between. */
  advance(ms: number): Promise<void>;
  /** Jumps to a moment, also an earlier one, without running anything; timers keep the time that they still have. */
  jump(to: number): void;
}

interface Timer {
  at: number;
  readonly run: () => void;
}

/**
 * Makes a clock that stands still until a test moves it.
 *
 * @param start Where it starts, in milliseconds since 1970; the beginning of 2026 unless this says otherwise.
 * @returns The clock, for a host.
 *
 * @example
 * ```ts
 * import { testClock } from "@alphaswarm/credentials/testing";
 *
 * const clock = testClock();
 * let rang = false;
 * clock.after(1_000, () => rang = true);
 * await clock.advance(1_000);
 * console.log(rang); // true
 * ```
 * @category Testing
 */
export function testClock(start: number = Date.UTC(2026, 0, 1)): TestClock {
  let now = start;
  const timers = new Set<Timer>();
  return {
    now: () => now,
    after: (ms, run) => {
      const timer = { at: now + ms, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    get timers() {
      return timers.size;
    },
    advance: async (ms) => {
      const end = now + ms;
      await settled();
      for (let timer = due(timers, end); timer; timer = due(timers, end)) {
        timers.delete(timer);
        now = Math.max(now, timer.at);
        timer.run();
        await settled();
      }
      now = end;
    },
    jump: (to) => {
      for (const timer of timers) timer.at += to - now;
      now = to;
    },
  };
}

function due(timers: ReadonlySet<Timer>, end: number): Timer | undefined {
  let first: Timer | undefined;
  for (const timer of timers) {
    if (timer.at <= end && (first === undefined || timer.at < first.at)) first = timer;
  }
  return first;
}

// Hint: a turn of the runtime's own loop, since microtasks alone would leave WebCrypto and sockets behind.
function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
