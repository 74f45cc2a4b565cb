import type { MiddlewareHandler } from "hono";
import { NONCE, secureHeaders } from "hono/secure-headers";

/** Nothing is kept by anybody on the way, nothing but the page's own script and style runs, and nobody frames it. */
export function describeRouteHeaders(): MiddlewareHandler[] {
  const secure = secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: [NONCE],
      styleSrc: [NONCE],
      connectSrc: ["'self'"],
      imgSrc: ["data:"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
    xFrameOptions: "DENY",
    // Hint: it would bind the whole host for months, which is for the app to say in which the route is mounted.
    strictTransportSecurity: false,
  });
  return [secure, async function describeRouteNoStore(c, next) {
    await next();
    c.header("Cache-Control", "no-store");
    c.header("Vary", "Accept", { append: true });
  }];
}
