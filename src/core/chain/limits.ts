// Hint: a file without imports, since bundlers write the numbers of such a file where they are used.

/** How long a caller waits in all, unless it says otherwise. */
export const BUDGET_MS = 10_000;
/** How long a walk that found nothing is reused for callers with a default. */
export const MISS_MS = 1_000;
/** How many different defaults of one credential are remembered. */
export const MAX_DEFAULTS = 16;
/** How often a follower looks whether another request's flight has landed. */
export const POLL_MS = 25;
/** How long it looks before it takes the flight over. */
export const TAKE_OVER_MS = 2_000;
/** The longest delay of a timer: a longer one, `Infinity` included, would fire at once. */
export const MAX_TIMER_MS = 2_147_483_647;
