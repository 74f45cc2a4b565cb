import type { Token } from "../../core/chain/shape.ts";

const RFC_3339 = /^(\d{4}-\d\d-(\d\d)T\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** Returns how long what a program printed is valid, by the time that it states; `undefined` for what is not a time. */
export function lifetimeUntil(time: unknown): Pick<Token, "expiresAt" | "expires"> | undefined {
  if (time === undefined || time === null) return { expires: "never" };
  const [, local, day, , zone] = (typeof time === "string" && RFC_3339.exec(time.toUpperCase())) || [];
  // Hint: not every runtime parses a fraction of six digits, which the AWS CLI prints, and V8 accepts a 31st of
  // February.
  const expiresAt = Date.parse(local + zone!);
  if (new Date(`${local}Z`).getUTCDate() === Number(day) && expiresAt <= Infinity) return { expiresAt };
}
