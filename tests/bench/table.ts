import { describeBar } from "./bars.ts";
import { columnsOf, contendersOf, formatCell } from "./format.ts";
import type { Result, Results } from "./results.ts";

const WHAT_WIDTH = 40;
const CELL_WIDTH = 30;

/** Formats all rows as a table for a terminal: of each the package first, then the best peer. */
export function formatTable(results: Results): string {
  const head = results.runtimes.map(({ name, version }) => `${name.replace(/-.*/, "")} ${version}`);
  return [
    line(`ratio to the floor (a call${results.quick ? "; QUICK, few rounds" : ""})`, head),
    ...results.rows.flatMap((row) => ["", ...formatRow(row, results)]),
  ].join("\n");
}

function formatRow(row: Result, results: Results): readonly string[] {
  const columns = columnsOf(row, results);
  return [
    ...contendersOf(row).map((name) => {
      const cells = columns.map((column) => formatCell(row, name, column));
      return line(name === "subject" ? row.what : `  ${name}`, cells);
    }),
    ...row.bars.length > 0 ? [`  bar: ${row.bars.map(describeBar).join("; ")}`] : [],
  ];
}

function line(what: string, cells: readonly string[]): string {
  return (what.padEnd(WHAT_WIDTH) + cells.map((cell) => cell.padEnd(CELL_WIDTH)).join(" ")).trimEnd();
}
