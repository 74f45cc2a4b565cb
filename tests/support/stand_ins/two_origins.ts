import { type Listening, listening } from "./listening.ts";

/** Formats a received request: the service, the method, the body, its type, and the headers with secrets. */
function summaryOf(name: string, request: Request, body: string): string {
  const secrets = ["authorization", "x-api-key", "cookie"].filter((header) => request.headers.has(header));
  return [name, request.method, body, request.headers.get("content-type"), ...secrets].join(" ").trimEnd();
}

/**
 * Starts two services that redirect to each other, and answer with a summary of the request.
 *
 * @returns The first service. Disposing of it stops both.
 */
export function twoOrigins(): Listening {
  const origin = (name: string, other: () => string) =>
    listening(async (request) => {
      const { pathname } = new URL(request.url);
      const summary = summaryOf(name, request, await request.text());
      const location = redirectOf(pathname, other());
      return location ? new Response(null, location) : new Response(summary);
    });
  const first = origin("first", () => second.url);
  const second = origin("second", () => first.url);
  return {
    url: first.url,
    [Symbol.asyncDispose]: async () => {
      await first[Symbol.asyncDispose]();
      await second[Symbol.asyncDispose]();
    },
  };
}

function redirectOf(path: string, other: string): ResponseInit | undefined {
  const to = (status: number, location: string) => ({ status, headers: { location } });
  const match = /^\/(\d{3})\/(around|away|back)$/.exec(path);
  if (!match) return path === "/endless" ? to(307, "/endless") : undefined;
  const status = Number(match[1]);
  if (match[2] === "around") return to(status, "../end");
  return to(status, `${other}${match[2] === "away" ? "/end" : `/${status}/away`}`);
}

/** The paths of the first service that tests request. */
export const PATHS: readonly string[] = [
  "/end",
  "/307/around",
  "/302/around",
  "/308/away",
  "/303/away",
  "/307/back",
  "/endless",
];
const ENDLESS = "Cannot follow a redirect: expected at most 20 in a row";
/** The results for these paths, each with a bearer token and with a key in another header. */
export const FOLLOWED: readonly string[] = [
  "first POST a=b text/plain authorization cookie",
  "first POST a=b text/plain x-api-key cookie",
  "first POST a=b text/plain authorization cookie",
  "first POST a=b text/plain x-api-key cookie",
  "first GET   authorization cookie",
  "first GET   x-api-key cookie",
  "second POST a=b text/plain",
  "second POST a=b text/plain",
  "second GET",
  "second GET",
  "first POST a=b text/plain",
  "first POST a=b text/plain",
  ENDLESS,
  ENDLESS,
];
