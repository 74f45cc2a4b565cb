import { describeBar, isAhead, overBars, peersOf, type RuntimeName } from "./bars.ts";
import { columnsOf, formatBytes, formatTime } from "./format.ts";
import type { Figure } from "./measure.ts";
import type { Result, Results } from "./results.ts";

/** Says in a sentence for each row and column which peers are ahead of the package there. */
export function describeAhead(results: Results): readonly string[] {
  return results.rows.flatMap((row) => {
    const each = columnsOf(row, results).flatMap((column) => {
      const figures = row.figures[column];
      const subject = figures?.subject;
      if (!figures || !subject) return [];
      const ahead = peersOf(figures, row.own).filter((name) => isAhead(figures[name], subject));
      if (ahead.length === 0) return [];
      const peers = ahead.map((name) => `${name} (${amount(figures[name]!)})`).join(", ");
      return [`${columnName(column, results)}, ours takes ${amount(subject)}, and ahead of it: ${peers}`];
    });
    return each.length > 0 ? [`**${row.what}**: ${each.join("; ")}.`] : [];
  });
}

/** Says in a sentence for each row which bars it is over, and where. */
export function describeOver(results: Results): readonly string[] {
  return results.rows.flatMap((row) =>
    row.bars.flatMap((bar) => {
      const columns = columnsOf(row, results).filter((column) =>
        row.figures[column] &&
        overBars([bar], row.figures[column], column === "all" ? "deno" : column, row.own).length > 0
      );
      if (columns.length === 0) return [];
      const where = columns.map((column) => columnName(column, results)).join(", ");
      return [`**${row.what}**, whose bar is ${describeBar(bar)}: ${where}.`];
    })
  );
}

function columnName(column: RuntimeName | "all", { runtimes }: Results): string {
  if (column === "all") return "on every runtime";
  const version = runtimes.find(({ name }) => name === column)!.version;
  return `on ${column.replace(/-.*/, "").replace(/^./, (first) => first.toUpperCase())} ${version}`;
}

function amount({ bytes, time, requests }: Figure): string {
  if (bytes !== undefined) return formatBytes(bytes);
  return requests === undefined ? formatTime(time!) : `${requests.toLocaleString("en")} requests, ${formatTime(time!)}`;
}
