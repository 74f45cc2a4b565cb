import { type Context, Hono } from "hono";
import { accepts } from "hono/accepts";
import { access } from "../core/engine/access.ts";
import { DESCRIPTION_JSON_SCHEMA } from "../report/description_json_schema.ts";
import type { Resolver } from "../core/engine/resolver.ts";
import { authenticator, requireAuth, type RouteAuth } from "./auth.ts";
import { describeRouteHeaders } from "./headers.ts";
import { chainPage, credentialPage } from "./page.ts";
import { problem } from "./problem.ts";
import { ready } from "./ready.ts";
import { viewOf } from "./view.ts";

/**
 * A Hono app, as Hono documents it.
 *
 * @example An app by itself
 * ```ts
 * import { createResolver, defineChain, env } from "@alphaswarm/credentials";
 * import { describeRoute, type HonoApp } from "@alphaswarm/credentials/hono";
 *
 * const chain = defineChain({ stores: { env: env({ priority: 100 }) }, credentials: {} });
 * const token = crypto.randomUUID();
 * const app: HonoApp = describeRoute(createResolver(chain), { auth: { token } });
 * console.log((await app.request("/live")).status); // 200
 * ```
 * @category Route
 * @internal
 */
export type HonoApp = Hono;

/**
 * How requests are authenticated, or an explicit statement that they are not.
 *
 * @typeParam C The chain's credentials.
 *
 * @example Anybody may read it
 * ```ts
 * import { createResolver, defineChain, env } from "@alphaswarm/credentials";
 * import { describeRoute, type RouteAccess } from "@alphaswarm/credentials/hono";
 *
 * const anyone: RouteAccess<object> = { auth: "none", allowUnauthenticated: true };
 * const chain = defineChain({ stores: { env: env({ priority: 100 }) }, credentials: {} });
 * const app = describeRoute(createResolver(chain), anyone);
 * console.log((await app.request("/")).status); // 200
 * ```
 * @category Route
 */
export type RouteAccess<C> =
  | {
    /** How requests are authenticated. */
    readonly auth: RouteAuth<C>;
    readonly allowUnauthenticated?: never;
  }
  | {
    /** Requests are not authenticated. */
    readonly auth: "none";
    /** Confirms that anybody may read the route. */
    readonly allowUnauthenticated: true;
  };

/**
 * The options of a describe route: how requests are authenticated, and in `needed` the keys of the credentials that
 * `GET /ready` resolves. It answers 200 if each of them is held and not expired, else 503, and 404 without `needed`.
 *
 * @typeParam C The chain's credentials.
 *
 * @example Ready as soon as the database login is there
 * ```ts
 * import { createResolver, defineChain, env, required } from "@alphaswarm/credentials";
 * import { describeRoute } from "@alphaswarm/credentials/hono";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "db:user": { fields: { user: required() }, from: { env: { prefix: "DB_" } } },
 *   },
 * });
 * const resolver = createResolver(chain, { env: { DB_USER: "reader" } });
 * const app = describeRoute(resolver, {
 *   auth: { token: crypto.randomUUID() },
 *   needed: ["db:user"],
 * });
 * console.log((await app.request("/ready")).status); // 200
 * ```
 * @category Route
 */
export type DescribeRouteOptions<C> = RouteAccess<C> & {
  /** The keys of the credentials that `GET /ready` resolves. */
  readonly needed?: readonly (keyof C & string)[];
};

/**
 * Creates a Hono app that shows a chain and the credentials that are held, as JSON and as a page, without any value.
 * A request asks no store, renews nothing and writes nothing, except to resolve the credential that `auth` names, and
 * for `GET /ready` those that are `needed`.
 *
 * - `GET /` is the whole chain, as JSON or as the page by `Accept`; `GET /:service/:purpose` is one credential.
 *   `?status=missing`, `?store=env` and `?q=minio` filter the page.
 * - `GET /schema` is the JSON Schema of `GET /`.
 * - `GET /ready` is for a readiness probe: it resolves the `needed` credentials, within 800 ms and at most once a
 *   second, and answers 200 if each is held and not expired, else 503. `GET /health` is an older name for the same.
 * - `GET /live` is for a liveness probe: it answers 200 whatever the state of the credentials. The probes need no
 *   authentication.
 *
 * Errors are problem details (RFC 9457).
 *
 * @typeParam C The chain's credentials.
 * @param resolver The resolver whose chain is shown.
 * @param options How requests are authenticated, and which credentials `GET /ready` needs.
 * @returns The app, for `app.route("/credentials", …)` or to be served by itself.
 * @throws {TypeError} If `auth` is missing or not valid, or if `needed` or `auth.credential` is not in the chain.
 *
 * @example Ask the route with a token
 * ```ts
 * import { createResolver, defineChain, env, required } from "@alphaswarm/credentials";
 * import { describeRoute } from "@alphaswarm/credentials/hono";
 * import { Hono } from "hono";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "neo4j:basic": {
 *       fields: { user: required(), password: required() },
 *       from: { env: { prefix: "NEO4J_" } },
 *     },
 *   },
 * });
 * const token = crypto.randomUUID(); // in production from a variable or a credential
 * const app = new Hono();
 * app.route("/credentials", describeRoute(createResolver(chain), { auth: { token } }));
 *
 * const answer = await app.request("/credentials", {
 *   headers: { Authorization: `Bearer ${token}` },
 * });
 * console.log(answer.status); // 200
 * ```
 * @category Route
 */
export function describeRoute<C>(resolver: Resolver<C>, options: DescribeRouteOptions<C>): HonoApp {
  checkOptions(resolver, options);
  const authenticate = authenticator(resolver, options.auth);
  const app = new Hono();
  app.onError(internalError);
  app.use(...describeRouteHeaders());
  app.use(async function describeRouteMethods(c, next) {
    if (c.req.method === "GET" || c.req.method === "HEAD") return await next();
    return problem(c, 405, "Expected GET or HEAD: this route is read-only", { Allow: "GET, HEAD" });
  });
  app.on("GET", ["/ready", "/health"], ready(resolver, options.needed, authenticate));
  app.get("/live", (c) => c.json({ status: "ok" }));
  app.use(requireAuth(authenticate));
  app.get("/", (c) => {
    const description = resolver.describe();
    if (!wantsPage(c)) return c.json(description);
    return c.html(chainPage(viewOf(resolver, description), new URL(c.req.url).searchParams));
  });
  app.get("/schema", (c) => c.body(DESCRIPTION_JSON_SCHEMA, 200, { "Content-Type": "application/schema+json" }));
  app.get("/:service/:purpose", (c) => {
    const description = resolver.describe();
    const { version, credentials } = description;
    const key = `${c.req.param("service")}:${c.req.param("purpose")}`;
    const credential = credentials.find((credential) => credential.key === key);
    if (!credential) return problem(c, 404, "The chain has no such credential");
    if (!wantsPage(c)) return c.json({ version, ...credential });
    return c.html(credentialPage(viewOf(resolver, description), credential));
  });
  app.all("*", notFound);
  return app;
}

function checkOptions<C>(resolver: Resolver<C>, { auth, allowUnauthenticated, needed = [] }: DescribeRouteOptions<C>) {
  if (auth === "none" && allowUnauthenticated !== true) {
    throw new TypeError('Expected allowUnauthenticated: true with auth: "none", which lets anybody read the route');
  }
  const known = typeof auth === "object" && auth !== null && ["token", "credential", "verify"].some((by) => by in auth);
  if (auth !== "none" && !known) {
    throw new TypeError('Expected auth to be { token }, { credential }, { verify } or "none"');
  }
  const { credentials } = access(resolver).plan;
  const unknownKey = needed.find((key) => !credentials.has(key));
  if (unknownKey !== undefined) {
    throw new TypeError(`Cannot find the credential "${unknownKey}": expected keys of the chain in needed`);
  }
}

function wantsPage(c: Context): boolean {
  const supports = ["application/json", "text/html"];
  return accepts(c, { header: "Accept", supports, default: "application/json" }) === "text/html";
}

// Hint: a mounted route has no trailing slash; the redirect is relative, so that it works behind a proxy's path.
function notFound(c: Context): Response {
  // Hint: not decoded, since decoded text may be invalid in a header, or another path.
  const { pathname } = new URL(c.req.url);
  if (pathname.length > 1 && pathname.endsWith("/")) return c.redirect(`../${pathname.split("/").at(-2)}`, 308);
  return problem(c, 404, "This path does not exist");
}

// Hint: the error's own message is left out, since it may quote a secret.
function internalError(_error: Error, c: Context): Response {
  return problem(c, 500, "The chain could not be described");
}
