import { describeBar, isAhead, overBars, peersOf, relative, type RuntimeName } from "./bars.ts";
import { columnsOf, formatBytes, formatTime, titleOf } from "./format.ts";
import type { Figure } from "./measure.ts";
import type { Results } from "./results.ts";

/** Says in a sentence for each row which peer is ahead of the package the furthest, where, and by how much. */
export function describeAhead(results: Results): readonly string[] {
  return results.rows.flatMap((row) => {
    const each = columnsOf(row, results).flatMap((column) => {
      const figures = row.figures[column];
      const subject = figures?.subject;
      if (!figures || !subject) return [];
      const ahead = peersOf(figures, row.own).filter((name) => isAhead(figures[name], subject))
        .map((name) => ({ name, times: relative(figures[name]!, subject) })).sort((a, b) => a.times - b.times);
      return ahead.slice(0, 1).map(({ name, times }) =>
        `${columnName(column, results)} (ours: ${amount(subject)}) ${name} by ${formatShare(1 - times)}`
      );
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
      return [`**${row.what}** (bar: ${describeBar(bar)}): ${where}.`];
    })
  );
}

function formatShare(times: number): string {
  return times > 0.99 ? "more than 99 %" : `${Math.round(100 * times)} %`;
}

function columnName(column: RuntimeName | "all", { runtimes }: Results): string {
  const runtime = runtimes.find(({ name }) => name === column);
  return runtime ? `on ${titleOf(runtime)}` : "on every runtime";
}

function amount({ bytes, time }: Figure): string {
  return bytes === undefined ? formatTime(time!) : formatBytes(bytes);
}
