import { type Listening, listening } from "./listening.ts";

/** What a service received: its name, the method, the body, and which secrets. */
function received(name: string, request: Request, body: string): string {
  const secrets = ["authorization", "x-api-key", "cookie"].filter((header) => request.headers.has(header));
  return [name, request.method, body, request.headers.get("content-type"), ...secrets].join(" ").trimEnd();
}

/**
 * Starts two services that redirect to one another, and say what they received.
 *
 * @returns The first of them.
 */
export function twoOrigins(): Listening {
  const origin = (name: string, other: () => string) =>
    listening(async (request) => {
      const { pathname } = new URL(request.url);
      const said = received(name, request, await request.text());
      const location = redirectOf(pathname, other());
      return location ? new Response(null, location) : new Response(said);
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
  const found = /^\/(\d{3})\/(around|away|back)$/.exec(path);
  if (!found) return path === "/endless" ? to(307, "/endless") : undefined;
  const status = Number(found[1]);
  if (found[2] === "around") return to(status, "../end");
  return to(status, `${other}${found[2] === "away" ? "/end" : `/${status}/away`}`);
}

/** Pages of the first that lead somewhere. */
export const PATHS: readonly string[] = [
  "/end",
  "/307/around",
  "/302/around",
  "/308/away",
  "/303/away",
  "/307/back",
  "/endless",
];
const ENDLESS = "Cannot follow a redirect: expected no more than 20 in a row";
/** What a caller hears who visits them with a bearer token, and then with a key in a header of its own. */
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
