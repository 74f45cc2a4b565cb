import Table from "cli-table3";
import type { Paint } from "./style.ts";
import { MAX_LINE_WIDTH, wrap } from "./wrap.ts";

/** One cell of a table. */
export interface Cell {
  readonly text: string;
  /** Colours one line of the text, after it was wrapped. */
  readonly tone?: (text: string) => string;
}

/** One column of a table. */
export interface Column {
  readonly head: string;
  readonly align?: "right";
  /** Its maximum width in characters; the last column takes the remaining width. */
  readonly maxWidth?: number;
}

const GAP = "  ";
const BORDERLESS = Object.fromEntries(
  ["top", "bottom", "left", "right", "mid"].flatMap((side) => [side, `${side}-mid`, `${side}-left`, `${side}-right`])
    .concat("left-mid", "mid-mid", "right-mid").map((name) => [name, ""]),
);

/**
 * Formats a table without borders.
 *
 * @param columns The columns.
 * @param rows The cells, row by row.
 * @param paint Colours the heads.
 * @returns Lines of at most 80 characters, joined.
 */
export function table(columns: readonly Column[], rows: readonly (readonly Cell[])[], paint: Paint): string {
  const widths = columnWidths(columns, rows);
  const output = new Table({
    chars: { ...BORDERLESS, middle: GAP },
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
    colAligns: columns.map(({ align }) => align ?? "left"),
    head: columns.map(({ head }) => paint("faint", head)),
  });
  for (const row of rows) {
    output.push(row.map(({ text, tone }, at) => {
      const lines = text.split("\n").map((line) => wrap(line, widths[at]!)).join("\n").split("\n");
      return lines.map((line) => tone?.(line) ?? line).join("\n");
    }));
  }
  return output.toString().split("\n").map((line) => `${GAP}${line}`.trimEnd()).join("\n");
}

function columnWidths(columns: readonly Column[], rows: readonly (readonly Cell[])[]): readonly number[] {
  let remaining = MAX_LINE_WIDTH - GAP.length;
  return columns.map(({ head, maxWidth }, at) => {
    if (at === columns.length - 1) return remaining;
    const longest = Math.max(
      head.length,
      ...rows.flatMap((row) => row[at]!.text.split("\n").map((line) => line.length)),
    );
    const width = Math.min(longest, maxWidth ?? longest);
    remaining -= width + GAP.length;
    return width;
  });
}
