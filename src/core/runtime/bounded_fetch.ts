import { invalid, isRefusal, unavailable } from "../chain/outcome.ts";
import type { RuntimePart } from "../chain/store_spec.ts";

const MAX_BODY_BYTES = 1_048_576;

/** The network, for `uses` of a store: the host's `fetch`, bounded. */
export const network: RuntimePart = ({ fetch }) => ({ fetch: boundedFetch(fetch) });

/**
 * Wraps a `fetch` for stores. What it throws is a refusal without the runtime's message, which quotes the URL; redirects
 * are returned, not followed; and the body is read whole, so that nothing of a request outlives its look-up.
 *
 * @param fetch What sends the requests.
 * @param maxBytes The size of the largest body, after decoding.
 */
export function boundedFetch(fetch: typeof globalThis.fetch, maxBytes = MAX_BODY_BYTES): typeof globalThis.fetch {
  return async (input, init) => {
    let response: Response;
    try {
      response = await fetch(input, { redirect: "manual", ...init });
    } catch (error) {
      throw isRefusal(error) ? error : unavailable("no connection to the server");
    }
    const body = response.body && await readBounded(response.body, maxBytes);
    const { status, statusText, headers } = response;
    // Hint: browsers and some edge runtimes give a redirect that is not followed the status 0.
    if (status < 200) return Response.error();
    return new Response(WITHOUT_BODY.includes(status) ? null : body, { status, statusText, headers });
  };
}

const WITHOUT_BODY: readonly number[] = [204, 205, 304];

async function readBounded(stream: ReadableStream<Uint8Array>, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = stream.getReader();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      size += part.value.byteLength;
      if (size > maxBytes) throw invalid(`the answer is larger than ${maxBytes / 1024} KiB`);
      chunks.push(part.value);
    }
  } catch (error) {
    reader.cancel().catch(() => {});
    throw size > maxBytes ? error : unavailable("the connection ended in the middle of the answer");
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
}
