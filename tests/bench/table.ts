import type { Figure } from "./measure.ts";

const WHAT = 35;
const BAR = 11;
const CELL = 17;

/** A line of the table that fits 100 columns. */
export function line(what: string, bar: string, cells: readonly string[]): string {
  return (what.padEnd(WHAT) + bar.padEnd(BAR) + cells.map((cell) => cell.padEnd(CELL)).join("")).trimEnd();
}

/** A figure as a cell: the ratio to the floor, the time, and the requests where they count. */
export function cell(figure: Figure | undefined): string {
  if (!figure) return "–";
  const requests = figure.requests === undefined ? "" : `, ${figure.requests.toLocaleString("en")}`;
  return `${ratio(figure.ratio)} (${duration(figure.time)}${requests})`;
}

function ratio(value: number): string {
  return value < 9.95 ? value.toFixed(2) : value.toFixed(0);
}

function duration(ns: number): string {
  if (ns < 1e3) return `${ns.toFixed(ns < 10 ? 1 : 0)} ns`;
  if (ns < 1e6) return `${(ns / 1e3).toFixed(ns < 1e5 ? 1 : 0)} µs`;
  return `${(ns / 1e6).toFixed(ns < 1e8 ? 1 : 0)} ms`;
}
