import type { Clock, Host, LogEvent } from "../../../mod.ts";
import { type TestDisk, testHost } from "../../../src/testing/mod.ts";

/** What a fuzzed resolver runs on. */
export interface FuzzHostOptions {
  /** Files by path. */
  readonly files?: TestDisk;
  /** Environment variables. */
  readonly env?: Record<string, unknown>;
  /** The network. */
  readonly fetch?: typeof fetch;
}

/** A host in memory that does not wait, and what it logged. */
export interface FuzzHost extends Host {
  readonly events: readonly LogEvent[];
  readonly clock: FuzzClock;
}

/** A clock on which nothing is waited for. */
export interface FuzzClock extends Clock {
  /** Advances by some milliseconds. */
  advance(ms: number): void;
}

/** The shortest timer that bounds something; what is shorter is a pause before another try. */
const SHORTEST_BOUND_MS = 1_000;
const START = Date.UTC(2026, 0, 1);

/** Creates a host in memory on which a pause is over at once, and nothing ever takes too long. */
export function fuzzHost({ files = {}, env = {}, fetch }: FuzzHostOptions = {}): FuzzHost {
  return { ...testHost({ files, env, ...(fetch && { fetch }) }), clock: impatientClock() } as FuzzHost;
}

function impatientClock(): FuzzClock {
  let now = START;
  return {
    now: () => now,
    advance: (ms) => void (now += ms),
    after: (ms, run) => {
      if (ms >= SHORTEST_BOUND_MS) return () => {};
      now += ms;
      queueMicrotask(run);
      return () => {};
    },
  };
}
