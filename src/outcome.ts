/** What a store can say about a credential: a closed set. @category Outcomes */
export type Outcome = "hit" | "miss" | "off" | "incomplete" | "unavailable" | "denied" | "invalid";

/** What came of a store's answer in a walk. @category Outcomes */
export type Role = "winner" | "setting" | "passed" | "stopped" | "shadowed";

/** One entry of a trace: a store that was asked, and what it said. It never holds a value. @category Outcomes */
export interface Step {
  /** The store's name in the chain. */
  readonly store: string;
  /** What it said. */
  readonly outcome: Outcome;
  /** What came of it. */
  readonly role: Role;
  /** How long the answer was awaited, in milliseconds; absent for an answer that was there at once. */
  readonly ms?: number;
  /** Why, in fixed words and declared names. */
  readonly detail?: string;
  /** The declared names that were looked for and not found, of an incomplete answer. */
  readonly missing?: readonly string[];
}

/** What marks a refusal, in whatever copy of this package it was made. @category Stores */
export const REFUSAL: unique symbol = Symbol.for("@alphaswarm/credentials/refusal");

/** A store that has the credential but can not give it, or can not be reached. @category Stores */
export interface Refusal {
  /** Marks a refusal, so that a document with the same members is not taken for one. */
  readonly [REFUSAL]: true;
  /** Which of the three refusals it is. */
  readonly outcome: "denied" | "invalid" | "unavailable";
  /** Why, in fixed words and declared names; never a value, and never text from outside. */
  readonly detail: string;
  /** How long not to ask again, in milliseconds, where the other side said so. */
  readonly retryAfter?: number;
  /** The answer may be of a moment in the middle of a change: worth another look before it counts. */
  readonly unsettled?: true;
}

/** More about a refusal. @category Stores */
export interface RefusalOptions {
  /** How long not to ask again, in milliseconds, where the other side said so (`Retry-After`). */
  readonly retryAfter?: number;
  /** The answer may be of a moment in the middle of a change: worth another look before it counts. */
  readonly unsettled?: true;
}

/** The store has it and won't give it: 401, 403, a refused client, no permission. The walk stops. @category Stores */
export function denied(detail: string, options?: RefusalOptions): Refusal {
  return { [REFUSAL]: true, outcome: "denied", detail, ...options };
}

/** What the store has makes no sense: malformed, out of bounds, badly configured. The walk stops. @category Stores */
export function invalid(detail: string, options?: RefusalOptions): Refusal {
  return { [REFUSAL]: true, outcome: "invalid", detail, ...options };
}

/** The store can't be reached now: no connection, a timeout, 429, 5xx. The walk goes on. @category Stores */
export function unavailable(detail: string, options?: RefusalOptions): Refusal {
  return { [REFUSAL]: true, outcome: "unavailable", detail, ...options };
}

/** Tells a refusal from an answer, also one that another copy of this package made. */
export function isRefusal(value: unknown): value is Refusal {
  return typeof value === "object" && value !== null && REFUSAL in value;
}
