import { answer, type Answered } from "../../core/chain/answer.ts";
import { invalid, type Refusal } from "../../core/chain/outcome.ts";

/** Returns the answer for the text of a document: the text itself if the mapping says so, else parsed. */
export function contentsOf(
  name: string,
  text: string,
  version: unknown,
  isText: boolean,
): Answered<unknown> | Refusal {
  // Hint: traces show the version, so it must have the form that AWS generates: a number, or 32 to 64 characters.
  const isShown = typeof version === "number" || typeof version === "string" && /^[\w-]{32,64}$/.test(version);
  const known = isShown ? { version } : {};
  if (isText) return answer(text, known);
  try {
    // Hint: the AWS CLI keeps the byte order mark of a file that it uploads.
    return answer(JSON.parse(text.replace(/^\uFEFF/, "")), known);
  } catch {
    // Hint: the engine's message quotes the text.
    return invalid(`${name} is not valid JSON: expected a JSON object, or text: true in the mapping`);
  }
}
