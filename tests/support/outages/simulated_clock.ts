import { setImmediate } from "node:timers";
import type { TestClock } from "../../../src/testing/mod.ts";

/** How many turns of the event loop follow each timer, so that chains of promises and small streams end. */
const TURNS = 4;

interface Timer {
  at: number;
  readonly run: () => void;
}

/**
 * Creates a test clock for hours of simulated time: it finds its next timer without a search if none is due, and
 * between timers it waits for `settled`, such as a server on a socket.
 *
 * @param settled Returns when nothing goes on any more that does not wait for this clock; by default after a few turns of
 *   the event loop.
 */
export function simulatedClock(settled: () => Promise<void> = turns): TestClock {
  let now = Date.UTC(2026, 0, 1);
  // Hint: no timer is due before it.
  let earliest = Infinity;
  const timers = new Set<Timer>();
  const takeDue = (end: number): Timer | undefined => {
    if (earliest > end) return;
    let first: Timer | undefined;
    earliest = Infinity;
    for (const timer of timers) {
      if (first === undefined || timer.at < first.at) first = timer;
    }
    earliest = first?.at ?? Infinity;
    if (earliest > end) return;
    timers.delete(first!);
    return first;
  };
  return {
    now: () => now,
    after: (ms, run) => {
      const timer = { at: now + ms, run };
      timers.add(timer);
      earliest = Math.min(earliest, timer.at);
      return () => timers.delete(timer);
    },
    get timers() {
      return timers.size;
    },
    advance: async (ms) => {
      const end = now + ms;
      await settled();
      for (let timer = takeDue(end); timer; timer = takeDue(end)) {
        now = Math.max(now, timer.at);
        timer.run();
        await settled();
      }
      now = Math.max(now, end);
    },
    jump: (to) => {
      for (const timer of timers) timer.at += to - now;
      earliest += to - now;
      now = to;
    },
  };
}

/** Lets some turns of the event loop pass. */
export async function turns(count = TURNS): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}
