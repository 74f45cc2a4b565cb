import { clockSkew, serverTime } from "../../core/chain/clock_skew.ts";
import { parseExpiration } from "../../core/chain/expiration.ts";
import { atWrongUrl } from "../../core/chain/http_refusal.ts";
import { invalid, type Refusal, unavailable } from "../../core/chain/outcome.ts";
import type { Token } from "../../core/chain/shape.ts";
import { type StsCall, stsRefusal } from "./sts_refusal.ts";

/** The element of the answer for each value of a credential. */
const MEMBERS = { access_key: "AccessKeyId", secret_key: "SecretAccessKey", session_token: "SessionToken" } as const;

/** How far the `Date` of an answer may be behind: it is in whole seconds, and servers reuse one for a second. */
const DATE_LAG_MS = 2_000;

/** The root element of an answer. */
const ROOT = "AssumeRoleWithWebIdentityResponse";

/**
 * Reads the answer of an STS.
 *
 * @param response The answer, whose whole body was read.
 * @param call The request, and who sent it.
 * @returns The temporary credential, or the refusal.
 */
export async function readStsAnswer(response: Response, call: StsCall): Promise<Token | Refusal> {
  const text = await response.text();
  const document = await parseXml(text);
  if (response.status !== 200) {
    const said = (name: string) =>
      textAt(document, ["ErrorResponse", "Error", name]) ?? textAt(document, ["Error", name]);
    return stsRefusal(response, call, said("Code") ?? "", said("Message") ?? "");
  }
  const unusable = (detail: string) => text.includes(ROOT) ? invalid(detail) : atWrongUrl(invalid(detail), call.option);
  if (document === undefined) {
    return isCutOff(response, text)
      ? unavailable("the answer was cut off")
      : unusable("the answer is not XML: expected that of an STS");
  }
  const path = [ROOT, "AssumeRoleWithWebIdentityResult", "Credentials"];
  const member = (name: string) => textAt(document, [...path, name]);
  const values: Record<string, string> = {};
  for (const [field, name] of Object.entries(MEMBERS)) {
    const value = member(name);
    // Hint: entities are not expanded, so a value that contains one would silently be wrong.
    if (value === undefined || value === "" || value.includes("&")) return unusable(`the answer has no usable ${name}`);
    values[field] = value;
  }
  const expiresAt = expiryHere(parseExpiration(member("Expiration") ?? ""), response.headers, call);
  return typeof expiresAt === "number" ? { values, expiresAt } : expiresAt;
}

/** Returns when keys expire by this machine's clock, which is compared with the `Date` of the answer. */
function expiryHere(expiresAt: number, headers: Headers, { now, began }: StsCall): number | Refusal {
  const date = serverTime(headers);
  const skew = clockSkew(headers, now);
  if (skew && expiresAt > date && expiresAt <= now) {
    return invalid(`${skew}, so that new keys have expired here: correct the clock`);
  }
  // Hint: with a clock that is behind, keys would be used longer than they live. An expiry before the answer's own
  // `Date` does not tell how long that is.
  const isBehind = date > now && expiresAt > date;
  return isBehind ? Math.min(expiresAt, began + expiresAt - date - DATE_LAG_MS) : expiresAt;
}

// Hint: Node.js decodes a truncated compressed answer without an error, and without a length, a dropped connection
// looks like the end.
/** Whether an answer may have been cut off without HTTP showing it: its root element is not closed. */
function isCutOff({ headers }: Response, text: string): boolean {
  const isFramed = headers.has("content-length") || headers.has("transfer-encoding");
  if (isFramed && !headers.has("content-encoding")) return false;
  const [, root] = /<([^\s<>?!/]+)/.exec(text) ?? [];
  return text.trim() === "" || text.trimStart().startsWith("<") && !(root && text.trimEnd().endsWith(`</${root}>`));
}

async function parseXml(text: string): Promise<unknown> {
  // Hint: the parser takes every "<![" for a CDATA section, which would cut off the beginning of a key.
  if (/<!\[(?!CDATA\[)/.test(text)) return undefined;
  const { XMLParser } = await import("fast-xml-parser");
  const parser = new XMLParser({
    ignoreAttributes: true,
    parseTagValue: false,
    processEntities: false,
    // Hint: Dell ECS writes its elements with a prefix.
    removeNSPrefix: true,
  });
  try {
    return parser.parse(text, true);
  } catch {
    return undefined;
  }
}

function textAt(document: unknown, path: readonly string[]): string | undefined {
  let at = document;
  for (const name of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as Readonly<Record<string, unknown>>)[name];
  }
  return typeof at === "string" ? at : undefined;
}
