import type { Need } from "./answer.ts";
import type { StoreDecl } from "./declaration.ts";
import { renewsAt, stateAt } from "./windows.ts";

/** Why a token is asked for. */
export type Reason = "first" | "due" | "refused" | "need";

/** One token, as it is held for its store and its request. */
export interface Generation {
  readonly values: Readonly<Record<string, string>>;
  /** When the request for it began. */
  readonly since: number;
  expiresAt: number;
  /** Whether it is known when it expires: the server said so, or it ends with a need. */
  isStated: boolean;
  /** The key of the need with which it ends, if that expires before it otherwise would. */
  endsWith?: string | undefined;
  readonly advisoryWindow: number | undefined;
  /** Whether a need with which it was obtained was degraded, and has been since. */
  degraded: boolean;
  needs: readonly Need[];
  /** Whether it must be renewed before it is given again. */
  invalidated: boolean;
  reason: Reason;
  /** How many tokens in a row before it were replaced only because they were refused. */
  refusals: number;
  /** How many in a row before it were replaced before they were due, since a store refused the first of them. */
  replaced: number;
}

/** Ends a token with its needs, if its store's tokens do. */
export function endWithNeeds({ binds }: StoreDecl, token: Generation): void {
  const own = token.expiresAt;
  for (const { key, credential, generation } of binds ? token.needs : []) {
    const { expiresAt } = credential!;
    if (expiresAt >= token.expiresAt) continue;
    const lives = expiresAt - (generation?.since ?? token.since);
    token.expiresAt = expiresAt;
    token.isStated = true;
    token.endsWith = own < Infinity && lives < own - token.since ? key : undefined;
  }
}

/** Whether a token is to be replaced only because it was refused. */
export function wasRefused(now: number, token: Generation): boolean {
  return token.reason === "refused" && stateAt(now, { ...token, invalidated: false }) === "fresh";
}

/** Until when a token is kept although it was refused: those before it were refused too, and it is not due. */
export function keptUntil(now: number, token: Generation): number {
  return wasRefused(now, token) ? Math.min(pauseEnd(token.since, token.refusals), renewsAt(token)) : 0;
}

/** Whether the token that replaces it goes on with its row of refusals. */
export function endsRefused(now: number, token: Generation): boolean {
  const isPaused = now >= token.since && now < pauseEnd(token.since, token.refusals);
  return wasRefused(now, token) || token.reason === "refused" && isPaused;
}

/** Whether it is too early for a store to have a token replaced that took the place of refused ones. */
export function isPaused(now: number, token: Generation): boolean {
  return now >= token.since && now < pauseEnd(token.since, token.replaced);
}

function pauseEnd(since: number, refusals: number): number {
  return refusals === 0 ? 0 : since + Math.min(5_000 * 2 ** (refusals - 1), 300_000);
}

/** Marks a token for its renewal, once, and passes on what it was obtained with. */
export function invalidateToken(token: Generation, passOn: (need: Need) => void): void {
  if (token.invalidated) return;
  token.invalidated = true;
  token.reason = "refused";
  token.needs.forEach(passOn);
}

/** Marks a token that was obtained with what was replaced since. */
export function rotate(token: Generation): void {
  token.invalidated = true;
  if (token.reason === "due") token.reason = "need";
  token.refusals = 0;
}

/** Until when a token need not be looked at again. */
export function goodUntil(token: Generation): number {
  if (token.invalidated) return 0;
  return Math.min(renewsAt(token), ...token.needs.map(({ until }) => until));
}
