import { invalid, isRefusal, unavailable } from "./outcome.ts";

/** The longest answer that a store may get, in bytes after decoding. */
const LONGEST = 1024 * 1024;

/**
 * A `fetch` for stores: what is thrown is a refusal without the runtime's message (which quotes the URL), redirects are
 * handed back as they are, and a body is read whole, so that nothing of a request outlives its look-up.
 */
export function boundedFetch(fetch: typeof globalThis.fetch, longest: number = LONGEST): typeof globalThis.fetch {
  return async (input, init) => {
    let response: Response;
    try {
      response = await fetch(input, { redirect: "manual", ...init });
    } catch (error) {
      throw isRefusal(error) ? error : unavailable("no connection");
    }
    const body = response.body && await readBounded(response.body, longest);
    const { status, statusText, headers } = response;
    // Hint: a redirect that is not followed has status 0 in browsers' and some edge runtimes' terms.
    if (status < 200) return Response.error();
    return new Response(NO_BODY.has(status) ? null : body, { status, statusText, headers });
  };
}

const NO_BODY: ReadonlySet<number> = /* @__PURE__ */ new Set([204, 205, 304]);

async function readBounded(stream: ReadableStream<Uint8Array>, longest: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = stream.getReader();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      size += part.value.byteLength;
      if (size > longest) throw invalid(`the answer is larger than ${longest / 1024} KiB`);
      chunks.push(part.value);
    }
  } catch (error) {
    reader.cancel().catch(() => {});
    throw size > longest ? error : unavailable("the connection ended in the middle of the answer");
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
}
