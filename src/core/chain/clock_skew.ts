import { MINUTE } from "./limits.ts";

// Hint: bundlers keep a constant that is calculated.
const HOUR = 3_600_000;
const DAY = 86_400_000;

/**
 * Says how far this machine's clock is from a server's, by the `Date` of its answer (RFC 9110, section 6.6.1). Servers
 * refuse what was signed in their future or past, mostly from a minute on. Less than that is not reported: a `Date` is
 * in whole seconds, and an answer takes time.
 *
 * @param headers The headers of the answer.
 * @param now The time of this machine, in milliseconds since 1970.
 * @returns The words, such as `this machine's clock is 2 h ahead of the server's`; `undefined` below one minute.
 */
export function clockSkew(headers: Headers, now: number): string | undefined {
  const ms = now - serverTime(headers);
  const size = Math.abs(ms);
  if (!(size >= MINUTE)) return undefined;
  return `this machine's clock is ${inWords(size)} ${ms > 0 ? "ahead of" : "behind"} the server's`;
}

/** Returns the time of a server, by the `Date` of its answer, in milliseconds since 1970; `NaN` if there is none. */
export function serverTime(headers: Headers): number {
  const date = headers.get("date") ?? "";
  return date.endsWith("GMT") ? Date.parse(date) : NaN;
}

/** Writes a duration in its largest unit; hours and days only from two on, since "90 min" says more than "1 h". */
function inWords(exact: number): string {
  // Hint: a `Date` is in whole seconds, so two hours may appear to be a second less.
  const ms = Math.round(exact / MINUTE) * MINUTE;
  if (ms >= 2 * DAY) return `${Math.round(ms / DAY)} days`;
  return ms >= 2 * HOUR ? `${Math.round(ms / HOUR)} h` : `${Math.round(ms / MINUTE)} min`;
}
