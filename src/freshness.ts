const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** The longest that an answer is held, in milliseconds. */
export const LONGEST = 24 * 60 * MINUTE;
/** What a lifetime is taken to be that nobody gave (RFC 6749, section 5.1, only recommends `expires_in`). */
export const UNKNOWN_LIFETIME = 300 * SECOND;
/** The longest that a `Retry-After` is heeded. */
const LONGEST_RETRY = 600 * SECOND;

/** How long before its expiry an answer is renewed, in milliseconds. */
export interface Windows {
  /** From here on, renewing is worth while. */
  readonly advisory: number;
  /** From here on, nobody is served without it. */
  readonly mandatory: number;
}

/** The windows of an answer that is good for `lifetime` milliseconds. */
export function windows(lifetime: number, configured?: number): Windows {
  // Hint: a window as long as the lifetime would have every call ask for another answer.
  const advisory = configured !== undefined && configured < lifetime ? configured : advisoryByLifetime(lifetime);
  return { advisory, mandatory: Math.min(MINUTE, advisory / 2) };
}

function advisoryByLifetime(lifetime: number): number {
  if (lifetime < 10 * MINUTE) return lifetime / 2;
  if (lifetime <= 20 * MINUTE) return 5 * MINUTE;
  return lifetime < 90 * MINUTE ? 15 * MINUTE : 60 * MINUTE;
}

/** When an answer was asked for and when it expires, in milliseconds since 1970. */
export interface Lifespan {
  /** When the request for it began. */
  readonly since: number;
  /** When it is no longer good. */
  readonly expiresAt: number;
  /** The store's own advisory window. */
  readonly advisoryWindow?: number | undefined;
  /** Refused by whom it is for: to be renewed before anybody else gets it. */
  readonly marked?: boolean;
}

/** How good an answer is. */
export type Freshness = "fresh" | "advisory" | "mandatory" | "expired";

/** How good an answer is at a moment; one from before the clock was put back can't be told, and is renewed. */
export function state(now: number, held: Lifespan): Freshness {
  if (now >= held.expiresAt) return "expired";
  if (now < held.since) return "mandatory";
  const { advisory, mandatory } = windows(held.expiresAt - held.since, held.advisoryWindow);
  if (held.marked || now >= held.expiresAt - mandatory) return "mandatory";
  return now >= held.expiresAt - advisory ? "advisory" : "fresh";
}

/** When the advisory window of an answer begins. */
export function renewsAt(held: Lifespan): number {
  return held.expiresAt - windows(held.expiresAt - held.since, held.advisoryWindow).advisory;
}

/** What a failed renewal is spaced out by. */
export interface Failure {
  /** When it failed. */
  readonly now: number;
  /** Chance, at least 0 and less than 1. */
  readonly random: number;
  /** How many renewals failed before it since the expiry. */
  readonly failures: number;
  /** What the other side asked for, in milliseconds. */
  readonly retryAfter?: number | undefined;
}

/**
 * How long nobody asks after a failed renewal, in milliseconds, while the answer has not expired:
 * up to the mandatory window where it began before it, and to the expiry at the latest.
 */
export function backoff(lifetime: number, random: number): number {
  return (1 + random) * Math.min(300 * SECOND, lifetime / 4);
}

/** Until when nobody asks after a failed renewal. */
export function backoffUntil({ now, random, failures, retryAfter }: Failure, held: Lifespan): number {
  // Hint: a store that reads a date as a number says NaN.
  const asked = now + Math.min(retryAfter || 0, LONGEST_RETRY);
  const { mandatory } = windows(held.expiresAt - held.since, held.advisoryWindow);
  if (now >= held.expiresAt) return Math.max(asked, now + Math.min(pause(random) * 2 ** failures, MINUTE));
  const bound = now < held.expiresAt - mandatory ? held.expiresAt - mandatory : held.expiresAt;
  return Math.max(asked, Math.min(now + backoff(held.expiresAt - held.since, random), bound));
}

/** One to five seconds: how long a refusal is remembered, and a degraded answer is good. */
export function pause(random: number): number {
  return (1 + 4 * random) * SECOND;
}

/**
 * When an answer expires, in milliseconds since 1970.
 *
 * @param since When the request for it began.
 * @param token What the answer says of its lifetime; `expiresIn` in seconds.
 * @param unknown The lifetime where it says nothing, in milliseconds.
 * @returns The moment, or `undefined` for one that makes no sense or is past.
 */
export function expiry(
  since: number,
  now: number,
  { expiresIn, expiresAt }: { readonly expiresIn?: unknown; readonly expiresAt?: number },
  unknown: number = UNKNOWN_LIFETIME,
): number | undefined {
  const at = expiresAt ??
    since + (expiresIn === undefined || expiresIn === null ? unknown : seconds(expiresIn) * SECOND);
  return Number.isFinite(at) && at > now ? Math.min(at, since + LONGEST) : undefined;
}

function seconds(value: unknown): number {
  if (typeof value === "number") return value;
  return typeof value === "string" && /^\d+$/.test(value) ? Number(value) : NaN;
}
