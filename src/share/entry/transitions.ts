import { MAX_RETRY_AFTER_MS } from "../../core/chain/limits.ts";
import type { Refusal } from "../../core/chain/outcome.ts";
import { current, type HeldToken, leastPause } from "./decide.ts";
import type { Entry, EntryToken } from "./entry.ts";

/** A token as the server gave it. */
export interface Minted extends Pick<EntryToken, "values" | "lifetime" | "stated"> {
  /** When the request for it began. */
  readonly since: number;
}

/** Returns the entry in which a machine begins to obtain a token. */
export function takeLease(entry: Entry, owner: string, now: number): Entry {
  return { ...entry, lease: { owner, since: now, beat: 0 } };
}

/** Returns the entry in which the owner of the lease shows that it is alive. */
export function beat({ lease, ...entry }: Entry): Entry {
  return { ...entry, ...(lease && { lease: { ...lease, beat: lease.beat + 1 } }) };
}

/** Returns the entry without a lease, for a failure that does not count for the fleet. */
export function release({ lease: _, ...entry }: Entry): Entry {
  return entry;
}

/** Returns the entry with a token that replaces the held one, and without failures. */
export function renew({ token }: Entry, held: HeldToken | undefined, { since, ...minted }: Minted): Entry {
  const refusals = Math.max(token?.refusals ?? 0, held?.refusals ?? 0);
  return {
    token: {
      ...minted,
      // Hint: the time keeps the order if the entry was lost, and the numbers keep it if the clock went back.
      number: Math.max((token?.number ?? 0) + 1, (held?.number ?? 0) + 1, since),
      end: minted.lifetime === null ? null : since + minted.lifetime,
      refusals: held?.refused ? refusals + 1 : 0,
    },
  };
}

/** Returns the entry with a failure that counts for the fleet. */
export function fail(entry: Entry, { outcome, detail, need, retryAfter }: Refusal, owner: string, now: number): Entry {
  const latest = current(entry.failure, now);
  const before = latest ? latest.before + 1 : 0;
  // Hint: a store that parses a date as a number gives NaN.
  const pause = Math.max(leastPause(before), Math.min(retryAfter || 0, MAX_RETRY_AFTER_MS));
  const failure = { outcome, detail, ...(need !== undefined && { need }), owner, at: now, until: now + pause, before };
  return { ...release(entry), failure };
}
