import { type Context, Hono } from "hono";
import { accepts } from "hono/accepts";
import { insides } from "../insides.ts";
import { reportJsonSchema } from "../report/schemas.ts";
import type { Resolver } from "../resolver.ts";
import { admission, guard, type RouteAuth } from "./auth.ts";
import { describeRouteHeaders } from "./headers.ts";
import { health } from "./health.ts";
import { page } from "./page.ts";
import type { HonoApp } from "./hono_types.ts";
import { problem } from "./problem.ts";

/** Who may read the route, in words where that is everybody. @category Route */
export type RouteAccess<C> =
  | {
    /** Who may read the route. */
    readonly auth: RouteAuth<C>;
    readonly allowUnauthenticated?: never;
  }
  | {
    /** Everybody may. */
    readonly auth: "none";
    /** Says in words that everybody may. */
    readonly allowUnauthenticated: true;
  };

/** How a describe route behaves. @category Route */
export type DescribeRouteOptions<C> = RouteAccess<C> & {
  /** The credentials that must be held and good for `GET /health` to answer 200. */
  readonly needed?: readonly (keyof C & string)[];
};

/**
 * Makes a Hono app that shows a chain and what is held of it, as JSON and as a page, without any value. A request asks
 * no store, renews nothing and writes nothing.
 *
 * - `GET /` is the whole chain, JSON or the page by `Accept`; `GET /:service/:purpose` is one credential.
 * - `GET /schema` is the JSON Schema of `GET /`.
 * - `GET /health` is 200 or 503 by whether what is `needed` is held and good, and needs no authentication.
 *
 * @typeParam C The chain's credentials.
 * @param resolver What is shown.
 * @param options Who may read it, and what health means.
 * @returns The app, for `app.route("/credentials", …)` or to be served by itself.
 * @throws {TypeError} Where an option makes no sense, or nothing says who may read it.
 *
 * @example
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
 * const token = crypto.randomUUID(); // from a variable or a credential, in earnest
 * const app = new Hono();
 * app.route("/credentials", describeRoute(createResolver(chain), { auth: { token } }));
 *
 * const answer = await app.request("/credentials", { headers: { Authorization: `Bearer ${token}` } });
 * console.log(answer.status); // 200
 * ```
 * @category Route
 */
export function describeRoute<C>(resolver: Resolver<C>, options: DescribeRouteOptions<C>): HonoApp {
  const { needed = [] } = options;
  checkOptions(resolver, options);
  const admit = admission(resolver, options.auth);
  const { clock } = insides(resolver).ambient;
  const app = new Hono();
  app.onError(failed);
  app.use(...describeRouteHeaders());
  app.use(async function describeRouteReads(c, next) {
    if (c.req.method === "GET" || c.req.method === "HEAD") return await next();
    return problem(c, 405, "Expected GET or HEAD: this route changes nothing", { Allow: "GET, HEAD" });
  });
  app.get("/health", health(resolver, needed, admit));
  app.use(guard(admit));
  app.get("/", (c) => {
    const description = resolver.describe();
    return wantsPage(c) ? c.html(page(description, clock.now())) : c.json(description);
  });
  app.get(
    "/schema",
    (c) => c.json(reportJsonSchema("description"), 200, { "Content-Type": "application/schema+json" }),
  );
  app.get("/:service/:purpose", (c) => {
    const { version, stores, credentials } = resolver.describe();
    const key = `${c.req.param("service")}:${c.req.param("purpose")}`;
    const credential = credentials.find((credential) => credential.key === key);
    if (!credential) return problem(c, 404, "The chain has no such credential");
    if (!wantsPage(c)) return c.json({ version, ...credential });
    const asked = stores.filter(({ name }) => credential.from.some(({ store }) => store === name));
    return c.html(page({ version, stores: asked, credentials: [credential] }, clock.now(), key));
  });
  app.all("*", unknown);
  return app;
}

function checkOptions<C>(resolver: Resolver<C>, { auth, allowUnauthenticated, needed = [] }: DescribeRouteOptions<C>) {
  if (auth === "none" && allowUnauthenticated !== true) {
    throw new TypeError('Expected allowUnauthenticated: true beside auth: "none": the route is open to everybody');
  }
  const said = typeof auth === "object" && auth !== null && ["token", "credential", "verify"].some((by) => by in auth);
  if (auth !== "none" && !said) throw new TypeError('Expected auth: a token, a credential, verify, or "none"');
  const { credentials } = insides(resolver).plan;
  const strange = needed.find((key) => !credentials.has(key));
  if (strange !== undefined) {
    throw new TypeError(`Cannot find a credential "${strange}": needed names one of the chain`);
  }
}

function wantsPage(c: Context): boolean {
  const supports = ["application/json", "text/html"];
  return accepts(c, { header: "Accept", supports, default: "application/json" }) === "text/html";
}

// Hint: the address of the chain ends without a slash where the route is mounted; relative, so that no proxy minds.
function unknown(c: Context): Response {
  const { path } = c.req;
  if (path.length > 1 && path.endsWith("/")) return c.redirect(`../${path.split("/").at(-2)}`, 308);
  return problem(c, 404, "There is no such page");
}

// Hint: whatever was thrown may quote what it was given.
function failed(_error: Error, c: Context): Response {
  return problem(c, 500, "The chain can not be described");
}
