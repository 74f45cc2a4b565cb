import type { Context, MiddlewareHandler } from "hono";
import { secureHeaders } from "hono/secure-headers";
import { script } from "./page_script.ts";
import { style } from "./page_style.ts";

/** What the page's own script and style are known by, in a content security policy. */
interface Hashes {
  readonly script: string;
  readonly style: string;
}

const HASHES = "describeRouteHashes";

/** Nothing is kept by anybody on the way, nothing but the page's own script and style runs, and nobody frames it. */
export function describeRouteHeaders(): MiddlewareHandler[] {
  const secure = secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: [(c) => hashesOf(c).script],
      styleSrc: [(c) => hashesOf(c).style],
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
  // Hint: what is settled may be shared by all requests, a promise not everywhere.
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
