import { isRefusal, type Refusal } from "../../core/chain/outcome.ts";
import type { Token } from "../../core/chain/shape.ts";

/** A token or lease that goes on. */
export interface Kept {
  readonly token: Token;
  /** Whether so little time is left that another one is better. */
  readonly isShort: boolean;
}

/** Returns a token that is valid for some seconds; 0 means forever. */
export function tokenFor(values: Token["values"], seconds: number): Token {
  return seconds === 0 ? { values, expires: "never" } : { values, expiresIn: seconds };
}

/** Returns what goes on for some seconds, and at first had `lifetime` seconds; `undefined` for what has ended. */
export function keptFor(values: Token["values"], seconds: number, lifetime: number): Kept | undefined {
  // Hint: for what expires, 0 means that less than a second is left, not forever.
  if (!(seconds > 0 || seconds === 0 && lifetime === 0)) return undefined;
  // Hint: near its maximum, each renewal is shorter.
  return { token: tokenFor(values, seconds), isShort: seconds < lifetime / 2 };
}

/** What the server says, with HTTP 500, about something that can no longer be renewed. */
export const PAST_MAXIMUM = /past the max TTL/;

/** Returns what is kept, or obtains another one instead. */
export async function keptOr(
  kept: Kept | Refusal | undefined,
  obtain: () => Promise<Token | Refusal>,
): Promise<Token | Refusal> {
  if (isRefusal(kept)) return kept;
  if (kept && !kept.isShort) return kept.token;
  const fresh = await obtain();
  // Hint: the rest of the kept one is better than nothing.
  return kept && isRefusal(fresh) && fresh.outcome === "unavailable" ? kept.token : fresh;
}

/** Returns for how many seconds something is valid, with 0 for forever; `NaN` if an answer does not say so. */
export function secondsOf(said: unknown): number {
  return /^\d+$/.test(String(said)) && typeof said !== "object" ? Number(said) : NaN;
}
