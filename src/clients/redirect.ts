/** One request in a chain of redirects (https://fetch.spec.whatwg.org/#http-redirect-fetch). */
export interface Hop {
  readonly url: URL;
  readonly method: string;
  readonly headers: Headers;
  readonly body: BodyInit | null;
  /** Whether it has the header that is only for the first request's origin. */
  readonly authenticated: boolean;
}

const REDIRECT_STATUSES: readonly number[] = [301, 302, 303, 307, 308];
/** The headers that are removed together with the body. */
const BODY_HEADERS = ["content-encoding", "content-language", "content-length", "content-location", "content-type"];
/** The headers that are removed when the origin changes. */
const ORIGIN_HEADERS = ["authorization", "proxy-authorization", "cookie", "host"];

/** Whether a response is a redirect. */
export function isRedirect({ status, headers }: Response): boolean {
  return REDIRECT_STATUSES.includes(status) && headers.has("location");
}

/**
 * Builds the request that a redirect asks for. To another origin it does not have the authenticating header.
 *
 * @param hop The request that was redirected.
 * @param response The redirect.
 * @param authHeader The name of the authenticating header.
 * @returns The next request.
 * @throws {TypeError} If `fetch` would not follow it either. The message does not quote the server's URL.
 */
export function nextHop(hop: Hop, response: Response, authHeader: string): Hop {
  const url = targetOf(response.headers.get("location")!, hop.url);
  const headers = new Headers(hop.headers);
  const authenticated = hop.authenticated && url.origin === hop.url.origin;
  if (url.origin !== hop.url.origin) remove(headers, [...ORIGIN_HEADERS, authHeader]);
  if (becomesGet(response.status, hop.method)) {
    remove(headers, BODY_HEADERS);
    return { url, method: "GET", headers, body: null, authenticated };
  }
  if (isSingleUse(hop.body)) throw new TypeError("Cannot follow a redirect: the body can be read only once");
  return { ...hop, url, headers, authenticated };
}

/** Returns the `Request` that `fetch` was called with, even if it is from another realm. */
export function requestOf(input: string | URL | Request): Request | undefined {
  return typeof input === "object" && "headers" in input ? input : undefined;
}

/** Whether a body can be read only once, such as a stream, which the body of a `Request` always is. */
export function isSingleUse(body: unknown): boolean {
  return typeof body === "object" && body !== null && ("getReader" in body || Symbol.asyncIterator in body);
}

function targetOf(location: string, base: URL): URL {
  const url = URL.canParse(location, base) ? new URL(location, base) : undefined;
  if (url && /^https?:$/.test(url.protocol) && !url.username && !url.password) return url;
  throw new TypeError("Cannot follow a redirect: expected an http or https URL without user info");
}

function becomesGet(status: number, method: string): boolean {
  return status === 303 ? !["GET", "HEAD"].includes(method) : status < 303 && method === "POST";
}

function remove(headers: Headers, names: readonly string[]): void {
  for (const name of names) headers.delete(name);
}
