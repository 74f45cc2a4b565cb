import type { Figure, Figures } from "./measure.ts";

/** The runtimes that are measured, by the names that `--runtime` takes. */
export const runtimeNames = ["deno", "bun", "node-24", "node-20"] as const;
/** One of the runtimes. */
export type RuntimeName = typeof runtimeNames[number];

/** What they are called, without their versions. */
export const titles: Readonly<Record<RuntimeName, string>> = {
  deno: "Deno",
  bun: "Bun",
  "node-24": "Node",
  "node-20": "Node",
};

/** A number for all runtimes, or one for some, and perhaps one for the others. */
type ByRuntime = number | Readonly<Partial<Record<RuntimeName | "others", number>>>;

/** What a row is to stay within: it is printed and marked, and never asserted. */
export type Bar =
  /** So many times the time of the floor, a peer or each peer, or another measure of the package. */
  | { readonly times: ByRuntime; readonly of: string }
  | { readonly ns: ByRuntime }
  | { readonly requests: number }
  | { readonly bytes: number };

/** Stands for each peer in a bar. */
export const EVERY_PEER = "every peer";

/** Two times that are closer than that are taken for the same. */
export const TIE = 0.03;

/** Who of a row's figures is a peer: the rest is the floor, the package, and what else a bar compares with. */
export function peersOf(figures: Figures, own: readonly string[] = []): readonly string[] {
  return Object.keys(figures).filter((name) => name !== "floor" && name !== "subject" && !own.includes(name));
}

/** Whether a peer is ahead of the package: with as few requests and failures, in less time or bytes. */
export function isAhead(peer: Figure | undefined, subject: Figure | undefined): boolean {
  if (!peer || !subject) return false;
  if ((peer.failures ?? 0) > (subject.failures ?? 0)) return false;
  if (peer.requests !== subject.requests) return peer.requests! < subject.requests!;
  return relative(peer, subject) < 1 - TIE;
}

/** Returns how many times the time or the bytes of the package a contender takes. */
export function relative(figure: Figure, subject: Figure): number {
  return figure.toSubject ?? figure.bytes! / subject.bytes!;
}

/** Finds the bars that a row is over on a runtime. */
export function overBars(bars: readonly Bar[], figures: Figures, runtime: RuntimeName, own?: readonly string[]): Bar[] {
  const { subject } = figures;
  if (!subject) return [];
  return bars.filter((bar) => {
    if ("requests" in bar) return (subject.requests ?? 0) > bar.requests;
    if ("bytes" in bar) return (subject.bytes ?? 0) > bar.bytes;
    if ("ns" in bar) return subject.time! > (on(runtime, bar.ns) ?? Infinity);
    const times = on(runtime, bar.times);
    const others = bar.of === EVERY_PEER ? peersOf(figures, own) : [bar.of];
    return times !== undefined && others.some((name) => isOver(figures[name], subject, times));
  });
}

/** Says what a bar demands. */
export function describeBar(bar: Bar): string {
  if ("requests" in bar) return `${bar.requests} request${bar.requests === 1 ? "" : "s"}`;
  if ("bytes" in bar) return `${bar.bytes.toLocaleString("en")} bytes`;
  if ("ns" in bar) return each(bar.ns, (ns) => `${ns / 1e6} ms`);
  if (bar.of === EVERY_PEER && bar.times === 1) return "ahead of every peer";
  return each(bar.times, (times) => `${times} × ${bar.of}`);
}

function isOver(other: Figure | undefined, subject: Figure, times: number): boolean {
  return other !== undefined && 1 / relative(other, subject) > times * (1 + TIE);
}

function on(runtime: RuntimeName, value: ByRuntime): number | undefined {
  return typeof value === "number" ? value : value[runtime] ?? value.others;
}

function each(value: ByRuntime, format: (value: number) => string): string {
  if (typeof value === "number") return format(value);
  const names = Object.keys(value) as (keyof typeof value)[];
  const bars = Map.groupBy(names, (name) => value[name]!);
  const title = (name: RuntimeName | "others") => name === "others" ? "the others" : titles[name];
  return [...bars].map(([bar, on]) => `${format(bar)} on ${[...new Set(on.map(title))].join(", ")}`).join("; ");
}
