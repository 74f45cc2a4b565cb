// Hint: a file without imports, since bundlers inline the numbers of such a file.

/** How long a caller waits in all, unless it says otherwise. */
export const BUDGET_MS = 10_000;
/** How long a walk that found nothing is reused for callers with a default. */
export const MISS_MS = 1_000;
/** How many different defaults of one credential are remembered. */
export const MAX_DEFAULTS = 16;
/** How often a follower checks whether another request's flight has landed. */
export const POLL_MS = 25;
/** How long it checks before it takes the flight over. */
export const TAKE_OVER_MS = 2_000;
/** The longest delay of a timer: a longer one, `Infinity` included, would fire at once. */
export const MAX_TIMER_MS = 2_147_483_647;

/** The last moment that a date can express, in milliseconds since 1970. */
export const LATEST = 8_640_000_000_000_000;

export const SECOND = 1_000;
export const MINUTE = 60_000;

/** How long a look-up may take, unless its store says otherwise. */
export const TIMEOUT_MS = 5_000;
/** How many times, at most, a store that was read in the middle of a change is read again. */
export const MAX_RETRIES = 3;
/** How long to wait before reading it again. */
export const RETRY_MS = 50;
/**
 * The time before a value that was in a file is looked for again; all such waits together take no longer than one
 * retry.
 */
export const ABSENCE_RETRY_MS = 16;
/** How many times in a row, at most, a file that keeps being replaced is read. */
export const MAX_FILE_TRIES = 6;

/** The lifetime of a token that states none: RFC 6749, section 5.1, only recommends `expires_in`. */
export const DEFAULT_LIFETIME_MS = 300_000;
/** The longest that a `Retry-After` is heeded. */
export const MAX_RETRY_AFTER_MS = 600_000;
/** How many failures in a row cause no pause while no token is held: an outage at start-up may be over at once. */
export const FREE_FAILURES = 2;
