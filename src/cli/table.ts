import Table from "cli-table3";
import type { Style } from "./style.ts";
import { GAP, longestWord, wrap } from "./wrap.ts";

/** One cell of a table. */
interface Cell {
  readonly text: string;
  /** Colours one line of the text, after it was wrapped. */
  readonly tone?: (text: string) => string;
}

/** One column of a table. */
interface Column {
  readonly head: string;
  /** Its maximum width in characters; the last column takes the remaining width. */
  readonly maxWidth?: number;
}

const BELOW = "      ";
const BORDERLESS = Object.fromEntries(
  ["top", "bottom", "left", "right", "mid"].flatMap((side) => [side, `${side}-mid`, `${side}-left`, `${side}-right`])
    .concat("left-mid", "mid-mid", "right-mid").map((name) => [name, ""]),
);

/**
 * Formats a table without borders. If a word of the last column is wider than what remains for it, that column is
 * printed below each row.
 *
 * @param columns The columns.
 * @param rows The cells, row by row.
 * @param style How it is formatted.
 * @returns The lines, joined.
 */
export function table(columns: readonly Column[], rows: readonly (readonly Cell[])[], style: Style): string {
  const { paint, width } = style;
  const { widths, remaining } = columnWidths(columns, rows, width);
  const lastWords = [columns.at(-1)!.head, ...rows.map((row) => row.at(-1)!.text)];
  const isBeside = lastWords.every((text) => longestWord(text) <= remaining);
  const kept = isBeside ? columns : columns.slice(0, -1);
  const output = new Table({
    chars: { ...BORDERLESS, middle: GAP },
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
    head: kept.map(({ head }) => paint("faint", head)),
  });
  const cells = rows.map((row) => kept.map((_, at) => formatted(row[at]!, widths[at] ?? remaining)));
  for (const row of cells) output.push([...row]);
  const lines = output.toString().split("\n").map((line) => `${GAP}${line}`.trimEnd());
  if (isBeside) return lines.join("\n");
  return [
    ...lines.splice(0, 1),
    ...cells.flatMap((row, at) => {
      const last = rows[at]!.at(-1)!;
      const own = lines.splice(0, Math.max(...row.map((cell) => cell.split("\n").length)));
      return last.text ? [...own, formatted(last, width - BELOW.length).replaceAll(/^/gm, BELOW)] : own;
    }),
  ].join("\n");
}

function formatted({ text, tone }: Cell, width: number): string {
  const lines = text.split("\n").flatMap((line) => wrap(line, width).split("\n"));
  return lines.map((line) => tone?.(line) ?? line).join("\n");
}

function columnWidths(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  width: number,
): { readonly widths: readonly number[]; readonly remaining: number } {
  let remaining = width - GAP.length;
  const widths = columns.slice(0, -1).map(({ head, maxWidth }, at) => {
    const longest = Math.max(
      head.length,
      ...rows.flatMap((row) => row[at]!.text.split("\n").map((line) => line.length)),
    );
    const width = Math.min(longest, maxWidth ?? longest);
    remaining -= width + GAP.length;
    return width;
  });
  // Hint: on a narrow terminal, the widest column is shortened by the excess, so that no line is too wide.
  const excess = Math.max(0, -remaining - GAP.length);
  const widest = widths.indexOf(Math.max(...widths));
  const kept = widths.map((each, at) => at === widest ? Math.max(1, columns[at]!.head.length, each - excess) : each);
  return { widths: kept, remaining };
}
