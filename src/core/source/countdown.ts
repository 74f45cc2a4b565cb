import type { Clock } from "../chain/host.ts";

/** A timer that can be stopped and started again; it counts only the time in which it runs. */
export interface Countdown {
  /** How many milliseconds it has run so far. */
  readonly spent: () => number;
  /** Lets it run on. */
  readonly start: () => void;
  /** Stops it. */
  readonly stop: () => void;
}

/** Creates a countdown that is stopped. */
export function countdown(clock: Clock, ms: number, end: () => void): Countdown {
  let before = 0;
  let since: number | undefined;
  let cancel: (() => void) | undefined;
  // Hint: a clock that went back does not tell how much time passed.
  const spent = () => before + (since === undefined ? 0 : Math.max(0, clock.now() - since));
  return {
    spent,
    start: () => {
      since = clock.now();
      cancel = clock.after(Math.max(0, ms - before), end);
    },
    stop: () => {
      cancel?.();
      before = spent();
      since = undefined;
    },
  };
}
