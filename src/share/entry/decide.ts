import { MINUTE, SECOND } from "../../core/chain/limits.ts";
import { windows } from "../../core/source/freshness.ts";
import type { Entry, EntryFailure, EntryToken } from "./entry.ts";

/** What this machine holds and knows. Moments are by the engine's clock. */
export interface Mine {
  /** Identifies the machine. */
  readonly owner: string;
  readonly held?: HeldToken | undefined;
  /** How long it has seen the present lease without a heartbeat, in milliseconds, by its own timer. */
  readonly silentFor: number;
  /** How long ago it first saw the present failure, in milliseconds, by its own timer; unknown unless set. */
  readonly failureAge?: number | undefined;
  /** How long an owner may go without a heartbeat, and how long obtaining a token may take in all, in milliseconds. */
  readonly lease: number;
  readonly bound: number;
  /** At least 0 and less than 1. */
  readonly random: number;
  readonly advisoryWindow?: number | undefined;
  /** The number of the token that was there when it began to wait; absent while it does not wait. */
  readonly awaitsAfter?: number | undefined;
}

/** The token that this machine holds. */
export interface HeldToken {
  /** Its number; absent if it was obtained without the engine. */
  readonly number?: number | undefined;
  readonly end: number;
  /** Whether it may stay in use: it was not refused, and need not be renewed now. */
  readonly good: boolean;
  /** Whether a service refused it. */
  readonly refused: boolean;
  /** How many in a row before it were replaced because a service refused them. */
  readonly refusals?: number | undefined;
}

/** What to do next. */
export type Decision =
  | { readonly do: "adopt"; readonly token: EntryToken }
  /** Go on with what is held, and look again after some milliseconds. */
  | { readonly do: "keep"; readonly after: number }
  /** Look again soon, for what another machine obtains. */
  | { readonly do: "poll" }
  /** Take the lease, and obtain a token. */
  | { readonly do: "lead" }
  /** Return the failure, and look again after some milliseconds. */
  | { readonly do: "fail"; readonly failure: EntryFailure; readonly after: number };

/** Decides what a machine that needs a token does, given what the engine has; `now` is the engine's time. */
export function decide({ token, lease, failure }: Entry, mine: Mine, now: number): Decision {
  const { held } = mine;
  if (token && isNewer(token, held) && isUsable(token, mine, now)) return { do: "adopt", token };
  const isLed = lease && mine.silentFor < mine.lease && now < lease.since + mine.bound;
  const known = current(failure, now);
  const since = Math.max(now, known ? known.at + (mine.failureAge ?? 0) : 0);
  const latest = current(known, since);
  if (isLed && held?.good) return { do: "keep", after: lookAfter(leastPause(latest?.before ?? 0), mine.random) };
  const left = latest ? endOf(latest, held) - since : 0;
  if (latest && (isLed || left > 0)) return { do: "fail", failure: latest, after: failAfter(latest, left, mine) };
  return { do: isLed ? "poll" : "lead" };
}

// Hint: a token that somebody put back has a lower number than the one that replaced it, even if it ends later.
function isNewer({ number, end }: EntryToken, held: HeldToken | undefined): boolean {
  if (!held) return true;
  return held.number === undefined ? (end ?? Infinity) > held.end : number > held.number;
}

function isUsable({ number, lifetime, end }: EntryToken, { advisoryWindow, awaitsAfter }: Mine, now: number): boolean {
  if (lifetime === null || end === null) return true;
  // Hint: if a token took long to obtain, the machines that waited for it would otherwise each obtain one in turn.
  const isAwaited = awaitsAfter !== undefined && number > awaitsAfter;
  return now < end - (isAwaited ? 0 : windows(lifetime, advisoryWindow).mandatory);
}

/**
 * Returns a failure if it still counts: during its pause and the minute after that, unless the engine's clock went back.
 */
export function current(failure: EntryFailure | undefined, now: number): EntryFailure | undefined {
  // Hint: the machine that failed estimated the time by its own timer, so the failure may be slightly in the future.
  if (failure && now > failure.at - SECOND && now < failure.until + MINUTE) return failure;
}

function endOf({ at, until }: EntryFailure, held: HeldToken | undefined): number {
  return held?.good ? until : Math.min(until, at + MINUTE);
}

/** The longest pause after a failure, unless the server asks for a longer one. */
const LONGEST_PAUSE_MS = 15_000;
/** At most over how much time after a pause the machines of a fleet come back, so that the engine can answer each. */
const SPREAD_MS = 10_000;

/** How long nobody tries again after a failure: a second, doubling to fifteen with every failure before it. */
export function leastPause(before: number): number {
  return Math.min(SECOND * 2 ** before, LONGEST_PAUSE_MS);
}

/** Returns when a machine looks again after at least some time: from 1 to 5 seconds, up to 15 to 25. */
function lookAfter(least: number, random: number): number {
  return least + random * Math.min(4 * least, SPREAD_MS);
}

/** Returns when a machine looks again after a failure with some milliseconds of its pause left. */
function failAfter({ before, owner }: EntryFailure, left: number, mine: Mine): number {
  const least = Math.max(left, leastPause(before));
  // Hint: the machine that failed comes last, since another one may succeed.
  if (owner === mine.owner) return lookAfter(least, 1);
  // Hint: a long pause ends at one instant, at which the whole fleet must not look.
  return lookAfter(Math.min(least, LONGEST_PAUSE_MS), mine.random);
}

/** Returns how long a machine waits before it looks again for what another one obtains: 60 milliseconds, growing to 500. */
export function pollPause(polls: number, random: number): number {
  // Hint: a quarter is random, so that machines that began to wait together do not look together.
  return Math.min(60 * 1.5 ** polls, 500) * (1 - random / 4);
}
