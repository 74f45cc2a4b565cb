/** The widest line that is printed, in characters. */
export const WIDTH = 80;

/**
 * Breaks a text into lines at spaces, and a word that is longer than a line where it must be.
 *
 * @param text The text.
 * @param width The most characters of a line.
 * @param first What stands before the first line.
 * @param rest What stands before every other line; as many spaces as before the first where left out.
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

/** The longest label that stands beside its text, in characters. */
const LABEL = 24;

/**
 * A text beside its label, or below one that is long.
 *
 * @param label The label.
 * @param text The text.
 * @param indent What stands before the label.
 * @param width How wide labels are that stand below one another.
 * @returns The lines, joined.
 */
export function labelled(label: string, text: string, indent: string, width: number = label.length): string {
  if (label.length <= LABEL) return wrap(text, WIDTH, `${indent}${label.padEnd(Math.min(width, LABEL))}  `);
  return `${wrap(label, WIDTH, indent)}\n${wrap(text, WIDTH, `${indent}  `)}`;
}
