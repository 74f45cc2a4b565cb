import type { Credential } from "./credential.ts";
import { denied, invalid, type Refusal, type RefusalOptions, unavailable } from "./outcome.ts";

/**
 * The options of {@linkcode httpRefusal}.
 *
 * @example A login that the server refused by one of its known codes
 * ```ts
 * import { httpRefusal, type HttpRefusalOptions } from "@alphaswarm/credentials";
 *
 * const options: HttpRefusalOptions = { who: "m2m:client", code: "invalid_client" };
 * const { outcome, detail } = httpRefusal(new Response(null, { status: 401 }), options);
 * console.log(outcome, detail);
 * // "denied", "m2m:client was refused (HTTP 401, invalid_client)"
 * ```
 * @category Writing a store
 */
export interface HttpRefusalOptions {
  /** Who was refused, in declared names, such as the key of a needed credential; `the request` unless set. */
  readonly who?: string;
  /** The error code of the answer, if it is one of the store's own closed list; never any other text of the answer. */
  readonly code?: string | undefined;
  /** The time, in milliseconds since 1970, for a `Retry-After` that is a date; the answer's own `Date` unless set. */
  readonly now?: number;
}

/** The options of {@linkcode httpRefusal}, with the time and a name for who was refused. */
export interface RefusedRequest extends HttpRefusalOptions {
  readonly who: string;
  readonly now: number;
}

/** Names a credential in a message, with the store that gave it. */
export function whoOf({ key, source }: Pick<Credential, "key" | "source">): string {
  return `"${key}" from "${source}"`;
}

/**
 * Returns the refusal for an HTTP answer that does not hold what was asked for: `denied` for 401 and 403; `unavailable`
 * for 408, 425, 429 and 5xx, with the time of `Retry-After`; `invalid` for a redirect and for any other status. Only
 * the store knows what a 404 means: it is often a miss.
 *
 * @param response The answer, of which only the status and the headers are read.
 * @param options Who was refused, and the error code of the answer.
 * @returns The refusal, which quotes nothing of the answer.
 *
 * @example A store for which 404 is a miss
 * ```ts
 * import { defineStore, httpRefusal, variables } from "@alphaswarm/credentials";
 *
 * const consul = defineStore({
 *   kind: "consul",
 *   shape: variables,
 *   open: ({ url }: { url: string }, { fetch }) => async (name, { signal }) => {
 *     const answer = await fetch(`${url}/v1/kv/${name}?raw`, { signal });
 *     if (answer.status === 404) return undefined; // a miss
 *     return answer.status === 200 ? await answer.text() : httpRefusal(answer);
 *   },
 * });
 * const store = consul({ priority: 150, url: "https://consul.example" });
 * ```
 * @category Writing a store
 */
export function httpRefusal(response: Response, options?: HttpRefusalOptions): Refusal;
// Hint: the generated docs take parameter names from the signature above, since a destructured parameter has none.
export function httpRefusal(
  { status, headers }: Response,
  { who = "the request", code, now }: HttpRefusalOptions = {},
): Refusal {
  const said = `HTTP ${status}${code ? `, ${code}` : ""}`;
  if (status === 401 || status === 403) return denied(`${who} was refused (${said})`);
  const answered = `the server answered ${said}`;
  if ([408, 425, 429].includes(status) || status >= 500) return unavailable(answered, retryAfter(headers, now));
  // Hint: a redirect that is not followed has status 0 on some runtimes.
  if (status && (status < 300 || status >= 400)) return invalid(answered);
  return invalid("the server answered with a redirect, which is not followed: use its final URL");
}

/** Whether a status says that nothing of the kind that was asked for is there: a redirect, or no such thing. */
export function isElsewhere({ status }: Response): boolean {
  // Hint: a redirect that is not followed has status 0 on some runtimes.
  return status < 200 || (status >= 300 && status < 400) || [404, 405, 406, 410, 415, 421].includes(status);
}

/** Adds which option gave the URL to a refusal, unless the fault may be temporary. */
export function atWrongUrl(refusal: Refusal, option: string): Refusal {
  return refusal.outcome === "unavailable"
    ? refusal
    : { ...refusal, detail: `${refusal.detail}: ${option} may be wrong` };
}

// Hint: an answer that large is a web page, whatever its status.
/** Returns the refusal that was thrown; if the answer was too large, it says which option gave the URL. */
export function unlessTooLarge(thrown: Refusal, option: string): Refusal {
  return thrown.outcome === "invalid" ? atWrongUrl(thrown, option) : thrown;
}

// Hint: a date is compared with the answer's own `Date`, since the clocks of client and server differ.
/**
 * How long to wait before asking again, by the `Retry-After` of an answer: seconds or a date (RFC 9110, section
 * 10.2.3).
 */
export function retryAfter(
  headers: Headers,
  now: number = Date.parse(headers.get("date")!) || Date.now(),
): RefusalOptions {
  const text = headers.get("retry-after") ?? "";
  const ms = /^\d+$/.test(text) ? Number(text) * 1_000 : text.endsWith("GMT") ? Date.parse(text) - now : 0;
  return ms > 0 ? { retryAfter: ms } : {};
}
