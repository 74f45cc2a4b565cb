// Hint: the parser says where each member is; its own `modify` changes the first member of a name, but readers take the
// last.
import { type Node, parseTree } from "jsonc-parser";

type Members = Readonly<Record<string, unknown>>;

/** Where a member of an object, or an element of an array, is in a JSON text. */
interface Span {
  /** The member's name, or the element's index. */
  readonly name: string;
  /** The white space before it. */
  readonly lead: string;
  /** Its name as it is written, with the colon and the white space before the value; empty for an element. */
  readonly head: string;
  /** What is between the name and the value; empty for an element. */
  readonly separator: string;
  readonly value: Node;
  /** The white space after it. */
  readonly tail: string;
}

/**
 * Changes a JSON text so that it has another value. Only what differs is replaced, added or removed; everything else
 * stays as it is written.
 *
 * @param text The text; empty if there is none.
 * @param before Its value, if that is an object.
 * @param after The value that it is to have.
 * @returns The text; `undefined` if it would be too long.
 */
export function editText(text: string = "", before: object | undefined, after: object): string | undefined {
  try {
    const mark = text.startsWith("\uFEFF") ? "\uFEFF" : "";
    if (text.trim() === "") return `${mark}${textOf(after, "\n", "  ")}\n`;
    const json = text.slice(mark.length);
    const root = parseTree(json)!;
    // Hint: what JSON cannot represent, such as an infinite number, is then equal in both, and stays.
    const value = before === undefined
      ? textOf(after, "\n", "  ")
      : new Edit(json, root).container(root, JSON.parse(JSON.stringify(before)), after as Members, "\n");
    return mark + json.slice(0, root.offset) + value + json.slice(endOf(root));
  } catch (error) {
    // Hint: with its indentation, what is nested some thousand levels deep may be longer than a string can be.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

class Edit {
  readonly #text: string;
  /** The indentation of one level; `undefined` if the text is on one line. */
  readonly #unit: string | undefined;

  constructor(text: string, root: Node) {
    this.#text = text;
    const [first] = spansOf(text, root);
    this.#unit = first ? lineBreakOf(first.lead)?.replace(/[\r\n]/g, "") : "  ";
  }

  /** Returns the text of an object or array with another value. */
  container(node: Node, before: Members, after: Members, indent: string | undefined): string {
    const spans = spansOf(this.#text, node);
    const [first] = spans;
    if (!first) return Object.keys(after).length > 0 ? textOf(after, indent, this.#unit) : this.#source(node);
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
      const value = isEdited ? this.#value(span, before, after) : this.#source(span.value);
      const lead = span === kept[0] ? first.lead : span.lead;
      return lead + span.head + value + (span === spans.at(-1) ? "" : span.tail);
    });
    for (const name of added) {
      parts.push(model.lead + JSON.stringify(name) + model.separator + this.#textOf(after[name], model.lead));
    }
    return this.#text[node.offset] + parts.join(",") + spans.at(-1)!.tail + this.#text[endOf(node) - 1];
  }

  /** Returns the text of a value that was there before. */
  #value({ name, value, lead }: Span, before: Members, after: Members): string {
    const [old, now] = [before[name], after[name]];
    if (!areSimilar(old, now)) return this.#textOf(now, lead);
    return this.container(value, old as Members, now as Members, lineBreakOf(lead));
  }

  #textOf(value: unknown, lead: string): string {
    return textOf(value, lineBreakOf(lead), this.#unit);
  }

  #source(node: Node): string {
    return this.#text.slice(node.offset, endOf(node));
  }
}

/** Returns the parts of an object or an array in a valid JSON text. */
function spansOf(text: string, node: Node): readonly Span[] {
  const { children = [] } = node;
  let at = node.offset + 1;
  return children.map((child, index) => {
    const [name, value] = child.type === "property" ? child.children! : [undefined, child];
    const end = index < children.length - 1 ? text.indexOf(",", endOf(child)) : endOf(node) - 1;
    const span = {
      name: name ? name.value : String(index),
      lead: text.slice(at, child.offset),
      head: text.slice(child.offset, value!.offset),
      separator: name ? text.slice(endOf(name), value!.offset) : "",
      value: value!,
      tail: text.slice(endOf(child), end),
    };
    at = end + 1;
    return span;
  });
}

function endOf({ offset, length }: Node): number {
  return offset + length;
}

/** Returns a value as JSON: on one line, or with the line break and the indentation of where it is. */
function textOf(value: unknown, lineBreak: string | undefined, unit: string | undefined): string {
  const text = lineBreak === undefined || unit === undefined
    ? JSON.stringify(value)
    : JSON.stringify(value, null, unit).replaceAll("\n", lineBreak);
  // Hint: readers take U+FFFD for the remains of invalid UTF-8.
  return text.replaceAll("\uFFFD", "\\ufffd");
}

/** Returns the last line break in white space, with the indentation after it. */
function lineBreakOf(space: string): string | undefined {
  return /\r?\n[ \t]*$/.exec(space)?.[0];
}

/** Whether two values are objects, or arrays with as many elements: then what is in them is compared. */
function areSimilar(old: unknown, now: unknown): boolean {
  if (Array.isArray(old)) return Array.isArray(now) && now.length === old.length;
  return [old, now].every((value) => typeof value === "object" && value !== null && !Array.isArray(value));
}
