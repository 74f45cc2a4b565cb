import type { Context, MiddlewareHandler } from "hono";
import { secureHeaders } from "hono/secure-headers";
import { script } from "./page_script.ts";
import { style } from "./page_style.ts";

/** The hashes of the page's script and style, for its content security policy. */
interface Hashes {
  readonly script: string;
  readonly style: string;
}

const HASHES = "describeRouteHashes";

/** Creates the middleware that forbids caching, framing, and any script or style but the page's own. */
export function describeRouteHeaders(): MiddlewareHandler[] {
  const secure = secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: [(c) => hashesOf(c).script],
      styleSrc: [(c) => hashesOf(c).style],
      connectSrc: ["'self'"],
      imgSrc: ["data:"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
    },
    xFrameOptions: "DENY",
    // Hint: it would apply to the whole host, so the app that mounts the route must decide.
    strictTransportSecurity: false,
  });
  // Hint: on workerd, requests can share a value but not a promise.
  let hashes: Hashes | undefined;
  return [
    async function describeRouteHashes(c, next) {
      hashes ??= { script: await hash(script), style: await hash(style) };
      c.set(HASHES, hashes);
      await next();
    },
    secure,
    async function describeRouteNoStore(c, next) {
      await next();
      c.header("Cache-Control", "no-store");
      c.header("Vary", "Accept", { append: true });
    },
  ];
}

function hashesOf(c: Context): Hashes {
  return c.get(HASHES);
}

async function hash(text: string): Promise<string> {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `'sha256-${btoa(String.fromCharCode(...new Uint8Array(bytes)))}'`;
}
