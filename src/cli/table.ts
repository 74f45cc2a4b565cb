import Table from "cli-table3";
import type { Paint } from "./style.ts";
import { WIDTH, wrap } from "./wrap.ts";

/** A text of a table, and how it is coloured. */
export interface Cell {
  readonly text: string;
  /** Colours what is left of it after it was broken into lines. */
  readonly tone?: (text: string) => string;
}

/** One column. */
export interface Column {
  readonly head: string;
  readonly align?: "right";
  /** The most characters that it gets; the last column gets what is left. */
  readonly most?: number;
}

const GAP = "  ";
const BORDERLESS = Object.fromEntries(
  ["top", "bottom", "left", "right", "mid"].flatMap((side) => [side, `${side}-mid`, `${side}-left`, `${side}-right`])
    .concat("left-mid", "mid-mid", "right-mid").map((name) => [name, ""]),
);

/**
 * Prints a table without rules, in 80 columns whatever is in it.
 *
 * @param columns The columns.
 * @param rows The cells, row by row.
 * @param paint Colours the heads.
 * @returns The lines, joined.
 */
export function table(columns: readonly Column[], rows: readonly (readonly Cell[])[], paint: Paint): string {
  const widths = fit(columns, rows);
  const printed = new Table({
    chars: { ...BORDERLESS, middle: GAP },
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
    colAligns: columns.map(({ align }) => align ?? "left"),
    head: columns.map(({ head }) => paint("faint", head)),
  });
  for (const row of rows) {
    printed.push(row.map(({ text, tone }, at) => {
      const lines = text.split("\n").map((line) => wrap(line, widths[at]!)).join("\n").split("\n");
      return lines.map((line) => tone?.(line) ?? line).join("\n");
    }));
  }
  return printed.toString().split("\n").map((line) => `${GAP}${line}`.trimEnd()).join("\n");
}

function fit(columns: readonly Column[], rows: readonly (readonly Cell[])[]): readonly number[] {
  let left = WIDTH - GAP.length;
  return columns.map(({ head, most }, at) => {
    if (at === columns.length - 1) return left;
    const longest = Math.max(
      head.length,
      ...rows.flatMap((row) => row[at]!.text.split("\n").map((line) => line.length)),
    );
    const width = Math.min(longest, most ?? longest);
    left -= width + GAP.length;
    return width;
  });
}
