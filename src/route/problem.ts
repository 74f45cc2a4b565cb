import type { Context } from "hono";

const TITLES = {
  401: "Unauthorized",
  404: "Not Found",
  405: "Method Not Allowed",
  500: "Internal Server Error",
  503: "Service Unavailable",
} as const;

/** A status that this route answers where it can not do what was asked. */
export type ProblemStatus = keyof typeof TITLES;

/** An answer that says what is wrong, as problem details (RFC 9457), in fixed words. */
export function problem(
  c: Context,
  status: ProblemStatus,
  detail: string,
  headers: Record<string, string | string[]> = {},
): Response {
  return c.json({ type: "about:blank", title: TITLES[status], status, detail }, status, {
    ...headers,
    "Content-Type": "application/problem+json",
  });
}
