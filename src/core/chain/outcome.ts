import type { Version } from "./answer.ts";

/** What a store can answer for a credential: a closed set. @category Outcomes */
export type Outcome = "hit" | "miss" | "off" | "incomplete" | "unavailable" | "denied" | "invalid";

/** The role of a store's answer in a walk. @category Outcomes */
export type Role = "winner" | "setting" | "passed" | "stopped" | "shadowed";

/** How a token was obtained where it is shared: from the server, from another machine, or without the engine. @category Share */
export type Shared = "minted" | "received" | "alone";

/** One entry of a trace: a store that was asked, and its answer. It never holds a value. @category Outcomes */
export interface Step {
  /** The store's name in the chain. */
  readonly store: string;
  /** What it answered. */
  readonly outcome: Outcome;
  /** The role of the answer in the walk. */
  readonly role: Role;
  /** How long the answer took, in milliseconds; absent for an answer that was not awaited. */
  readonly ms?: number;
  /** Why, in fixed words and declared names. */
  readonly detail?: string;
  /** The version of what it answered, where the store says it. */
  readonly version?: Version;
  /** The declared names that were looked for and not found, of an incomplete answer. */
  readonly missing?: readonly string[];
  /** The key of the credential that the store needs and could not get. */
  readonly need?: string;
  /** Of a token that is shared: how it was obtained. */
  readonly shared?: Shared;
}

/** Marks a refusal, whichever copy of this package made it. @category Stores */
export const REFUSAL: unique symbol = /* @__PURE__ */ Symbol.for("@alphaswarm/credentials/refusal");

/** The answer of a store that has the credential but cannot give it, or that cannot be reached. @category Stores */
export interface Refusal extends RefusalOptions {
  /** Marks a refusal, so that a document with the same members is not taken for one. */
  readonly [REFUSAL]: true;
  /** Which of the three refusals it is. */
  readonly outcome: "denied" | "invalid" | "unavailable";
  /** Why, in fixed words and declared names; never a value, and never text from outside. */
  readonly detail: string;
  /** The key of a credential that the store needs and could not get: set by the resolver. */
  readonly key?: string;
}

/** Options of a refusal. @category Stores */
export interface RefusalOptions {
  /** The least time before the store is asked again, in milliseconds (`Retry-After`); at most a minute where nothing is held. */
  readonly retryAfter?: number;
  /** Whether the store may have been read in the middle of a change: it is read again before the refusal counts. */
  readonly transient?: true;
  /**
   * Of `denied`: which of the store's `needs` was refused. That credential is invalidated, and if another one takes its
   * place the look-up runs once more.
   */
  readonly need?: string;
  /**
   * Whether the issuer itself says so, by a known code: where a token is shared, such a refusal counts for every machine, and
   * any other one (a proxy's 403) for the machine alone.
   */
  readonly issued?: true;
}

/**
 * Creates a refusal for a credential that the store has but refuses: HTTP 401 or 403, a refused client, a missing
 * permission. The walk stops.
 *
 * @category Stores
 */
export function denied(detail: string, options?: RefusalOptions): Refusal {
  return { [REFUSAL]: true, outcome: "denied", detail, ...options };
}

/**
 * Creates a refusal for something that the store cannot use: malformed, out of bounds, wrongly configured. The walk
 * stops.
 *
 * @category Stores
 */
export function invalid(detail: string, options?: RefusalOptions): Refusal {
  return { [REFUSAL]: true, outcome: "invalid", detail, ...options };
}

/**
 * Creates a refusal for a store that cannot be reached now: no connection, a timeout, HTTP 408, 425, 429 or 5xx. The walk
 * goes on, and the credential is `degraded`.
 *
 * @category Stores
 */
export function unavailable(detail: string, options?: RefusalOptions): Refusal {
  return { [REFUSAL]: true, outcome: "unavailable", detail, ...options };
}

/** Whether a value is a refusal, whichever copy of this package made it. */
export function isRefusal(value: unknown): value is Refusal {
  return typeof value === "object" && value !== null && (value as Partial<Refusal>)[REFUSAL] === true;
}

/** Whether a text has U+FFFD or half of a surrogate pair in it, which is left of broken UTF-8 or UTF-16, or a NUL. */
export function isBrokenText(text: string): boolean {
  return !text.isWellFormed() || text.includes("\uFFFD") || text.includes("\0");
}
