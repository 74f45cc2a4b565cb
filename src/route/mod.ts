/**
 * The describe route: a Hono app that shows a chain and the held credentials, without any value.
 *
 * Use it to see from outside what a running service has, and for its readiness and liveness probes.
 *
 * More: [The describe route](https://github.com/alphaswarm/credentials/blob/main/src/route/README.md).
 *
 * @example Mount it on an app
 * ```ts
 * import { createResolver, defineChain, env, required } from "@alphaswarm/credentials";
 * import { describeRoute } from "@alphaswarm/credentials/hono";
 * import { Hono } from "hono";
 *
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "ops:describe": {
 *       fields: { token: required() },
 *       from: { env: { prefix: "OPS_" } },
 *     },
 *   },
 * });
 * const app = new Hono();
 * app.route(
 *   "/credentials",
 *   describeRoute(createResolver(chain), { auth: { credential: "ops:describe" } }),
 * );
 * ```
 *
 * @module
 */
export type { CredentialAuth, HonoContext, RouteAuth, TokenAuth, VerifyAuth } from "./auth.ts";
export { describeRoute, type DescribeRouteOptions, type HonoApp, type RouteAccess } from "./describe_route.ts";
