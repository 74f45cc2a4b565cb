import type { Figure } from "./measure.ts";

const WHAT = 33;
const BAR = 12;
const CELL = 18;

/** A line of the table that fits 100 columns. */
export function line(what: string, bar: string, cells: readonly string[]): string {
  return (what.padEnd(WHAT) + bar.padEnd(BAR) + cells.map((cell) => cell.padEnd(CELL)).join("")).trimEnd();
}

/** A figure as a cell: the ratio to the floor, and the time, or the requests where they are the point. */
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
