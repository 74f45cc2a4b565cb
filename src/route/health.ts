import type { Context } from "hono";
import type { KeyOf, Resolver } from "../core/engine/resolver.ts";
import type { Authenticate } from "./auth.ts";

/** Creates the handler of `GET /health`. Only authenticated requests get the keys of the credentials. */
export function health<C>(
  resolver: Resolver<C>,
  needed: readonly KeyOf<C>[],
  authenticate: Authenticate,
): (c: Context) => Promise<Response> {
  return async (c) => {
    const missing = needed.filter((key) => resolver.peek(key) === undefined);
    const showsKeys = await authenticate(c) === "allowed";
    const keys = showsKeys ? { needed, ...(missing.length > 0 ? { missing } : {}) } : {};
    if (missing.length === 0) return c.json({ status: "ok", ...keys });
    const detail = "A needed credential is not held or has expired";
    return c.json({ type: "about:blank", title: "Service Unavailable", status: 503, detail, ...keys }, 503, {
      "Content-Type": "application/problem+json",
    });
  };
}
