/**
 * The describe route: a chain and what is held of it, from outside, safe to leave on in production.
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
 *     "ops:describe": { fields: { token: required() }, from: { env: { prefix: "OPS_" } } },
 *   },
 * });
 * const app = new Hono();
 * app.route("/credentials", describeRoute(createResolver(chain), { auth: { credential: "ops:describe" } }));
 * ```
 *
 * @module
 */
export type { CredentialAuth, RouteAuth, TokenAuth, VerifyAuth } from "./auth.ts";
export { describeRoute, type DescribeRouteOptions, type RouteAccess } from "./describe_route.ts";
export type { HonoApp, HonoContext } from "./hono_types.ts";
