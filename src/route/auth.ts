import type { Context, MiddlewareHandler } from "hono";
import { auth as basicUser } from "hono/utils/basic-auth";
import { timingSafeEqual } from "hono/utils/buffer";
import type { Resolver } from "../core/engine/resolver.ts";
import { credentialToken } from "./credential_token.ts";
import { problem } from "./problem.ts";

/** The longest token that is compared; longer ones are refused. */
const MAX_TOKEN_LENGTH = 4_096;

/**
 * The context of a Hono request, as Hono documents it.
 *
 * @example A check of a proxy's header
 * ```ts
 * import type { HonoContext } from "@alphaswarm/credentials/hono";
 *
 * const hasCertificate = (c: HonoContext): boolean =>
 *   c.req.header("X-Client-Verify") === "SUCCESS";
 * ```
 * @category Route
 * @internal
 */
export type HonoContext = Context;

/**
 * Authenticates requests by one token, or by any of several. A blank token is never accepted.
 *
 * @example Two tokens while one replaces the other
 * ```ts
 * import { createResolver, defineChain, env } from "@alphaswarm/credentials";
 * import { describeRoute, type TokenAuth } from "@alphaswarm/credentials/hono";
 *
 * // In production from variables.
 * const [current, next] = [crypto.randomUUID(), crypto.randomUUID()];
 * const auth: TokenAuth = { token: [current, next] };
 * const chain = defineChain({ stores: { env: env({ priority: 100 }) }, credentials: {} });
 * const app = describeRoute(createResolver(chain), { auth });
 * const answer = await app.request("/", { headers: { Authorization: `Bearer ${next}` } });
 * console.log(answer.status); // 200
 * ```
 * @category Route
 */
export interface TokenAuth {
  /** The token, sent as `Authorization: Bearer` or as the password of HTTP Basic with any user name. */
  readonly token: string | readonly string[];
}

/**
 * Authenticates requests by a field of a credential; while it cannot be resolved, the route answers 503.
 *
 * @typeParam C The chain's credentials.
 *
 * @example A token from the chain itself
 * ```ts
 * import { createResolver, defineChain, env, required } from "@alphaswarm/credentials";
 * import { describeRoute } from "@alphaswarm/credentials/hono";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "ops:describe": { fields: { key: required() }, from: { env: { prefix: "OPS_" } } },
 *   },
 * });
 * const key = crypto.randomUUID();
 * const resolver = createResolver(chain, { env: { OPS_KEY: key } });
 * const app = describeRoute(resolver, {
 *   auth: { credential: "ops:describe", field: "key" },
 * });
 * const headers = { Authorization: `Bearer ${key}` };
 * console.log((await app.request("/", { headers })).status); // 200
 * ```
 * @category Route
 */
export interface CredentialAuth<C> {
  /** The credential's key. */
  readonly credential: keyof C & string;
  /** The field that holds the token; default `"token"`. */
  readonly field?: string;
}

/**
 * Authenticates requests by a function, such as one that checks a session or a client certificate.
 *
 * @example A client certificate that the proxy verified
 * ```ts
 * import { createResolver, defineChain, env } from "@alphaswarm/credentials";
 * import { describeRoute, type VerifyAuth } from "@alphaswarm/credentials/hono";
 *
 * // The proxy must remove this header from what clients send.
 * const auth: VerifyAuth = {
 *   verify: (c) => c.req.header("X-Client-Verify") === "SUCCESS",
 * };
 * const chain = defineChain({ stores: { env: env({ priority: 100 }) }, credentials: {} });
 * const app = describeRoute(createResolver(chain), { auth });
 * const headers = { "X-Client-Verify": "SUCCESS" };
 * console.log((await app.request("/")).status); // 401
 * console.log((await app.request("/", { headers })).status); // 200
 * ```
 * @category Route
 */
export interface VerifyAuth {
  /** Returns whether a request may read the route; if it throws, the request may not. */
  readonly verify: (c: HonoContext) => boolean | Promise<boolean>;
}

/**
 * How requests to the route are authenticated.
 *
 * @typeParam C The chain's credentials.
 *
 * @example A token if there is one, else the session
 * ```ts
 * import type { RouteAuth } from "@alphaswarm/credentials/hono";
 *
 * function authBy(
 *   token: string | undefined,
 *   hasSession: (cookie: string) => boolean,
 * ): RouteAuth<object> {
 *   return token
 *     ? { token }
 *     : { verify: (c) => hasSession(c.req.header("Cookie") ?? "") };
 * }
 * ```
 * @category Route
 */
export type RouteAuth<C> = TokenAuth | CredentialAuth<C> | VerifyAuth;

/** The result of a request's authentication. */
export type AuthResult = "allowed" | "refused" | "unavailable";

/** Decides whether a request may read the route; never rejects. */
export type Authenticate = (c: Context) => Promise<AuthResult>;

/** Creates the function that authenticates requests. */
export function authenticator<C>(resolver: Resolver<C>, auth: RouteAuth<C> | "none"): Authenticate {
  if (auth === "none") return () => Promise.resolve("allowed");
  if ("verify" in auth) return async (c) => await verifies(() => auth.verify(c)) ? "allowed" : "refused";
  if ("credential" in auth) {
    const read = credentialToken(resolver, auth.credential, auth.field ?? "token");
    return async (c) => {
      const sent = sentToken(c);
      if (sent === undefined) return "refused";
      const token = await read();
      if (token === undefined) return "unavailable";
      return await matchesAny(sent, [token]) ? "allowed" : "refused";
    };
  }
  const tokens = [auth.token].flat();
  if (!tokens.every((token) => typeof token === "string")) {
    throw new TypeError("Expected auth.token to be a string or an array of strings");
  }
  return async (c) => {
    const sent = sentToken(c);
    return sent !== undefined && await matchesAny(sent, tokens) ? "allowed" : "refused";
  };
}

/** Creates the middleware that answers 401 or 503 to requests that may not read the route. */
export function requireAuth(authenticate: Authenticate): MiddlewareHandler {
  return async function describeRouteAuth(c, next) {
    const result = await authenticate(c);
    if (result === "allowed") return await next();
    if (result === "unavailable") {
      return problem(c, 503, "The credential with the token of this route is not available", { "Retry-After": "1" });
    }
    return problem(c, 401, "Expected a valid token for this route", { "WWW-Authenticate": challenges(c) });
  };
}

async function verifies(verify: () => boolean | Promise<boolean>): Promise<boolean> {
  try {
    return await verify() === true;
  } catch {
    return false;
  }
}

function sentToken(c: Context): string | undefined {
  const header = c.req.header("Authorization") ?? "";
  // Hint: in HTTP Basic a token is a third longer, and follows a user name.
  if (header.length > 2 * MAX_TOKEN_LENGTH) return undefined;
  const token = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(header)?.[1] ?? basicUser(c.req.raw)?.password;
  return token === undefined || token.trim() === "" || token.length > MAX_TOKEN_LENGTH ? undefined : token;
}

async function matchesAny(sent: string, tokens: readonly string[]): Promise<boolean> {
  const equal = await Promise.all(tokens.map((token) => timingSafeEqual(token, sent)));
  return equal.includes(true);
}

/** Offers Basic to navigations only, since a page that refreshes itself must not open a password prompt. */
function challenges(c: Context): string[] {
  const navigates = (c.req.header("Sec-Fetch-Mode") ?? "navigate") === "navigate";
  const bearer = 'Bearer realm="credentials"';
  return navigates ? ['Basic realm="credentials", charset="UTF-8"', bearer] : [bearer];
}
