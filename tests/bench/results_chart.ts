/**
 * Draws the results as bars: of each row the package and the best peers, on each runtime. The lengths are on a logarithmic
 * scale on which the package is always at the same place, so that who is behind shows at a glance.
 *
 * @module
 */
import { isAhead, peersOf, relative, type RuntimeName } from "./bars.ts";
import { columnsOf, contendersOf, formatBytes, formatTime, headings } from "./format.ts";
import type { Figure } from "./measure.ts";
import type { Result, Results } from "./results.ts";

const WIDTH = 830;
const LABELS = 226;
const HEADER = 112;
const LINE = 15;
const BAR = 9;
const GAP = 11;
const MAX_PEERS = 2;
/** The length of the bars of the package, in pixels, and what each tenfold adds. */
const OURS = 44;
const DECADE = 32;
const SHORTEST = 3;
const LONGEST = 78;

const LEGEND = [
  { kind: "ours", label: "this package", x: 0 },
  { kind: "peer", label: "a peer", x: 110 },
  { kind: "ahead", label: "a peer that is ahead", x: 178 },
] as const;

const STYLE = `
    svg { color-scheme: light dark; font: 12px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; }
    .page { fill: #ffffff; }
    text { fill: #1f2328; }
    .title { font-size: 17px; font-weight: 600; }
    .row, .column { font-weight: 600; }
    .muted, .tick, .value { fill: #59636e; font-size: 11px; }
    .tick { font-size: 10px; text-anchor: middle; }
    .value.ours { fill: #1f2328; font-weight: 600; }
    .ours.bar { fill: #0969da; }
    .peer.bar { fill: #b1bac4; }
    .ahead.bar { fill: #e16f24; }
    .line { stroke: #d1d9e0; }
    .here { stroke: #0969da; stroke-dasharray: 2 2; opacity: 0.6; }
    @media (prefers-color-scheme: dark) {
      .page { fill: #0d1117; }
      text, .value.ours { fill: #f0f6fc; }
      .muted, .tick, .value { fill: #9198a1; }
      .ours.bar { fill: #4493f8; }
      .peer.bar { fill: #59636e; }
      .ahead.bar { fill: #f0883e; }
      .line { stroke: #3d444d; }
      .here { stroke: #4493f8; }
    }
  `;

/** Draws the results as an SVG image, for light and dark pages. */
export function drawChart(results: Results): string {
  const rows = results.rows.filter((row) => contendersOf(row).some((name) => isPeer(row, name)));
  const heights = rows.map((row) => shownOf(row).length * LINE + GAP);
  const height = HEADER + heights.reduce((sum, one) => sum + one, 0);
  const width = (WIDTH - LABELS) / results.runtimes.length;
  let top = HEADER;
  const drawn = rows.map((row, at) => {
    const from = top;
    top += heights[at]!;
    return drawRow(row, results, from, width);
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title desc">
  <title id="title">Time per call of this package and of its peers, by runtime</title>
  <desc id="desc">${escape(describe(rows, results))}</desc>
  <style>${STYLE}</style>
  <rect class="page" width="${WIDTH}" height="${height}"/>
  ${drawHeader(results, width, height)}
  ${drawn.join("\n  ")}
</svg>
`;
}

function drawHeader(results: Results, width: number, height: number): string {
  const columns = headings(results).map((heading, at) => {
    const x = LABELS + at * width;
    const ticks = [-1, 0, 1].map((power) => text("tick", x + OURS + power * DECADE, HEADER - 11, `${10 ** power}×`));
    return [
      text("column", x, HEADER - 27, heading),
      ...ticks,
      `<path class="here" d="M${x + OURS} ${HEADER - 5}V${height - GAP}"/>`,
    ].join("");
  });
  const legend = LEGEND.map(({ kind, label, x }) =>
    `<rect class="${kind} bar" x="${x}" y="49" width="12" height="${BAR}"/>${text("muted", x + 18, 57, label)}`
  );
  return [
    text("title", 0, 18, "Time per call: shorter is better"),
    text(
      "muted",
      0,
      37,
      "The two best peers of each row. The lengths compare with this package there, on a logarithmic scale.",
    ),
    ...legend,
    ...columns,
  ].join("\n  ");
}

function drawRow(row: Result, results: Results, top: number, width: number): string {
  const columns = columnsOf(row, results);
  return [
    `<path class="line" d="M0 ${top - GAP / 2 + 1}H${WIDTH}"/>`,
    ...shownOf(row).map((name, line) => {
      const y = top + line * LINE;
      const label = name === "subject" ? text("row", 0, y + BAR, row.what) : text("muted", 12, y + BAR, name);
      const same = row.figures.all && name === "subject" && results.runtimes.length > 1;
      const note = same ? text("muted", LABELS + width, y + BAR, "the same on every runtime") : "";
      return label + note + columns.map((column, at) => drawBar(row, name, column, LABELS + at * width, y)).join("");
    }),
  ].join("\n  ");
}

function drawBar(row: Result, name: string, column: RuntimeName | "all", x: number, y: number): string {
  const figure = row.figures[column]?.[name];
  const subject = row.figures[column]?.subject;
  if (!figure || !subject) return text("muted", x, y + BAR, "–");
  const kind = name === "subject" ? "ours" : isAhead(figure, subject) ? "ahead" : "peer";
  const end = x + lengthOf(figure, subject);
  // Hint: a bar that would be longer ends in a point.
  const point = end < x + LONGEST ? "" : `L${end + BAR / 2} ${y + BAR / 2}`;
  return `<path class="${kind} bar" d="M${x} ${y}H${end.toFixed(1)}${point}L${end.toFixed(1)} ${y + BAR}H${x}Z"/>` +
    text(`value ${kind}`, Math.max(end, x + OURS) + 7, y + BAR, valueOf(figure, subject));
}

/** Returns the length of a bar; a figure that is too far from that of the package has the shortest or longest one. */
function lengthOf(figure: Figure, subject: Figure): number {
  const compared = differsInRequests(figure, subject)
    ? figure.requests! / Math.max(subject.requests!, 1)
    : relative(figure, subject);
  return Math.min(Math.max(OURS + DECADE * Math.log10(compared), SHORTEST), LONGEST);
}

function valueOf(figure: Figure, subject: Figure): string {
  if (figure.bytes !== undefined) return formatBytes(figure.bytes);
  if (figure.requests === undefined) return formatTime(figure.time!);
  const requests = `${figure.requests.toLocaleString("en")} req`;
  return differsInRequests(figure, subject) ? requests : `${requests}, ${formatTime(figure.time!)}`;
}

function differsInRequests(figure: Figure, subject: Figure): boolean {
  return figure.requests !== subject.requests;
}

function shownOf(row: Result): readonly string[] {
  return ["subject", ...contendersOf(row).filter((name) => isPeer(row, name)).slice(0, MAX_PEERS)];
}

function isPeer(row: Result, name: string): boolean {
  return Object.values(row.figures).some((figures) => peersOf(figures, row.own).includes(name));
}

/** Says in words what the bars show. */
function describe(rows: readonly Result[], results: Results): string {
  return rows.map((row) => {
    const each = columnsOf(row, results).map((column, at) => {
      const figures = row.figures[column];
      const values = shownOf(row).filter((name) => figures?.[name]).map((name) =>
        `${name === "subject" ? "this package" : name} ${valueOf(figures![name]!, figures!.subject!)}`
      );
      return `${column === "all" ? "every runtime" : headings(results)[at]}: ${values.join(", ")}`;
    });
    return `${row.what}. ${each.join("; ")}.`;
  }).join(" ");
}

function text(kind: string, x: number, y: number, content: string): string {
  return `<text class="${kind}" x="${x.toFixed(1)}" y="${y.toFixed(1)}">${escape(content)}</text>`;
}

function escape(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
