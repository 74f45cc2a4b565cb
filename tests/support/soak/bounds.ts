import { windows } from "../../../src/core/source/freshness.ts";
import type { BigStore } from "./big_chain.ts";
import type { Fault } from "./faults.ts";

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

/** Returns for how long nothing is asked after a failed renewal of a valid token, also for the sake of its needs. */
export function backoffOf({ kind, good }: BigStore): number {
  return kind === "token" ? 2 * Math.min(300 * SECOND, good / 4) : 0;
}

/** Returns how often a store is asked for one thing in an hour of calls, by the rules of freshness. */
export function askedInAnHour({ kind, good }: BigStore, faults: readonly Fault[]): number {
  const durations = faults.map(({ from, to }) => to - from).sort((a, b) => b - a);
  const sum = (each: readonly number[], cost: (ms: number) => number) => each.reduce((all, ms) => all + cost(ms), 0);
  // Hint: a degraded answer is used for a second at least.
  if (kind === "static") return HOUR / good + 1 + sum(durations, (ms) => 3 + ms / SECOND);
  // Hint: a fault is met with an expired token no more often than tokens expire, and then costs a request every 15 s.
  const expiries = HOUR / good + 1;
  const expired = sum(durations.slice(0, expiries), (ms) => 5 + ms / (15 * SECOND));
  const valid = sum(durations, (ms) => 2 + ms / Math.min(300 * SECOND, good / 4));
  return HOUR / (good - windows(good).advisory) + 1 + expired + valid;
}
