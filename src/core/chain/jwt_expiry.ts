/**
 * Returns when a JSON Web Token (JWT) expires by its own `exp` (RFC 7519, section 4.1.4). Nothing is verified, not even
 * the signature: it tells a store when to obtain the next token, and never whether to trust this one.
 *
 * @param token The token, in the compact form of a signed JWT (RFC 7515, section 3.1).
 * @returns The time in milliseconds since 1970, or `undefined` if it is not a JWT or its `exp` is not a finite number.
 *
 * @example A token whose answer does not say how long it is valid
 * ```ts
 * import { defineStore, httpRefusal, jwtExpiry, token } from "@alphaswarm/credentials";
 *
 * const sidecar = defineStore({
 *   kind: "sidecar",
 *   shape: token,
 *   open: ({ url }: { url: string }, { fetch }) => async (_, { signal }) => {
 *     const answer = await fetch(url, { signal });
 *     if (answer.status !== 200) return httpRefusal(answer);
 *     const jwt = await answer.text();
 *     const expiresAt = jwtExpiry(jwt);
 *     return expiresAt === undefined ? { values: { jwt } } : { values: { jwt }, expiresAt };
 *   },
 * });
 * const store = sidecar({ priority: 150, url: "http://127.0.0.1:8200/token" });
 * ```
 * @category Writing a store
 */
export function jwtExpiry(token: string): number | undefined {
  const claims = jwtClaims(token);
  const exp = claims && Object.hasOwn(claims, "exp") ? claims.exp : undefined;
  const time = typeof exp === "number" ? Math.floor(exp * 1_000) : NaN;
  return Number.isFinite(time) ? time : undefined;
}

/** Returns the claims of a JWT without verifying anything; `undefined` for what is not one. */
export function jwtClaims(token: string): Readonly<Record<string, unknown>> | undefined {
  const parts = typeof token === "string" ? /^([\w-]+)\.([\w-]+)\.[\w-]*$/.exec(token) : null;
  const [header, claims] = parts?.slice(1).map(parseObject) ?? [];
  return header && claims;
}

/** Parses a part of a token: a JSON object in base64url. */
function parseObject(part: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const bytes = Uint8Array.from(atob(part.replace(/-/g, "+").replace(/_/g, "/")), (char) => char.charCodeAt(0));
    const value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
