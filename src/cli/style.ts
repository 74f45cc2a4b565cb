/** What a part of a text is, for those who see colours; it never carries a meaning of its own. */
export type Tone = "good" | "bad" | "warn" | "faint" | "strong";

/** Colours a text, or hands it back as it is. */
export type Paint = (tone: Tone, text: string) => string;

const CODES: Readonly<Record<Tone, readonly [number, number]>> = {
  good: [32, 39],
  bad: [31, 39],
  warn: [33, 39],
  faint: [2, 22],
  strong: [1, 22],
};

/**
 * Colours for a terminal.
 *
 * @param color Whether colour is welcome.
 * @returns What colours a text, line by line.
 */
export function paint(color: boolean): Paint {
  if (!color) return (_, text) => text;
  return (tone, text) => {
    const [on, off] = CODES[tone];
    return text.split("\n").map((line) => line && `\x1b[${on}m${line}\x1b[${off}m`).join("\n");
  };
}
