import fc from "npm:fast-check@^4.10.2";
import type { Marker } from "./marker.ts";

/** How a server answers. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array<ArrayBuffer>;
  /** What becomes of the connection. */
  readonly connection: "kept" | "refused" | "cut";
}

const STATUSES = [201, 202, 204, 206, 226, 300, 302, 304, 307, 400, 401, 403, 404, 405, 408, 409, 418, 425, 429];
const SERVER_ERRORS = [500, 502, 503, 504, 511, 520, 599];
const CONTENT_TYPES = [
  "application/json",
  "application/json; charset=utf-8",
  "text/html",
  "text/xml",
  "",
  "a/b;;=",
  "\xff",
];
const WITHOUT_BODY = [204, 205, 304];

const NUMBERS = ["0", "1", "-1", "1e3", "1.5", "0x10", "9".repeat(400), " 5", "soon", "", "NaN", "Infinity", "٣"];
const DATES = [
  "Thu, 01 Jan 2026 00:00:30 GMT",
  "Thu, 01 Jan 1970 00:00:00 GMT",
  "Fri, 31 Dec 9999 23:59:59 GMT",
  "Sat, 01 Jan 300000 00:00:00 GMT",
  "Thu, 32 Jan 2026 00:00:00 GMT",
  "2026-01-01T00:00:00Z",
  "GMT",
  "Thu, 01 Jan 2026 00:00:30",
];

/** Headers of answers, a planted secret among them. */
export function headers({ text }: Marker): fc.Arbitrary<Readonly<Record<string, string>>> {
  const junk = fc.string({
    unit: fc.integer({ min: 0x21, max: 0xff }).map((code) => String.fromCharCode(code)),
    maxLength: 8,
  });
  const challenges = [
    `Bearer error="${text}"`,
    `Basic realm="${text}`,
    `${text} =,=`,
    ",".repeat(5_000),
    'a="'.repeat(2_000),
  ];
  return fc.record({
    "content-type": fc.oneof(
      { weight: 6, arbitrary: fc.constant("application/json") },
      fc.constantFrom(...CONTENT_TYPES),
    ),
    "retry-after": fc.oneof(fc.constantFrom(...NUMBERS.filter((each) => each !== "٣"), ...DATES, text), junk),
    "date": fc.constantFrom(...DATES, text),
    "location": fc.constantFrom(`https://other.example/?${text}`, `//${text}`, "\xff"),
    "www-authenticate": fc.oneof(fc.constantFrom(...challenges), junk),
    "dpop-nonce": fc.constant(text),
  }, { requiredKeys: ["content-type"] });
}

/** Answers with these bodies: mostly good ones, as far as the status goes. */
export function answers(bodies: fc.Arbitrary<string>, marker: Marker): fc.Arbitrary<HttpAnswer> {
  const status = fc.oneof(
    { weight: 12, arbitrary: fc.constant(200) },
    { weight: 3, arbitrary: fc.constantFrom(400, 401, 403) },
    { weight: 2, arbitrary: fc.constantFrom(...STATUSES, ...SERVER_ERRORS) },
  );
  const connection = fc.oneof(
    { weight: 40, arbitrary: fc.constant("kept" as const) },
    fc.constantFrom("refused" as const, "cut" as const),
  );
  return fc.record({ status, headers: headers(marker), body: bodies, connection });
}

/** Creates a `fetch` that answers each request with the next of these answers, and the last for ever. */
export function answering(all: readonly HttpAnswer[], { text }: Marker): typeof fetch {
  let at = 0;
  return () => {
    const answer = all[Math.min(at++, all.length - 1)]!;
    if (answer.connection === "refused") {
      return Promise.reject(new TypeError(`error sending request for url (${text})`));
    }
    return Promise.resolve(responseOf(answer, text));
  };
}

/** Builds a response. */
export function responseOf({ status, headers, body, connection }: HttpAnswer, secret: string): Response {
  if (WITHOUT_BODY.includes(status)) return new Response(null, { status, headers });
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  if (connection === "kept") return new Response(bytes, { status, headers });
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start: (controller) => controller.enqueue(bytes.slice(0, bytes.length >> 1)),
    pull: (controller) => controller.error(new TypeError(`error reading a body from connection: ${secret}`)),
  });
  return new Response(stream, { status, headers });
}
