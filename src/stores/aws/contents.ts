import { answer, type Answered } from "../../core/chain/answer.ts";
import { invalid, type Refusal } from "../../core/chain/outcome.ts";

/** Returns the answer for the text of a document: as it is where the mapping says so, else parsed. */
export function contentsOf(
  name: string,
  text: string,
  version: unknown,
  isText: boolean,
): Answered<unknown> | Refusal {
  const known = typeof version === "string" || typeof version === "number" ? { version } : {};
  if (isText) return answer(text, known);
  try {
    return answer(JSON.parse(text), known);
  } catch {
    // Hint: the engine's message quotes the text.
    return invalid(`${name} is not valid JSON: expected a JSON object, or text: true in the mapping`);
  }
}
