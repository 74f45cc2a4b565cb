import { DEFAULT_LIFETIME_MS, MAX_RETRY_AFTER_MS, MINUTE, SECOND } from "../chain/limits.ts";
import { invalid, type Refusal, unavailable } from "../chain/outcome.ts";
import type { Token } from "../chain/shape.ts";

/** The longest that a token is held. */
export const MAX_LIFETIME_MS = 86_400_000;

/** How long before its expiry a token is renewed, in milliseconds. */
export interface Windows {
  /** From then on, one caller renews it while the others get the held one. */
  readonly advisory: number;
  /** From then on, every caller waits for the renewal. */
  readonly mandatory: number;
}

/** Returns the windows of a token that is valid for `lifetime` milliseconds. */
export function windows(lifetime: number, configured?: number): Windows {
  // Hint: with a window as long as the lifetime, every call would ask for another token.
  const advisory = configured !== undefined && configured < lifetime ? configured : advisoryByLifetime(lifetime);
  return { advisory, mandatory: Math.min(MINUTE, advisory / 2) };
}

function advisoryByLifetime(lifetime: number): number {
  if (lifetime < 10 * MINUTE) return lifetime / 2;
  if (lifetime <= 20 * MINUTE) return 5 * MINUTE;
  return lifetime < 90 * MINUTE ? 15 * MINUTE : 60 * MINUTE;
}

/** When a token was asked for and when it expires, in milliseconds since 1970. */
export interface Lifespan {
  /** When the request for it began. */
  readonly since: number;
  /** When it expires. */
  readonly expiresAt: number;
  /** The store's own advisory window. */
  readonly advisoryWindow?: number | undefined;
  /** How long a token that does not expire is used before it is asked for again, in milliseconds. */
  readonly recheck?: number | undefined;
  /** Whether a service refused it: it is renewed before it is given again. */
  readonly invalidated?: boolean;
  /** This machine's place in the windows, from 0 to 1: how much later it renews, and how much earlier it must. */
  readonly place?: number;
  /** When the engine is asked about it again, if that is later. */
  readonly lookAt?: number | undefined;
}

/** The state of a token. */
export type Freshness = "fresh" | "advisory" | "mandatory" | "expired";

// Hint: if the clock went back, the age of a token is unknown, so it is renewed.
/** Returns the state of a token at a moment. */
export function state(now: number, held: Lifespan): Freshness {
  if (now >= held.expiresAt) return "expired";
  if (now < held.since) return "mandatory";
  if (held.invalidated || now >= held.expiresAt - windowsOf(held).mandatory) return "mandatory";
  return now >= renewsAt(held) ? "advisory" : "fresh";
}

/** Returns when the advisory window of a token begins; for one that does not expire, when it is asked for again. */
export function renewsAt(held: Lifespan): number {
  const { expiresAt, since, recheck, lookAt = 0 } = held;
  if (expiresAt === Infinity) return Math.max(since + recheck!, lookAt);
  const { advisory, mandatory } = windowsOf(held);
  return Math.min(Math.max(expiresAt - advisory, lookAt), expiresAt - mandatory);
}

function windowsOf(held: Lifespan): Windows {
  const { advisoryWindow, place = 0 } = held;
  const { advisory, mandatory } = windows(lifetimeOf(held), advisoryWindow);
  const drawn = advisory * (1 - place / 2);
  return { advisory: drawn, mandatory: mandatory + place * Math.min(30 * SECOND, (drawn - mandatory) / 4) };
}

// Hint: if the clock went back, the need that ends a token may expire before the token began.
/** Returns how long a token lives; counted from now if it ends before it began. */
function lifetimeOf({ since, expiresAt }: Lifespan, now = expiresAt): number {
  return expiresAt - (expiresAt > since ? since : now);
}

/**
 * Returns when a token counts as expired for this machine's renewals: the machines of a fleet must not all ask at its
 * expiry.
 */
export function expiresForRenewal(held: Lifespan): number {
  return held.expiresAt - (held.place ?? 0) * windowsOf(held).mandatory;
}

/** A failed renewal. */
export interface Failure {
  /** When it failed. */
  readonly now: number;
  /** A random number, at least 0 and less than 1. */
  readonly random: number;
  /** What the other side asked for, in milliseconds. */
  readonly retryAfter?: number | undefined;
}

/**
 * Returns how long the store is not asked after a failed renewal of a token that is still valid, in milliseconds: one to
 * two quarters of the lifetime, at most 5 to 10 minutes.
 */
export function backoff(lifetime: number, random: number): number {
  return (1 + random) * Math.min(300 * SECOND, lifetime / 4);
}

/**
 * Returns until when the store is not asked after a failed renewal of a token that is still valid. A backoff ends
 * before the mandatory window if it began before that, and a `Retry-After` before the expiry.
 */
export function backoffUntil(failure: Failure, held: Lifespan): number {
  const { now, random } = failure;
  const { expiresAt, place } = held;
  const lifetime = lifetimeOf(held, now);
  const expired = expiresForRenewal(held);
  const mandatoryAt = expiresAt - windowsOf(held).mandatory;
  // Hint: the machines of a fleet have one expiry, and must not all ask at one instant.
  const least = now + pause(random) * Math.min(1, lifetime / (200 * SECOND));
  const endingBefore = (bound: number, until: number) => {
    if (until <= bound) return until;
    if (place !== undefined) return bound;
    return Math.max(bound - random * Math.min(30 * SECOND, (bound - now) / 4), Math.min(until, least));
  };
  return Math.max(
    endingBefore(now < mandatoryAt ? mandatoryAt : expired, now + backoff(lifetime, random)),
    endingBefore(expired, now + retryPause(failure, MAX_RETRY_AFTER_MS)),
  );
}

/** Returns how long a `Retry-After` asks to wait, and up to a tenth longer, in milliseconds. */
function retryPause({ random, retryAfter }: Failure, longest: number): number {
  // Hint: a store that parses a date as a number gives NaN.
  return Math.min(retryAfter || 0, longest) * (1 + random / 10);
}

/**
 * Returns until when the store is not asked after a failure while no valid token is held.
 *
 * @param failure The failure.
 * @param before How many such pauses in a row there were before.
 */
export function pauseUntil(failure: Failure, before: number): number {
  return failure.now + Math.max(retryPause(failure, MINUTE), doublingPause(before, failure.random));
}

/** Returns one to five seconds: how long a refusal is remembered, and a degraded answer is used. */
export function pause(random: number): number {
  return (1 + 4 * random) * SECOND;
}

/** Returns how long a failure is remembered: one to five seconds, doubling to fifteen with every pause before it. */
export function doublingPause(before: number, random: number): number {
  return Math.min(pause(random) * 2 ** before, 15 * SECOND);
}

/**
 * Returns how long a refused token is kept if those before it were refused too: five seconds after the first in a row,
 * doubling to five minutes.
 */
export function refusalPause(refusals: number): number {
  return refusals && Math.min(5 * SECOND * 2 ** (refusals - 1), 300 * SECOND);
}

/** When a token expires. */
export interface Expiry {
  /** The moment, in milliseconds since 1970; `Infinity` if it does not expire. */
  readonly expiresAt: number;
  /** Whether the server stated it, so that it was neither assumed nor cut. */
  readonly stated: boolean;
  /** The key of the need that ends it, if that expires before it would. */
  readonly endsWith?: string | undefined;
}

/**
 * Returns when a token expires.
 *
 * @param since When the request for it began.
 * @param now The time.
 * @param token The lifetime that the answer states; `expiresIn` in seconds.
 * @param unstated The lifetime if it states none, in milliseconds.
 * @returns The expiry, or why the token cannot be used.
 */
export function expiry(
  since: number,
  now: number,
  { expiresIn, expiresAt, expires }: Omit<Token, "values">,
  unstated: number = DEFAULT_LIFETIME_MS,
): Expiry | Refusal {
  if (expires === "never") return { expiresAt: Infinity, stated: true };
  const lifetime = expiresIn ?? undefined;
  const given = expiresAt ?? (lifetime === undefined ? undefined : since + seconds(lifetime) * SECOND);
  const at = given ?? since + unstated;
  const latest = since + MAX_LIFETIME_MS;
  // Hint: without a compiler, `expires` may be any other value, which must not count as absent.
  if (expires || !(at >= since && at < Infinity)) return invalid("the expiry of the token is not a time in the future");
  // Hint: the next request gets another one if the server hands out a token that it caches.
  if (at <= now) return unavailable("the token expired before its answer arrived");
  return { expiresAt: Math.min(at, latest), stated: given !== undefined && at <= latest };
}

function seconds(value: unknown): number {
  if (typeof value === "number") return value;
  return typeof value === "string" && /^\d+$/.test(value) ? Number(value) : NaN;
}
