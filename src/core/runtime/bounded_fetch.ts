import { denied, invalid, isRefusal, type Refusal, unavailable } from "../chain/outcome.ts";
import type { RuntimePart } from "../chain/store_spec.ts";
import { tellFault } from "./connection_fault.ts";

const MAX_BODY_BYTES = 1_048_576;

// Hint: the texts for each fault would be a third of what `defineStore` adds to a bundle.
/**
 * The network, for `uses` of a store: the host's `fetch`, bounded. Its refusals do not say why there is no connection.
 */
export const network: RuntimePart = ({ fetch }) => ({ fetch: bound(fetch) });

/**
 * Wraps a `fetch` for stores. What it throws is a refusal without the runtime's message, which quotes the URL;
 * redirects are returned, not followed; and the whole body is read, so that no request outlives its look-up.
 *
 * @param fetch Sends the requests.
 * @param maxBytes The size of the largest body, after decoding.
 */
export function boundedFetch(fetch: typeof globalThis.fetch, maxBytes?: number): typeof globalThis.fetch {
  return bound(tellFault(fetch), maxBytes);
}

function bound(fetch: typeof globalThis.fetch, maxBytes = MAX_BODY_BYTES): typeof globalThis.fetch {
  return async (input, init) => {
    let response: Response | undefined, body: Blob | null;
    try {
      response = await fetch(input, { redirect: "manual", ...init });
      body = response.body && await readBounded(response.body, maxBytes);
    } catch (error) {
      if (isRefusal(error)) throw error;
      if (response) throw unavailable("the connection ended in the middle of the answer");
      throw requestRefusal(error as Error, input, init);
    }
    const { status, statusText, headers } = response;
    // Hint: browsers and some edge runtimes report a redirect that is not followed as status 0.
    if (status < 200) return Response.error();
    // Hint: the constructor refuses even an empty body for an answer without content, such as a 204.
    return new Response(body?.size ? body : null, { status, statusText, headers });
  };
}

// Hint: the name and the code decide, since messages quote the URL.
/** Returns why a request failed: denied by the runtime's permissions, else unavailable. */
function requestRefusal(error: { readonly cause?: unknown } | undefined, input: unknown, init?: RequestInit): Refusal {
  const { name, code } = Object(error?.cause ?? error);
  const flag = "needs --allow-net";
  if (code === "ERR_ACCESS_DENIED") return denied(flag);
  if (name !== "NotCapable") return unavailable("no connection to the server");
  // Hint: Deno does not say which host of a followed redirect was refused.
  return denied(init?.redirect === "follow" ? flag : `${flag}=${new URL((input as Request).url ?? input).host}`);
}

async function readBounded(stream: ReadableStream<Uint8Array<ArrayBuffer>>, maxBytes: number): Promise<Blob> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  const reader = stream.getReader();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      size += part.value.byteLength;
      if (size > maxBytes) throw invalid(`the answer is larger than ${maxBytes / 1024} KiB`);
      chunks.push(part.value);
    }
    return new Blob(chunks);
  } finally {
    reader.cancel().catch(() => {});
  }
}
