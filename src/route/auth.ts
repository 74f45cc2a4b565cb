import type { Context, MiddlewareHandler } from "hono";
import { auth as basicUser } from "hono/utils/basic-auth";
import { timingSafeEqual } from "hono/utils/buffer";
import type { Resolver } from "../resolver.ts";
import { credentialToken } from "./credential_token.ts";
import type { HonoContext } from "./hono_types.ts";
import { problem } from "./problem.ts";

/** A token that is longer than this is refused unread. */
const LONGEST_TOKEN = 4_096;

/** One token or several; any of them opens the route. A blank one never does. @category Route */
export interface TokenAuth {
  /** Sent as `Authorization: Bearer`, or as the password of HTTP Basic with any user name. */
  readonly token: string | readonly string[];
}

/** A field of a credential of the chain is the token; while it can't be had, the route answers 503. @category Route */
export interface CredentialAuth<C> {
  /** The credential's key. */
  readonly credential: keyof C & string;
  /** The field that is the token; `"token"` unless this says otherwise. */
  readonly field?: string;
}

/** A check of one's own: a session, a client certificate, an address. @category Route */
export interface VerifyAuth {
  /** Says whether a request may read the route; what it throws counts as no. */
  readonly verify: (c: HonoContext) => boolean | Promise<boolean>;
}

/** Who may read the route. @category Route */
export type RouteAuth<C> = TokenAuth | CredentialAuth<C> | VerifyAuth;

/** What became of a request's authentication. */
export type Admission = "admitted" | "refused" | "unavailable";

/** Decides whether a request may read the route; never rejects. */
export type Admit = (c: Context) => Promise<Admission>;

/** Compiles what a route's owner said about authentication. */
export function admission<C>(resolver: Resolver<C>, auth: RouteAuth<C> | "none"): Admit {
  if (auth === "none") return () => Promise.resolve("admitted");
  if ("verify" in auth) return async (c) => await attempt(() => auth.verify(c)) ? "admitted" : "refused";
  if ("credential" in auth) {
    const read = credentialToken(resolver, auth.credential, auth.field ?? "token");
    return async (c) => {
      const given = givenToken(c);
      if (given === undefined) return "refused";
      const token = await read();
      if (token === undefined) return "unavailable";
      return await matches(given, [token]) ? "admitted" : "refused";
    };
  }
  const tokens = [auth.token].flat();
  if (!tokens.every((token) => typeof token === "string")) throw new TypeError("Expected auth.token to be text");
  return async (c) => {
    const given = givenToken(c);
    return given !== undefined && await matches(given, tokens) ? "admitted" : "refused";
  };
}

/** Lets a request through that may read the route. */
export function guard(admit: Admit): MiddlewareHandler {
  return async function describeRouteGuard(c, next) {
    const admitted = await admit(c);
    if (admitted === "admitted") return await next();
    if (admitted === "unavailable") {
      return problem(c, 503, "The credential that opens this route can not be had", { "Retry-After": "1" });
    }
    return problem(c, 401, "Expected a token that opens this route", { "WWW-Authenticate": challenges(c) });
  };
}

async function attempt(verify: () => boolean | Promise<boolean>): Promise<boolean> {
  try {
    return await verify() === true;
  } catch {
    return false;
  }
}

function givenToken(c: Context): string | undefined {
  const header = c.req.header("Authorization") ?? "";
  // Hint: base64 takes four characters for three bytes, and a user name may stand before the password.
  if (header.length > 2 * LONGEST_TOKEN) return undefined;
  const token = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(header)?.[1] ?? basicUser(c.req.raw)?.password;
  return token === undefined || token.trim() === "" || token.length > LONGEST_TOKEN ? undefined : token;
}

async function matches(given: string, tokens: readonly string[]): Promise<boolean> {
  const equal = await Promise.all(tokens.map((token) => timingSafeEqual(token, given)));
  return equal.includes(true);
}

/** A page that refreshes itself must not make the browser ask for a password over and over. */
function challenges(c: Context): string[] {
  const navigates = (c.req.header("Sec-Fetch-Mode") ?? "navigate") === "navigate";
  const bearer = 'Bearer realm="credentials"';
  return navigates ? ['Basic realm="credentials", charset="UTF-8"', bearer] : [bearer];
}
