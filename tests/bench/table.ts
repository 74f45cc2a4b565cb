import type { Figure } from "./measure.ts";

const WHAT_WIDTH = 33;
const BAR_WIDTH = 12;
const CELL_WIDTH = 18;

/** Formats a line of the table, of at most 100 columns. */
export function line(what: string, bar: string, cells: readonly string[]): string {
  return (what.padEnd(WHAT_WIDTH) + bar.padEnd(BAR_WIDTH) + cells.map((cell) => cell.padEnd(CELL_WIDTH)).join(""))
    .trimEnd();
}

/** Formats a figure: the ratio to the floor, and the number of requests if there is one, else the time. */
export function cell(figure: Figure | undefined): string {
  if (!figure) return "–";
  const { requests } = figure;
  return `${ratio(figure.ratio)} (${
    requests === undefined ? duration(figure.time) : `${requests.toLocaleString("en")} req`
  })`;
}

function ratio(value: number): string {
  return value < 9.95 ? value.toFixed(2) : value.toFixed(0);
}

function duration(ns: number): string {
  if (ns < 1e3) return `${ns.toFixed(ns < 10 ? 1 : 0)} ns`;
  if (ns < 1e6) return `${(ns / 1e3).toFixed(ns < 1e5 ? 1 : 0)} µs`;
  return `${(ns / 1e6).toFixed(ns < 1e8 ? 1 : 0)} ms`;
}
