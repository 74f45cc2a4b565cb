import type { Clock } from "../core/chain/host.ts";

/**
 * A clock that a test advances.
 *
 * @example A token expires without waiting
 * ```ts
 * import { createResolver, defineChain, required, token } from "@alphaswarm/credentials";
 * import { scriptedStore, type TestClock, testClock } from "@alphaswarm/credentials/testing";
 *
 * const clock: TestClock = testClock();
 * const sso = scriptedStore({
 *   shape: token,
 *   answer: () => ({ values: { token: String(clock.now()) }, expiresIn: 60 }),
 * });
 * const chain = defineChain({
 *   stores: { sso: sso.store({ priority: 100 }) },
 *   credentials: { "api:read": { fields: { token: required() }, from: { sso: true } } },
 * });
 * const resolver = createResolver(chain, { clock });
 * const first = await resolver.resolve("api:read");
 * await clock.advance(60_000);
 * console.log(await resolver.resolve("api:read") === first); // false
 * ```
 * @category Testing
 */
export interface TestClock extends Clock {
  /** The number of pending timers. */
  readonly timers: number;
  /** Advances by some milliseconds. Timers run in order, each at its own time, and promises settle in between. */
  advance(ms: number): Promise<void>;
  /** Jumps to a time in milliseconds since 1970, even an earlier one. No timer runs, and each keeps its remaining time. */
  jump(to: number): void;
}

interface Timer {
  at: number;
  readonly run: () => void;
}

/**
 * Creates a clock that a test advances.
 *
 * @param start The time at which it starts, in milliseconds since 1970; default the beginning of 2026 (UTC).
 * @returns The clock, for a host.
 *
 * @example A timer
 * ```ts
 * import { testClock } from "@alphaswarm/credentials/testing";
 *
 * const clock = testClock();
 * let ran = false;
 * clock.after(1_000, () => ran = true);
 * await clock.advance(1_000);
 * console.log(ran); // true
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
      await promisesSettled();
      for (let timer = due(timers, end); timer; timer = due(timers, end)) {
        timers.delete(timer);
        now = Math.max(now, timer.at);
        timer.run();
        await promisesSettled();
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

// Hint: this waits for a turn of the event loop, since WebCrypto and sockets need more than microtasks.
function promisesSettled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
