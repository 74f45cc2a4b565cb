import { skipSpace, skipValue, type Span, spansAt } from "./json_spans.ts";

type Members = Readonly<Record<string, unknown>>;

/**
 * Changes a JSON text so that it has another value. Only what differs is replaced, added or removed: everything else stays
 * as it is written.
 *
 * @param text The text; nothing where there is none.
 * @param before Its value, where that is an object.
 * @param after The value that it is to have.
 * @returns The text; nothing where it would be too long.
 */
export function editText(text: string = "", before: object | undefined, after: object): string | undefined {
  try {
    const mark = text.startsWith("\uFEFF") ? "\uFEFF" : "";
    if (text.trim() === "") return `${mark}${textOf(after, "\n", "  ")}\n`;
    const start = skipSpace(text, mark.length);
    // Hint: what JSON cannot hold, such as an infinite number, is the same in both then, and stays.
    const value = before === undefined
      ? textOf(after, "\n", "  ")
      : new Edit(text, start).container(start, JSON.parse(JSON.stringify(before)), after as Members, "\n");
    return text.slice(0, start) + value + text.slice(skipValue(text, start));
  } catch (error) {
    // Hint: what is nested some ten thousand times is longer than a string can be, for its indentation.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

class Edit {
  readonly #text: string;
  /** The indentation of one level; nothing where the text is on one line. */
  readonly #unit: string | undefined;

  constructor(text: string, start: number) {
    this.#text = text;
    const [first] = spansAt(text, start).spans;
    this.#unit = first ? lineBreakOf(first.lead)?.replace(/[\r\n]/g, "") : "  ";
  }

  /** Returns the text of the object or array at a position with another value. */
  container(position: number, before: Members, after: Members, indent: string | undefined): string {
    const { spans, end } = spansAt(this.#text, position);
    const [first] = spans;
    if (!first) {
      return Object.keys(after).length > 0 ? textOf(after, indent, this.#unit) : this.#text.slice(position, end);
    }
    const last = new Map(spans.map((span) => [span.name, span]));
    const changed = (name: string) => JSON.stringify(before[name]) !== JSON.stringify(after[name]);
    const replaced = (name: string) => changed(name) && !areSimilar(before[name], after[name]);
    // Hint: an earlier member of the same name would keep the value that is replaced.
    const kept = spans.filter((span) =>
      Object.hasOwn(after, span.name) && (last.get(span.name) === span || !replaced(span.name))
    );
    const added = Object.keys(after).filter((name) => !last.has(name));
    const model = kept.at(-1) ?? first;
    const parts = kept.map((span) => {
      const isEdited = last.get(span.name) === span && changed(span.name);
      const value = isEdited ? this.#value(span, before, after) : this.#text.slice(span.start, span.end);
      const lead = span === kept[0] ? first.lead : span.lead;
      return lead + span.head + value + (span === spans.at(-1) ? "" : span.tail);
    });
    const separator = model.head.slice(skipValue(model.head, 0));
    for (const name of added) {
      parts.push(model.lead + JSON.stringify(name) + separator + this.#textOf(after[name], model.lead));
    }
    return this.#text[position] + parts.join(",") + spans.at(-1)!.tail + this.#text[end - 1];
  }

  /** Returns the text of a value that was there before. */
  #value({ name, start, lead }: Span, before: Members, after: Members): string {
    const [old, now] = [before[name], after[name]];
    if (!areSimilar(old, now)) return this.#textOf(now, lead);
    return this.container(start, old as Members, now as Members, lineBreakOf(lead));
  }

  #textOf(value: unknown, lead: string): string {
    return textOf(value, lineBreakOf(lead), this.#unit);
  }
}

/** Returns a value as JSON: on one line, or with the line break and the indentation of where it is. */
function textOf(value: unknown, lineBreak: string | undefined, unit: string | undefined): string {
  const text = lineBreak === undefined || unit === undefined
    ? JSON.stringify(value)
    : JSON.stringify(value, null, unit).replaceAll("\n", lineBreak);
  // Hint: to a reader, U+FFFD is what is left of invalid UTF-8.
  return text.replaceAll("\uFFFD", "\\ufffd");
}

/** Returns the last line break of white space, with the indentation behind it. */
function lineBreakOf(space: string): string | undefined {
  return /\r?\n[ \t]*$/.exec(space)?.[0];
}

/** Whether two values are objects, or arrays with as many elements: then what is in them is compared. */
function areSimilar(old: unknown, now: unknown): boolean {
  if (Array.isArray(old)) return Array.isArray(now) && now.length === old.length;
  return [old, now].every((value) => typeof value === "object" && value !== null && !Array.isArray(value));
}
