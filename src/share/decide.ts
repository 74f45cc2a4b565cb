import { MINUTE, SECOND } from "../core/chain/limits.ts";
import { pause, windows } from "../core/source/freshness.ts";
import type { Entry, EntryFailure, EntryToken, Lease } from "./entry.ts";

/** What this machine holds, and what it knows. Its moments are by the engine's clock. */
export interface Mine {
  /** Identifies the machine. */
  readonly owner: string;
  readonly held?: HeldToken | undefined;
  /** For how long it has seen the present lease without a sign of life, in milliseconds, by its own timer. */
  readonly silentFor: number;
  /** How long an owner need not show that it is alive, and how long a token may take to obtain in all, in milliseconds. */
  readonly lease: number;
  readonly bound: number;
  /** At least 0 and less than 1. */
  readonly random: number;
  readonly advisoryWindow?: number | undefined;
}

/** The token that this machine holds. */
export interface HeldToken {
  /** Its number; absent where it was obtained without the engine. */
  readonly number?: number | undefined;
  readonly end: number;
  /** Whether it may go on being used: it was not refused, and must not be renewed now. */
  readonly good: boolean;
  /** Whether a service refused it. */
  readonly refused: boolean;
}

/** What is to be done next. */
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

/** Decides what a machine does that needs a token, given what the engine has; `now` is the engine's time. */
export function decide({ token, lease, failure }: Entry, mine: Mine, now: number): Decision {
  const { held } = mine;
  if (token && isNewer(token, held) && isUsable(token, mine, now)) return { do: "adopt", token };
  const isAlive = lease && mine.silentFor < mine.lease && now < lease.since + mine.bound;
  if (isAlive && held?.good) return { do: "keep", after: pause(mine.random) };
  if (failure && (isAlive || now < endOf(failure, mine))) {
    return { do: "fail", failure, after: Math.max(endOf(failure, mine) - now, capped(failure.before, mine.random)) };
  }
  return { do: isAlive ? "poll" : "lead" };
}

// Hint: a token that somebody put back has a lower number than the one that took its place, even if it ends later.
function isNewer({ number, end }: EntryToken, held: HeldToken | undefined): boolean {
  if (!held) return true;
  return held.number === undefined ? (end ?? Infinity) > held.end : number > held.number;
}

function isUsable({ lifetime, end }: EntryToken, { advisoryWindow }: Mine, now: number): boolean {
  return lifetime === null || end === null || now < end - windows(lifetime, advisoryWindow).mandatory;
}

// Hint: another machine may have better luck than the one that failed.
function endOf({ at, until, owner }: EntryFailure, { held, owner: own }: Mine): number {
  const end = held?.good ? until : Math.min(until, at + MINUTE);
  return owner === own ? end + SECOND : end;
}

/** Returns a pause of 1 to 5 seconds, doubling with every failure, to 15 to 22 seconds. */
function capped(before: number, random: number): number {
  return Math.min(pause(random) * 2 ** before, 15 * SECOND * (1 + random / 2));
}
