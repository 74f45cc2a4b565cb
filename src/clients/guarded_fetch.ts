import type { Credential } from "../credential.ts";
import { CredentialError } from "../errors.ts";
import { type Hop, isRedirect, redirected } from "./redirect.ts";
import { requestOf } from "./replay.ts";

/** The name and the value of a header. @category Clients */
export type Header = readonly [name: string, value: string];

/** A request, as `fetch` takes it. */
export interface Outgoing {
  readonly input: string | URL | Request;
  readonly init: RequestInit | undefined;
}

/** An answer, and whether the request that it is to had the header. */
export interface Sent {
  readonly response: Response;
  readonly authenticated: boolean;
}

/** How many redirects are followed in a row: as many as `fetch` follows. */
const MOST = 20;

/**
 * Sends a request with a header that is meant for its origin alone. Redirects are followed here, since a runtime takes
 * to another origin any header but `authorization`, and some of them that one too.
 */
export async function sendWith(
  send: typeof fetch,
  { input, init }: Outgoing,
  header: Header,
  credential: Pick<Credential, "key" | "trace">,
): Promise<Sent> {
  const request = requestOf(input);
  const headers = withHeader(init?.headers ?? request?.headers, header, credential);
  const redirect = init?.redirect ?? request?.redirect ?? "follow";
  if (redirect !== "follow") return { response: await send(input, { ...init, headers }), authenticated: true };

  let response = await send(input, { ...init, headers, redirect: "manual" });
  let hop: Hop = {
    url: new URL(request?.url ?? String(input)),
    method: (init?.method ?? request?.method ?? "GET").toUpperCase(),
    headers,
    body: init?.body ?? request?.body ?? null,
    authenticated: true,
  };
  const signal = init?.signal ?? request?.signal ?? null;
  for (let followed = 0; isRedirect(response); followed++) {
    await response.body?.cancel();
    if (followed === MOST) throw new TypeError(`Cannot follow a redirect: expected no more than ${MOST} in a row`);
    hop = redirected(hop, response, header[0]);
    const { url, method, body } = hop;
    response = await send(url, { ...init, method, headers: hop.headers, body, signal, redirect: "manual" });
  }
  return { response, authenticated: hop.authenticated };
}

// Hint: the runtime's own message would quote the value.
function withHeader(
  given: HeadersInit | undefined,
  [name, value]: Header,
  { key, trace }: Pick<Credential, "key" | "trace">,
): Headers {
  const headers = new Headers(given);
  try {
    headers.set(name, value);
  } catch {
    throw new CredentialError("invalid", "a header can not carry it", { key, trace });
  }
  return headers;
}
