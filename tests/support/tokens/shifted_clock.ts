import type { Clock } from "../../../mod.ts";

/** A running clock that a test can move forward. */
export interface ShiftedClock extends Clock {
  /** Moves it forward by some milliseconds. */
  shift(ms: number): void;
}

/** Creates a clock. Moving it does not shorten its timers. */
export function shiftedClock(): ShiftedClock {
  let ahead = 0;
  return {
    now: () => Date.now() + ahead,
    after: (ms, run) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    shift: (ms) => {
      ahead += ms;
    },
  };
}
