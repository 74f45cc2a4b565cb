import { invalid } from "../chain/outcome.ts";

/** Parses a JSON document; one that is cut off may be in the middle of being written. */
export function parseDocument(name: string, text: string): unknown {
  const json = text.replace(/^\uFEFF/, "");
  const parsed = parse(json);
  if (parsed) return parsed.value;
  const before = json.slice(0, faultIn(json)).split("\n");
  const what = json.trim() === "" ? " is empty" : `:${before.length}:${before.at(-1)!.length + 1} is not valid JSON`;
  return invalid(`${name}${what}: expected a JSON object`, { transient: true });
}

function parse(json: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(json) };
  } catch {
    return undefined;
  }
}

// Hint: the engine's message quotes the text, has no position on Bun, and has none on V8 for some faults.
/** Returns where a text stops being JSON; for a string that is not closed or has a fault in it, the string's end. */
function faultIn(json: string): number {
  const tokens = /[\t\n\r ]*("[^"\\\n]*(?:\\.[^"\\\n]*)*"?|[-\w.+]+|.)?/y;
  const value = '[{"v';
  // What may follow a value in each of the open arrays and objects.
  const after: string[] = [];
  for (let expected = value;;) {
    const token = tokens.exec(json)![1] ?? "";
    const kind = /^[-\w]/.test(token) && parse(token) ? "v" : token[0]!;
    if (!expected.includes(kind)) return tokens.lastIndex - token.length;
    if (kind === '"' && !parse(token)) return tokens.lastIndex;
    if (kind === "{") after.push(",}");
    if (kind === "[") after.push(",]");
    if (kind === "}" || kind === "]") after.pop();
    const end = after.at(-1) ?? "";
    if (kind === "{") expected = '"}';
    else if (kind === "[") expected = value + "]";
    else if (kind === ":" || kind === ",") expected = kind + end === ",,}" ? '"' : value;
    else expected = kind === '"' && expected[0] === kind ? ":" : end;
  }
}
