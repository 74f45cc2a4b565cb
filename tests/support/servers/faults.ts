import type { Exchange, FaultyRequest } from "./exchange.ts";

/** The size of the body of an answer that is far too large. */
export const HUGE_BYTES = 50 * 1024 * 1024;

/** The name of a behaviour of the token endpoint; `none` is a valid answer. */
export type FaultName = "none" | "refused" | keyof typeof faults;

const encoder = new TextEncoder();

/** The answer of each fault but `refused`, for which no connection is accepted. */
export const faults = {
  none: (exchange: Exchange) => answer(exchange, 200, token(exchange)),
  silent: (exchange: Exchange) => exchange.hold(new Promise(() => {})),
  slow: async (exchange: Exchange) => {
    await exchange.hold(exchange.settings.wait());
    await answer(exchange, 200, token(exchange));
  },
  trickle: (exchange: Exchange) => trickle(exchange, head(200, {}) + token(exchange)),
  trickle_body: async (exchange: Exchange) => {
    await exchange.send(encoder.encode(head(200, {})));
    await trickle(exchange, token(exchange));
  },
  status_500: (exchange: Exchange) => answer(exchange, 500, '{"error":"server_error"}'),
  status_429: (exchange: Exchange) => answer(exchange, 429, "", { "retry-after": exchange.settings.retryAfter }),
  status_503: (exchange: Exchange) => answer(exchange, 503, "", { "retry-after": exchange.settings.retryAfter }),
  status_408: (exchange: Exchange) => answer(exchange, 408, "", { "retry-after": exchange.settings.retryAfter }),
  overloaded: (exchange: Exchange) =>
    answer(exchange, exchange.settings.status, '{"error":"temporarily_unavailable"}', {
      "retry-after": exchange.settings.retryAfter,
    }),
  server_error: (exchange: Exchange) => answer(exchange, exchange.settings.status, '{"error":"server_error"}'),
  redirect: (exchange: Exchange) => answer(exchange, 302, "", { location: exchange.elsewhere }),
  not_found: (exchange: Exchange) => answer(exchange, 404, "Not Found", { "content-type": "text/plain" }),
  html: (exchange: Exchange) => answer(exchange, 200, "<!doctype html><p>Sign in</p>", { "content-type": "text/html" }),
  truncated_json: (exchange: Exchange) => answer(exchange, 200, token(exchange).slice(0, -9)),
  cut_off: async (exchange: Exchange) => {
    const body = token(exchange);
    await exchange.send(encoder.encode(head(200, { "content-length": String(body.length) }) + body.slice(0, -9)));
  },
  cut_off_without_length: (exchange: Exchange) =>
    exchange.send(encoder.encode(head(200, {}) + token(exchange).slice(0, -9))),
  cut_off_in_chunks: (exchange: Exchange) =>
    exchange.send(
      encoder.encode(`${head(200, { "transfer-encoding": "chunked" })}10\r\n${token(exchange).slice(0, 16)}\r\n`),
    ),
  cut_off_gzip: async (exchange: Exchange) => {
    const packed = await gzip(token(exchange));
    const length = String(packed.length - 20);
    await exchange.send(encoder.encode(head(200, { "content-encoding": "gzip", "content-length": length })));
    await exchange.send(packed.subarray(0, -20));
  },
  empty: (exchange: Exchange) => answer(exchange, 200, ""),
  huge: (exchange: Exchange) => huge(exchange, { "content-length": String(HUGE_BYTES) }),
  huge_without_length: (exchange: Exchange) => huge(exchange, {}),
  huge_gzip: async (exchange: Exchange) => {
    const packed = await gzipped();
    await exchange.send(encoder.encode(head(200, { "content-encoding": "gzip" })));
    await exchange.send(packed);
  },
  without_expires_in: (exchange: Exchange) => answer(exchange, 200, token(exchange, "")),
  expires_in_string: (exchange: Exchange) => answer(exchange, 200, token(exchange, ',"expires_in":"3600"')),
  expires_in_zero: (exchange: Exchange) => answer(exchange, 200, token(exchange, ',"expires_in":0')),
  expires_in_negative: (exchange: Exchange) => answer(exchange, 200, token(exchange, ',"expires_in":-1')),
  expires_in_infinite: (exchange: Exchange) => answer(exchange, 200, token(exchange, ',"expires_in":1e999')),
  wrong_token_type: (exchange: Exchange) => answer(exchange, 200, token(exchange).replace('"Bearer"', '"mac"')),
  quotes_secret: (exchange: Exchange) => answer(exchange, exchange.settings.status, quote(exchange.request)),
} satisfies Record<string, (exchange: Exchange) => Promise<void>>;

function token(exchange: Exchange, expiry = `,"expires_in":${exchange.settings.lifetime}`): string {
  return `{"access_token":"${exchange.token}","token_type":"Bearer"${expiry}}`;
}

function head(status: number, fields: Readonly<Record<string, string>>): string {
  const all = { "content-type": "application/json", "cache-control": "no-store", connection: "close", ...fields };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} Answer\r\n${lines.join("")}\r\n`;
}

async function answer(
  exchange: Exchange,
  status: number,
  body: string,
  fields: Readonly<Record<string, string>> = {},
): Promise<void> {
  const length = String(encoder.encode(body).length);
  await exchange.send(encoder.encode(head(status, { "content-length": length, ...fields }) + body));
}

async function trickle(exchange: Exchange, text: string): Promise<void> {
  for (const byte of encoder.encode(text)) {
    await exchange.send(Uint8Array.of(byte));
    await exchange.pause(exchange.settings.interval);
  }
}

// Hint: the answer is well-formed, so that only its size is wrong.
const opening = '{"token_type":"Bearer","expires_in":3600,"access_token":"';
const closing = '"}';
const chunk = new Uint8Array(64 * 1024).fill("a".charCodeAt(0));

function* hugeBody(): Generator<Uint8Array<ArrayBuffer>> {
  yield encoder.encode(opening);
  for (let left = HUGE_BYTES - opening.length - closing.length; left > 0; left -= chunk.length) {
    yield chunk.subarray(0, Math.min(left, chunk.length));
  }
  yield encoder.encode(closing);
}

async function huge(exchange: Exchange, fields: Readonly<Record<string, string>>): Promise<void> {
  await exchange.send(encoder.encode(head(200, fields)));
  for (const bytes of hugeBody()) {
    await exchange.send(bytes);
    // Hint: without a pause the kernel buffers megabytes that the client does not read.
    await exchange.pause(1);
  }
}

let packed: Promise<Uint8Array> | undefined;

function gzipped(): Promise<Uint8Array> {
  return packed ??= new Response(ReadableStream.from(hugeBody()).pipeThrough(new CompressionStream("gzip"))).bytes();
}

function gzip(text: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Response(new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"))).bytes();
}

function quote(request: FaultyRequest): string {
  const basic = /^Basic (?<value>.+)$/i.exec(request.authorization ?? "")?.groups?.value ?? "";
  const decoded = new URLSearchParams(`pair=${atob(basic)}`).get("pair");
  const description = `Cannot accept "${atob(basic)}" alias "${decoded}" with ${request.body}`;
  return JSON.stringify({ error: "invalid_client", error_description: description });
}
