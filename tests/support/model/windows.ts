/** When a token was asked for and when it expires. */
export interface Lifespan {
  readonly since: number;
  readonly expiresAt: number;
  readonly advisoryWindow: number | undefined;
  readonly invalidated: boolean;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
export const DAY = 24 * 60 * MINUTE;

/** How long a token lives; one that ends before it began, since the clock went back, lives from now on. */
function lifetimeOf({ since, expiresAt }: Lifespan, now: number): number {
  return since < expiresAt ? expiresAt - since : expiresAt - now;
}

function advisoryOf(token: Lifespan): number {
  const { advisoryWindow } = token;
  const lifetime = lifetimeOf(token, token.expiresAt);
  if (advisoryWindow !== undefined && advisoryWindow < lifetime) return advisoryWindow;
  if (lifetime < 10 * MINUTE) return lifetime / 2;
  if (lifetime <= 20 * MINUTE) return 5 * MINUTE;
  return lifetime < 90 * MINUTE ? 15 * MINUTE : 60 * MINUTE;
}

/** When the mandatory window of a token begins. */
export function mandatoryAt(token: Lifespan): number {
  return token.expiresAt - mandatoryOf(token);
}

function mandatoryOf(token: Lifespan): number {
  return Math.min(60 * SECOND, advisoryOf(token) / 2);
}

/** When the renewal of a token is due. */
export function renewsAt(token: Lifespan): number {
  return token.expiresAt - advisoryOf(token);
}

/** What is to be done with a token. */
export function stateAt(now: number, token: Lifespan): "fresh" | "advisory" | "mandatory" | "expired" {
  if (now >= token.expiresAt) return "expired";
  if (token.invalidated || now < token.since || now >= token.expiresAt - mandatoryOf(token)) return "mandatory";
  return now >= renewsAt(token) ? "advisory" : "fresh";
}

/** A pause of one to five seconds, doubling with every pause before it to fifteen. */
export function pauseOf(random: number, pausesBefore = 0): number {
  return Math.min((1 + 4 * random) * SECOND * 2 ** pausesBefore, 15 * SECOND);
}

/** Until when `Retry-After` is heeded: up to a tenth later than it says, never earlier. */
function askedUntil(now: number, random: number, retryAfter: number, most: number): number {
  return now + Math.min(retryAfter, most) * (1 + random / 10);
}

/** Until when a store is not asked after the renewal of a token failed that is still good. */
export function backoffUntil(now: number, random: number, token: Lifespan, retryAfter = 0): number {
  const lifetime = lifetimeOf(token, now);
  // Hint: at least this long, also past the bound, since a fleet must not ask in one instant.
  const least = now + pauseOf(random) * Math.min(1, lifetime / (200 * SECOND));
  const before = (bound: number, moment: number) => {
    if (moment <= bound) return moment;
    return Math.max(bound - random * Math.min(30 * SECOND, (bound - now) / 4), Math.min(moment, least));
  };
  const mandatory = mandatoryAt(token);
  const backoff = now + (1 + random) * Math.min(300 * SECOND, lifetime / 4);
  const asked = askedUntil(now, random, retryAfter, 600 * SECOND);
  return Math.max(before(now < mandatory ? mandatory : token.expiresAt, backoff), before(token.expiresAt, asked));
}

/** Until when a store is not asked after a failure if nothing valid is held. */
export function pauseUntil(now: number, random: number, pausesBefore: number, retryAfter = 0): number {
  return Math.max(now + pauseOf(random, pausesBefore), askedUntil(now, random, retryAfter, 60 * SECOND));
}
