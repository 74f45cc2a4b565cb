import { hostsOf } from "../chain/endpoint.ts";
import { denied, invalid, isRefusal, type Refusal, unavailable } from "../chain/outcome.ts";
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
      // Hint: where the runtime itself follows a redirect, it does not say which of the hosts it refused.
      const hosts = init?.redirect === "follow" ? [] : hostsOf(urlOf(input));
      throw isRefusal(error) ? error : requestRefusal(error, hosts);
    }
    const body = response.body && await readBounded(response.body, maxBytes);
    const { status, statusText, headers } = response;
    // Hint: browsers and some edge runtimes give a redirect that is not followed the status 0.
    if (status < 200) return Response.error();
    return new Response(WITHOUT_BODY.includes(status) ? null : body, { status, statusText, headers });
  };
}

function urlOf(input: string | URL | Request): string {
  return typeof input === "object" && "url" in input ? input.url : String(input);
}

interface Fault {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly cause?: Fault | null;
}

// Hint: names and codes decide, since messages quote the URL.
function requestRefusal(error: unknown, hosts: readonly string[]): Refusal {
  const fault = error as Fault | null | undefined;
  const said = [fault, fault?.cause, fault?.cause?.cause].flatMap((one) => [one?.name, one?.code]);
  if (said.includes("NotCapable")) return denied(["needs --allow-net", ...hosts].join("="));
  // Hint: Node's flag names no hosts.
  if (said.includes("ERR_ACCESS_DENIED")) return denied("needs --allow-net");
  return unavailable("no connection to the server");
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
