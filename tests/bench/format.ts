import { isAhead, overBars, peersOf, relative, type RuntimeName, titles } from "./bars.ts";
import type { Figure, Figures } from "./measure.ts";
import type { Result, Results } from "./results.ts";

/** Marks in the cells of the table. */
export const marks = { behind: "BEHIND", over: "OVER", ahead: "ahead" } as const;

/** Formats a time in nanoseconds. */
export function formatTime(ns: number): string {
  if (ns === 0) return "0 ms";
  const [value, unit] = ns < 1e3 ? [ns, "ns"] : ns < 1e6 ? [ns / 1e3, "µs"] : [ns / 1e6, "ms"];
  return `${formatNumber(value)} ${unit}`;
}

/** Formats a number of bytes. */
export function formatBytes(bytes: number): string {
  return `${formatNumber(bytes / 1_024)} KB`;
}

/** Formats a number with two or three digits. */
export function formatNumber(value: number): string {
  return value < 9.95 ? value.toFixed(value < 0.995 ? 2 : 1) : Math.round(value).toLocaleString("en");
}

/** Formats a ratio. */
export function formatRatio(ratio: number): string {
  return ratio < 9.95 ? ratio.toFixed(2) : Math.round(ratio).toLocaleString("en");
}

/** Formats a figure, the ratio to the floor first. */
export function formatFigure(figure: Figure | undefined): string {
  if (!figure) return "–";
  const { ratio, time, wall, bytes, requests, failures } = figure;
  if (bytes !== undefined) return formatBytes(bytes);
  const parts = [
    ...(requests === undefined ? [] : [`${requests.toLocaleString("en")} req`]),
    ...(failures ? [`${failures.toLocaleString("en")} failed`] : []),
    wall === undefined ? formatTime(time!) : `${formatTime(time!)}, wall ${formatTime(wall)}`,
  ];
  return `${formatRatio(ratio!)} (${parts.join(", ")})`;
}

/** Formats a contender's figure on a runtime, with a mark if the package is behind or over a bar, or a peer is ahead. */
export function formatCell(row: Result, contender: string, column: RuntimeName | "all"): string {
  const figures = row.figures[column];
  const text = formatFigure(figures?.[contender]);
  const mark = figures && markOf(row, figures, contender, column);
  return mark ? `${text} ${mark}` : text;
}

function markOf(row: Result, figures: Figures, contender: string, column: RuntimeName | "all"): string {
  const peers = peersOf(figures, row.own);
  const ahead = (name: string) => isAhead(figures[name], figures.subject);
  if (contender !== "subject") return peers.includes(contender) && ahead(contender) ? marks.ahead : "";
  const over = overBars(row.bars, figures, column === "all" ? "deno" : column, row.own).length > 0;
  return [...(peers.some(ahead) ? [marks.behind] : []), ...(over ? [marks.over] : [])].join(" ");
}

/** Returns the contenders of a row: the package, the peers from the best to the last, what else a bar compares with, the floor. */
export function contendersOf(row: Result): readonly string[] {
  const all = Object.values(row.figures);
  const names = [...new Set(all.flatMap((figures) => Object.keys(figures)))];
  const peers = names.filter((name) => all.some((figures) => peersOf(figures, row.own).includes(name)));
  const rest = names.filter((name) => name !== "subject" && !peers.includes(name)).reverse();
  return ["subject", ...peers.sort((a, b) => rank(row, a) - rank(row, b)), ...rest];
}

/** Returns what a runtime is called. */
export function titleOf({ name, version }: Results["runtimes"][number]): string {
  return `${titles[name]} ${version}`;
}

/** Returns the headings of the columns. */
export function headings({ runtimes }: Results): readonly string[] {
  return runtimes.map(titleOf);
}

/** Returns the columns of a row: the runtimes, or one for all. */
export function columnsOf(row: Result, results: Results): readonly (RuntimeName | "all")[] {
  return row.figures.all ? ["all"] : results.runtimes.map(({ name }) => name);
}

/** The mean, over all runtimes, of how a peer compares with the package; what fails or asks too often comes last. */
function rank(row: Result, peer: string): number {
  const each = Object.values(row.figures).flatMap(({ subject, [peer]: figure }) =>
    subject && figure ? [penalty(figure, subject)] : []
  );
  return each.length > 0 ? each.reduce((sum, one) => sum + one, 0) / each.length : Infinity;
}

function penalty(figure: Figure, subject: Figure): number {
  const compared = Math.log(relative(figure, subject));
  return compared + 10 * Math.log((figure.requests ?? 1) / (subject.requests ?? 1)) +
    10 * Math.sign(figure.failures ?? 0);
}
