import { isRefusal, type Refusal } from "../../core/chain/outcome.ts";
import type { Token } from "../../core/chain/shape.ts";

/** What the server lets go on. */
export interface Kept {
  readonly token: Token;
  /** Whether it is good for so short a time that another one is better. */
  readonly isShort: boolean;
}

/** Returns a token that is good for some seconds, 0 for ever. */
export function tokenFor(values: Token["values"], seconds: number): Token {
  return seconds === 0 ? { values, expires: "never" } : { values, expiresIn: seconds };
}

/** Returns what goes on for some seconds, and was good for `lifetime` at first; nothing of what ends. */
export function keptFor(values: Token["values"], seconds: number, lifetime: number): Kept | undefined {
  // Hint: what expires has less than a second left where the server says 0, and does not last for ever.
  if (!(seconds > 0 || seconds === 0 && lifetime === 0)) return undefined;
  // Hint: near its maximum it is renewed for less and less.
  return { token: tokenFor(values, seconds), isShort: seconds < lifetime / 2 };
}

/** What the server says of something that cannot be renewed any more, with HTTP 500. */
export const PAST_MAXIMUM = /past the max TTL/;

/** Returns what is kept, or obtains another one in its place. */
export async function keptOr(
  kept: Kept | Refusal | undefined,
  obtain: () => Promise<Token | Refusal>,
): Promise<Token | Refusal> {
  if (isRefusal(kept)) return kept;
  if (kept && !kept.isShort) return kept.token;
  const fresh = await obtain();
  // Hint: what is left of the kept one is better than nothing.
  return kept && isRefusal(fresh) && fresh.outcome === "unavailable" ? kept.token : fresh;
}

/** Returns for how many seconds something is good, 0 for ever; `NaN` where an answer does not say it. */
export function secondsOf(said: unknown): number {
  return /^\d+$/.test(String(said)) && typeof said !== "object" ? Number(said) : NaN;
}
