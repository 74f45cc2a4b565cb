import { OUTAGE_MS, type TokenOutage } from "./token_outage.ts";

const SECOND = 1_000;
/** The timeout of a look-up. */
const TIMEOUT_MS = 5 * SECOND;
/** The longest pause after a failure if the server asks for none. */
const LONGEST_PAUSE_MS = 15 * SECOND;
/** How long the server asks clients to stay away, and a tenth more. */
const RETRY_AFTER_MS = 60 * SECOND;

/** What an outage may cost at most. */
export interface Bounds {
  /** The requests during the outage. */
  readonly requests: number;
  /** How many callers may wait for each request. */
  readonly waiting: number;
  /** How long a caller may wait, in milliseconds. */
  readonly wait: number;
  /** How long after the server's return callers may still begin that get something else, in milliseconds. */
  readonly over: number;
}

/** Returns what an outage may cost, by the rules of freshness with the shortest pauses that chance allows. */
export function boundsOf(outage: TokenOutage): Bounds {
  const wait = { hung: TIMEOUT_MS, slow: 3 * SECOND }[outage.outage as "hung"] ?? 0;
  const isHeld = outage.held === "valid";
  const others = isHeld ? 1 : Math.ceil(wait / SECOND) * outage.rate;
  return { requests: requestsOf(outage), waiting: wait && others, wait, over: overOf(outage) };
}

/** How many requests there may be during an outage. */
function requestsOf(outage: TokenOutage): number {
  const { held, outage: what, below } = outage;
  // Hint: the backoff of a token that is valid for 15 minutes more is longer than the outage.
  if (held === "valid" || what === "slow") return 1;
  // Hint: a lower store's degraded answer is used for a second at least.
  if (held === "nothing" && below && ["down", "500"].includes(what)) return OUTAGE_MS / SECOND + 1;
  // Hint: a date that has passed when the token expires asks for no wait any more.
  if (held === "expires after 60 s") return BEFORE_EXPIRY + spaced(OUTAGE_MS / 2, what.replace("date", ""), 1);
  // Hint: with nothing held, two failures cause no pause, unless there was no answer in time or a wait is asked for.
  const atOnce = held === "expired" && what !== "HTML" || what === "hung" || what.includes("Retry-After") ? 1 : 3;
  return spaced(OUTAGE_MS, what, atOnce);
}

/** The requests that come shortly before an expiry, each backoff being cut short by it. */
const BEFORE_EXPIRY = 4;

/** Counts the requests of which the first few follow one another at once, and the others by the shortest pauses. */
function spaced(within: number, outage: string, atOnce: number): number {
  const took = outage === "hung" ? TIMEOUT_MS : 0;
  let at = took;
  let count = atOnce;
  for (let pause = SECOND;; pause *= 2) {
    const isAsked = outage === "429, Retry-After: 60" || outage.includes("date") && at < RETRY_AFTER_MS;
    at += isAsked ? RETRY_AFTER_MS : Math.min(pause, LONGEST_PAUSE_MS);
    if (at >= within) return count;
    at += took;
    count++;
  }
}

function overOf({ held, outage }: TokenOutage): number {
  if (held === "valid" || outage === "slow") return 0;
  if (outage === "429, Retry-After: 60") return 1.1 * RETRY_AFTER_MS;
  // Hint: a request that the server holds when it returns is given up at its timeout.
  return LONGEST_PAUSE_MS + (outage === "hung" ? TIMEOUT_MS : 0);
}
