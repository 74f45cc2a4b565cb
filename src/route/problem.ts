import type { Context } from "hono";

const TITLES = {
  401: "Unauthorized",
  404: "Not Found",
  405: "Method Not Allowed",
  500: "Internal Server Error",
  503: "Service Unavailable",
} as const;

/** A status with which the route refuses or fails a request. */
export type ProblemStatus = keyof typeof TITLES;

/** Creates a response with problem details (RFC 9457). The detail is fixed text, never data; `members` extend it. */
export function problem(
  c: Context,
  status: ProblemStatus,
  detail: string,
  headers: Record<string, string | string[]> = {},
  members: object = {},
): Response {
  return c.json({ type: "about:blank", title: TITLES[status], status, detail, ...members }, status, {
    ...headers,
    "Content-Type": "application/problem+json",
  });
}
