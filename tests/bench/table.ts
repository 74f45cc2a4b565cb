import { describeBar } from "./bars.ts";
import { columnsOf, contendersOf, formatCell, headings } from "./format.ts";
import type { Result, Results } from "./results.ts";

/** A line of the table: its first cell names the contender. */
type Line = readonly string[];

/** Formats all rows as a table for a terminal: of each the package first, then the best peer. */
export function formatTable(results: Results): string {
  const head = [`ratio to the floor (a call)${results.quick ? ", QUICK" : ""}`, ...headings(results)];
  const groups = results.rows.map((row) => linesOf(row, results));
  const all = [head, ...groups.flat()];
  const widths = head.map((_, at) => Math.max(...all.map((line) => line[at]?.length ?? 0)) + 2);
  const format = (line: Line) => line.map((cell, at) => cell.padEnd(widths[at]!)).join("").trimEnd();
  return [
    format(head),
    ...results.rows.flatMap((
      { bars },
      at,
    ) => ["", ...groups[at]!.map(format), `  bar: ${bars.map(describeBar).join("; ")}`]),
  ].join("\n");
}

function linesOf(row: Result, results: Results): readonly Line[] {
  return contendersOf(row).map((name) => [
    name === "subject" ? row.what : `  ${name}`,
    ...columnsOf(row, results).map((column) => formatCell(row, name, column)),
  ]);
}
