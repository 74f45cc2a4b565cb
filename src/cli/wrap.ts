/** The width of the widest line, in characters. */
export const MAX_LINE_WIDTH = 80;

/**
 * Wraps a text at spaces, and splits words that are longer than a line.
 *
 * @param text The text.
 * @param width The maximum width of a line, in characters.
 * @param first The prefix of the first line.
 * @param rest The prefix of every other line; by default as many spaces as `first` has characters.
 * @returns The lines, joined.
 */
export function wrap(text: string, width: number, first = "", rest: string = " ".repeat(first.length)): string {
  const lines: string[] = [];
  let line = "";
  const room = () => Math.max(1, width - (lines.length === 0 ? first : rest).length);
  for (let word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > room()) {
      lines.push(line);
      line = "";
    }
    while (word.length > room()) {
      const part = word.slice(0, room());
      lines.push(part);
      word = word.slice(part.length);
    }
    line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].map((each, at) => (at === 0 ? first : rest) + each).join("\n");
}

/** The width of the widest label that is printed on the line of its text, in characters. */
const MAX_LABEL_WIDTH = 24;

/**
 * Formats a text with its label: on one line, or below the label if that is long.
 *
 * @param label The label.
 * @param text The text.
 * @param indent The prefix of the label.
 * @param width The width to which the label is padded, in characters.
 * @returns The lines, joined.
 */
export function labelled(label: string, text: string, indent: string, width: number = label.length): string {
  if (label.length <= MAX_LABEL_WIDTH) {
    return wrap(text, MAX_LINE_WIDTH, `${indent}${label.padEnd(Math.min(width, MAX_LABEL_WIDTH))}  `);
  }
  return `${wrap(label, MAX_LINE_WIDTH, indent)}\n${wrap(text, MAX_LINE_WIDTH, `${indent}  `)}`;
}
