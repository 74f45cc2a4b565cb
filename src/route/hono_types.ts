import type { Context, Hono } from "hono";

/**
 * A Hono app, whose own types are Hono's to document.
 *
 * @internal
 */
export type HonoApp = Hono;

/**
 * A request in a Hono app, whose own types are Hono's to document.
 *
 * @internal
 */
export type HonoContext = Context;
