/** What is between two columns. */
export const GAP = "  ";

/** The width of a line if no terminal states one, in characters. */
export const MAX_LINE_WIDTH = 80;

/** The width of the widest line of a help, in characters: a longer line of prose is hard to read. */
export const MAX_HELP_WIDTH = 100;

/**
 * Wraps a text at spaces. A word that is longer than a line is split, between the parts of a path or a list
 * if it is one.
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
      // Hint: a list that is longer than a line begins on the line of the text before it.
      const begun = word.length > room()
        ? /^.*,/.exec(word.slice(0, Math.max(0, room() - line.length - 1)))?.[0]
        : undefined;
      lines.push(begun ? `${line} ${begun}` : line);
      word = word.slice(begun?.length ?? 0);
      line = "";
    }
    while (word.length > room()) {
      const part = /^.*[/,=]/.exec(word.slice(0, room()))?.[0] ?? word.slice(0, room());
      lines.push(part);
      word = word.slice(part.length);
    }
    line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].map((each, at) => (at === 0 ? first : rest) + each.trimEnd()).join("\n");
}

/** Returns the length of the longest word of a text; a list without spaces is as many words. */
export function longestWord(text: string): number {
  return Math.max(...text.split(/\s|(?<=,)/).map(({ length }) => length));
}

/** The width of the widest label that is printed on the line of its text, in characters. */
const MAX_LABEL_WIDTH = 24;

/** Where a labelled text is printed. */
export interface Place {
  /** The prefix of the label. */
  readonly indent: string;
  /** The width to which the label is padded, in characters. */
  readonly label: number;
  /** The width of a line, in characters. */
  readonly width: number;
}

/**
 * Formats a text with its label: on one line, or below the label if that is long or a word would not fit beside it.
 *
 * @param label The label.
 * @param text The text.
 * @param place Where it is printed.
 * @returns The lines, joined.
 */
export function labelled(label: string, text: string, { indent, label: padded, width }: Place): string {
  const first = `${indent}${label.padEnd(Math.min(padded, MAX_LABEL_WIDTH))}${GAP}`;
  if (label.length <= MAX_LABEL_WIDTH && longestWord(text) <= width - first.length) return wrap(text, width, first);
  return [...label ? [wrap(label, width, indent)] : [], wrap(text, width, `${indent}  `)].join("\n");
}
