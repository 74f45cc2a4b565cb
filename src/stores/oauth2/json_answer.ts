import { invalid, type Refusal, unavailable } from "../../core/chain/outcome.ts";

/** Reads an answer that is a JSON object; one that was cut off is `unavailable`. */
export async function readObject(response: Response): Promise<Readonly<Record<string, unknown>> | Refusal> {
  const text = await response.text();
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return Object.assign(Object.create(null), value);
    }
  } catch {
    if (!isFramed(response) && isBeginning(text)) return unavailable("the answer was cut off");
  }
  return invalid("the answer is not a JSON object");
}

// Hint: Node.js decodes a truncated compressed answer without an error, and without a length, a dropped connection
// looks like the end.
/** Whether HTTP itself distinguishes a complete answer from one that was cut off. */
function isFramed({ headers }: Response): boolean {
  return !headers.has("content-encoding") && (headers.has("content-length") || headers.has("transfer-encoding"));
}

/** Whether a text may be the beginning of a JSON object. */
function isBeginning(text: string): boolean {
  let depth = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (character === "\\") at++;
    else if (character === '"') isQuoted = !isQuoted;
    else if (!isQuoted && "{[".includes(character)) depth++;
    else if (!isQuoted && "}]".includes(character)) depth--;
  }
  return /^\s*(\{|$)/.test(text) && (isQuoted || depth > 0 || text.trim() === "");
}
