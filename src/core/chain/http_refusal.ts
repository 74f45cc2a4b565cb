import { denied, invalid, type Refusal, type RefusalOptions, unavailable } from "./outcome.ts";

/** What a refusal says besides the status. */
export interface RefusedRequest {
  /** The time, in milliseconds since 1970. */
  readonly now: number;
  /** Who was refused, in declared names. */
  readonly who: string;
  /** The error code of the answer, from a closed list. */
  readonly code?: string | undefined;
}

/** Returns the refusal for an HTTP answer that does not hold what was asked for. */
export function httpRefusal({ status, headers }: Response, { now, who, code }: RefusedRequest): Refusal {
  const said = code === undefined ? `HTTP ${status}` : `HTTP ${status}, ${code}`;
  if (status === 401 || status === 403) return denied(`${who} was refused (${said})`);
  if (status === 429 || status >= 500) return unavailable(`the server answered ${said}`, retryAfter(headers, now));
  // Hint: a redirect that is not followed has status 0 on some runtimes.
  if (status === 0 || status >= 300 && status < 400) {
    return invalid("the server answered with a redirect, which is not followed: use its final URL");
  }
  return invalid(`the server answered ${said}`);
}

/** How long not to ask again, by the `Retry-After` of an answer: seconds or a date (RFC 9110, section 10.2.3). */
export function retryAfter(headers: Headers, now: number): RefusalOptions {
  const text = headers.get("retry-after")?.trim() ?? "";
  if (/^\d+$/.test(text)) return { retryAfter: Number(text) * 1_000 };
  const at = text.endsWith("GMT") ? Date.parse(text) : NaN;
  return Number.isNaN(at) ? {} : { retryAfter: Math.max(0, at - now) };
}
