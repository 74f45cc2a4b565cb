import type { Clock } from "../../../mod.ts";

/** A clock that runs, and that a test can put forward. */
export interface ShiftedClock extends Clock {
  /** Puts it forward by some milliseconds. */
  shift(ms: number): void;
}

/** Makes one: its timers take the time that they say. */
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
