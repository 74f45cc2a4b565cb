import { parseExpiration } from "../../core/chain/expiration.ts";
import type { Token } from "../../core/chain/shape.ts";

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;

/** Returns how long what a program printed is good, by the time that it states; nothing for what is not a time. */
export function lifetimeUntil(time: unknown): Pick<Token, "expiresAt" | "expires"> | undefined {
  if (time === undefined || time === null) return { expires: "never" };
  const expiresAt = typeof time === "string" && RFC_3339.test(time) ? parseExpiration(time) : NaN;
  return Number.isNaN(expiresAt) ? undefined : { expiresAt };
}
