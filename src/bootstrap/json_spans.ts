/** Where a member of an object, or an element of an array, is in a JSON text. */
export interface Span {
  /** The member's name, or the element's index. */
  readonly name: string;
  /** The white space before it. */
  readonly lead: string;
  /** Its name as it is written, with the colon and the white space before the value; empty for an element. */
  readonly head: string;
  /** Where its value begins and ends. */
  readonly start: number;
  readonly end: number;
  /** The white space after it. */
  readonly tail: string;
}

/** The parts of an object or an array, and where it ends. */
export interface Spans {
  readonly spans: readonly Span[];
  readonly end: number;
}

/** Returns the parts of the object or array that begins at a position of a valid JSON text. */
export function spansAt(text: string, position: number): Spans {
  const isObject = text[position] === "{";
  const spans: Span[] = [];
  let at = position + 1;
  for (;;) {
    const first = skipSpace(text, at);
    if (spans.length === 0 && "]}".includes(text[first]!)) return { spans, end: first + 1 };
    const nameEnd = isObject ? skipValue(text, first) : first;
    const start = isObject ? skipSpace(text, skipSpace(text, nameEnd) + 1) : first;
    const end = skipValue(text, start);
    const next = skipSpace(text, end);
    spans.push({
      name: isObject ? JSON.parse(text.slice(first, nameEnd)) : String(spans.length),
      lead: text.slice(at, first),
      head: text.slice(first, start),
      start,
      end,
      tail: text.slice(end, next),
    });
    at = next + 1;
    if (text[next] !== ",") return { spans, end: at };
  }
}

/** Returns the position after the white space at a position. */
export function skipSpace(text: string, position: number): number {
  let at = position;
  while (" \t\n\r".includes(text[at] ?? "-")) at++;
  return at;
}

/** Returns the position after the value at a position. */
export function skipValue(text: string, position: number): number {
  let depth = 0;
  let at = position;
  do {
    const char = text[at]!;
    if (char === '"') {
      at = skipString(text, at);
    } else if ("{[".includes(char)) {
      depth++;
      at++;
    } else if ("}]".includes(char)) {
      depth--;
      at++;
    } else if (depth > 0) {
      at++;
    } else {
      while (at < text.length && !",]} \t\n\r".includes(text[at]!)) at++;
    }
  } while (depth > 0);
  return at;
}

function skipString(text: string, position: number): number {
  let at = position + 1;
  while (text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at + 1;
}
