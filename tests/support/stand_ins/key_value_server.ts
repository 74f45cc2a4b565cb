import { answer, defineStore, document, httpRefusal } from "../../../mod.ts";
import { listening } from "./listening.ts";

/** A stand-in for a key-value server that checks versions, as HTTP's `ETag` and `If-Match` do (RFC 9110). */
export interface KeyValueServer extends AsyncDisposable {
  /** Its URL. */
  readonly url: string;
  /** The texts by name, with the number of their changes. */
  readonly entries: Map<string, { readonly text: string; readonly version: number; readonly at: number }>;
  /** The requests that changed something, or should have, each with its response's status. */
  readonly writes: string[];
}

/**
 * Starts it.
 *
 * @param now The server's own time, in milliseconds since 1970.
 */
export function startKeyValueServer(now: () => number = Date.now): KeyValueServer {
  const entries: KeyValueServer["entries"] = new Map();
  const writes: string[] = [];
  const server = listening(async (request) => {
    const name = new URL(request.url).pathname.slice(1);
    const entry = entries.get(name);
    if (request.method === "GET") {
      if (!entry) return new Response(null, { status: 404 });
      const headers = { etag: `"${entry.version}"`, age: String((now() - entry.at) / 1_000) };
      return new Response(entry.text, { headers });
    }
    const text = await request.text();
    const expected = request.headers.get("if-match");
    const fits = expected === null ? !entries.has(name) : expected === `"${entries.get(name)?.version}"`;
    writes.push(`${text} ${fits ? 204 : 412}`);
    if (!fits) return new Response(null, { status: 412 });
    entries.set(name, { text, version: (entries.get(name)?.version ?? 0) + 1, at: now() });
    return new Response(null, { status: 204 });
  });
  return { ...server, entries, writes };
}

/** The options of the store of such a server. */
interface Options {
  readonly url: string;
  /** Whether it says how old a document is. */
  readonly age?: boolean;
}

/** The store of such a server. */
export const keyValue = /* @__PURE__ */ defineStore({
  kind: "key-value",
  shape: document,
  recheck: 0,
  options: ["url", "age"],
  open: ({ url, age }: Options, { fetch }) => async (name, { signal }) => {
    const response = await fetch(`${url}/${name}`, { signal });
    if (response.status === 404) return undefined;
    if (!response.ok) return httpRefusal(response);
    const { headers } = response;
    const version = headers.get("etag") ?? undefined;
    return answer((await response.json()) ?? undefined, {
      version,
      ...age && { age: Number(headers.get("age")) * 1_000 },
    });
  },
  write: ({ url }, { fetch }) => async ({ name, before, after }, { signal }) => {
    const { version } = before;
    const headers = version === undefined ? { "if-none-match": "*" } : { "if-match": String(version) };
    const response = await fetch(`${url}/${name}`, { method: "PUT", headers, body: JSON.stringify(after), signal });
    if (response.status === 412) return false;
    return response.ok || httpRefusal(response);
  },
});
