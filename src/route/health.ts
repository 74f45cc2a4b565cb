import type { Context } from "hono";
import type { KeyOf, Resolver } from "../resolver.ts";
import type { Admit } from "./auth.ts";

/** Answers a probe: whether the needed credentials are held and good. Only who may read the route is told which. */
export function health<C>(
  resolver: Resolver<C>,
  needed: readonly KeyOf<C>[],
  admit: Admit,
): (c: Context) => Promise<Response> {
  return async (c) => {
    const lacking = needed.filter((key) => resolver.peek(key) === undefined);
    const named = await admit(c) === "admitted";
    const names = named ? { needed, ...(lacking.length > 0 ? { missing: lacking } : {}) } : {};
    if (lacking.length === 0) return c.json({ status: "ok", ...names });
    const detail = "A credential that is needed is not held, or has expired";
    return c.json({ type: "about:blank", title: "Service Unavailable", status: 503, detail, ...names }, 503, {
      "Content-Type": "application/problem+json",
    });
  };
}
