import type { StatusTone } from "../report/guidance/credential_status.ts";
import type { Terminal } from "./terminal.ts";

/** The tone of a part of a text. Colour never carries information that the text lacks. */
export type Tone = StatusTone | "strong";

/** Colours a text, or returns it unchanged. */
export type Paint = (tone: Tone, text: string) => string;

/** How a text is formatted for a terminal. */
export interface Style {
  readonly paint: Paint;
  /** The width of a line, in characters. */
  readonly width: number;
}

/** Returns how a text is formatted for a terminal. */
export function styleOf({ color, width }: Terminal): Style {
  return { paint: paint(color), width };
}

const CODES: Readonly<Record<Tone, readonly [number, number]>> = {
  good: [32, 39],
  bad: [31, 39],
  warn: [33, 39],
  faint: [2, 22],
  strong: [1, 22],
};

/**
 * Creates the function that colours text for a terminal.
 *
 * @param color Whether the terminal shows colours.
 * @returns The function, which colours a text line by line.
 */
export function paint(color: boolean): Paint {
  if (!color) return (_, text) => text;
  return (tone, text) => {
    const [on, off] = CODES[tone];
    return text.split("\n").map((line) => line && `\x1b[${on}m${line}\x1b[${off}m`).join("\n");
  };
}
