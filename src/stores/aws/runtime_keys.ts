import { parseExpiration } from "../../core/chain/expiration.ts";
import { invalid, type Refusal, unavailable } from "../../core/chain/outcome.ts";
import type { Token } from "../../core/chain/shape.ts";
import type { Surroundings } from "../../core/chain/store_spec.ts";

/** What the keys of a machine are asked for with. */
export interface KeyRequest extends Pick<Surroundings, "fetch" | "variable" | "files" | "clock"> {
  readonly signal: AbortSignal;
}

/** Parses a JSON object; an object without members for a text that is not one. */
export function objectIn(text: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}

/**
 * Reads keys in the form that the agents of containers and the instance metadata service share.
 *
 * @param body The answer.
 * @param now The time in milliseconds since 1970.
 * @param wrong Says where the answer came from, if that may be wrong.
 */
export function keysIn(body: Readonly<Record<string, unknown>>, now: number, wrong = ""): Token | Refusal {
  const { AccessKeyId: access_key, SecretAccessKey: secret_key, Token: session_token, Expiration: end } = body;
  if (!isText(access_key) || !isText(secret_key)) {
    return invalid(`the answer is not JSON with AccessKeyId and SecretAccessKey${wrong}`);
  }
  const values = { access_key, secret_key, session_token };
  if (end === undefined || end === null) return { values, expires: "never" };
  const expiresAt = isText(end) ? parseExpiration(end) : NaN;
  if (Number.isNaN(expiresAt)) return invalid("the Expiration of the answer is not a time");
  // Hint: while AWS cannot renew them, the instance metadata service keeps returning keys that have expired.
  return now < expiresAt
    ? { values, expiresAt }
    : unavailable("the keys of the answer have expired, by their Expiration");
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
