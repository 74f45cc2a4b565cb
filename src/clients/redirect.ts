import { readOnce } from "./replay.ts";

/** A request of a chain of redirects (https://fetch.spec.whatwg.org/#http-redirect-fetch). */
export interface Hop {
  readonly url: URL;
  readonly method: string;
  readonly headers: Headers;
  readonly body: BodyInit | null;
  /** Whether it still has what is meant for the origin of the first. */
  readonly authenticated: boolean;
}

const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];
/** What is said of a body, and goes with it. */
const OF_A_BODY = ["content-encoding", "content-language", "content-length", "content-location", "content-type"];
/** What is meant for one origin alone. */
const OF_AN_ORIGIN = ["authorization", "proxy-authorization", "cookie", "host"];

/** Whether an answer sends the caller elsewhere. */
export function isRedirect({ status, headers }: Response): boolean {
  return REDIRECTS.includes(status) && headers.has("location");
}

/**
 * The request that a redirect asks for. To another origin it goes without the header that authenticates.
 *
 * @throws {TypeError} Where `fetch` would not follow it either. The address is left out, since it is the server's word.
 */
export function redirected(hop: Hop, answer: Response, authenticating: string): Hop {
  const url = destination(answer.headers.get("location")!, hop.url);
  const headers = new Headers(hop.headers);
  const authenticated = hop.authenticated && url.origin === hop.url.origin;
  if (url.origin !== hop.url.origin) drop(headers, [...OF_AN_ORIGIN, authenticating]);
  if (becomesGet(answer.status, hop.method)) {
    drop(headers, OF_A_BODY);
    return { url, method: "GET", headers, body: null, authenticated };
  }
  if (readOnce(hop.body)) throw new TypeError("Cannot follow a redirect: the body can be read only once");
  return { ...hop, url, headers, authenticated };
}

function destination(location: string, from: URL): URL {
  const url = URL.canParse(location, from) ? new URL(location, from) : undefined;
  if (url && /^https?:$/.test(url.protocol) && !url.username && !url.password) return url;
  throw new TypeError("Cannot follow a redirect: expected an http or https URL without user info");
}

function becomesGet(status: number, method: string): boolean {
  return status === 303 ? !["GET", "HEAD"].includes(method) : status < 303 && method === "POST";
}

function drop(headers: Headers, names: readonly string[]): void {
  for (const name of names) headers.delete(name);
}
