import type { SceneResult, SizeResult } from "./results.ts";

const WIDTH = 830;
const COLUMNS = 3;
const HEADER = 76;
/** The size of a panel and of the plot in it, in pixels. */
const PANEL = { width: WIDTH / COLUMNS, height: 190 };
const PLOT = { left: 38, top: 26, width: PANEL.width - 74, height: 122 };
/** The powers of ten at the ends of the axes. */
const SIZE_POWERS = [0, 5] as const;
const REQUEST_POWERS = [0, 7] as const;

const LEGEND = [
  { kind: "alone", label: "without share", x: 0 },
  { kind: "shared", label: "with share", x: 120 },
] as const;

const STYLE = `
    svg { color-scheme: light dark; font: 12px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; }
    .page { fill: #ffffff; }
    text { fill: #1f2328; }
    .title { font-size: 17px; font-weight: 600; }
    .scene { font-weight: 600; }
    .muted { fill: #59636e; font-size: 11px; }
    .tick { fill: #59636e; font-size: 10px; }
    .size { text-anchor: middle; }
    .count { text-anchor: end; }
    .grid { stroke: #d1d9e0; }
    .line { fill: none; stroke-width: 2; }
    .alone.line { stroke: #e16f24; }
    .shared.line { stroke: #0969da; }
    .alone.point { fill: #e16f24; }
    .shared.point { fill: #0969da; }
    .alone.value { fill: #bc4c00; font-size: 10px; }
    .shared.value { fill: #0969da; font-size: 10px; }
    @media (prefers-color-scheme: dark) {
      .page { fill: #0d1117; }
      text { fill: #f0f6fc; }
      .muted, .tick { fill: #9198a1; }
      .grid { stroke: #3d444d; }
      .alone.line { stroke: #f0883e; }
      .shared.line { stroke: #4493f8; }
      .alone.point, .alone.value { fill: #f0883e; }
      .shared.point, .shared.value { fill: #4493f8; }
    }
  `;

/** Draws the requests at the token server by the size of the fleet, as an SVG image for light and dark pages. */
export function drawFleetChart(results: readonly SceneResult[]): string {
  const height = HEADER + Math.ceil(results.length / COLUMNS) * PANEL.height;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title desc">
  <title id="title">Requests at the token server by the size of the fleet</title>
  <desc id="desc">${escape(results.map(describe).join(" "))}</desc>
  <style>${STYLE}</style>
  <rect class="page" width="${WIDTH}" height="${height}"/>
  ${drawHeader()}
  ${results.map(drawPanel).join("\n  ")}
</svg>
`;
}

function drawHeader(): string {
  return [
    text("title", 0, 18, "Requests at the token server, by the number of isolates"),
    text("muted", 0, 37, "Simulated; both scales are logarithmic. A day is 24 hours, an outage 20 minutes."),
    ...LEGEND.map(({ kind, label, x }) =>
      `<path class="${kind} line" d="M${x} 53H${x + 14}"/>${text("muted", x + 20, 57, label)}`
    ),
  ].join("\n  ");
}

function drawPanel(scene: SceneResult, at: number): string {
  const x = (at % COLUMNS) * PANEL.width;
  const y = HEADER + Math.floor(at / COLUMNS) * PANEL.height;
  return [
    `<g transform="translate(${x.toFixed(1)} ${y})">`,
    text("scene", PLOT.left, 14, scene.what),
    ...powers(SIZE_POWERS).map((power) =>
      text("tick size", xOf(10 ** power), PLOT.top + PLOT.height + 14, short(power))
    ),
    ...powers(REQUEST_POWERS).filter((power) => power % 2 === 0).map((power) => {
      const level = yOf(10 ** power);
      const line = `<path class="grid" d="M${PLOT.left} ${level.toFixed(1)}H${PLOT.left + PLOT.width}"/>`;
      return line + text("tick count", PLOT.left - 5, level + 3, short(power));
    }),
    ...LEGEND.map(({ kind }) => drawLine(scene.sizes, kind)),
    "</g>",
  ].join("\n  ");
}

function drawLine(sizes: readonly SizeResult[], kind: "alone" | "shared"): string {
  const points = sizes.map((result) => ({ x: xOf(result.size), y: yOf(result[kind].requests) }));
  const last = sizes.at(-1)!;
  const other = yOf(last[kind === "alone" ? "shared" : "alone"].requests);
  const { x, y } = points.at(-1)!;
  // Hint: where both lines end at one place, their figures are one above the other.
  const apart = Math.abs(y - other) < 12 ? (kind === "alone" ? -4 : 9) : 3;
  const path = points.map(({ x, y }, at) => `${at ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
  return [
    `<path class="${kind} line" d="${path}"/>`,
    ...points.map(({ x, y }) => `<circle class="${kind} point" cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="2.5"/>`),
    text(`${kind} value`, x + 5, y + apart, compact(last[kind].requests)),
  ].join("");
}

function xOf(size: number): number {
  return PLOT.left + share(size, SIZE_POWERS) * PLOT.width;
}

function yOf(requests: number): number {
  return PLOT.top + (1 - share(requests, REQUEST_POWERS)) * PLOT.height;
}

function share(value: number, [least, most]: readonly [number, number]): number {
  return (Math.log10(Math.max(value, 10 ** least)) - least) / (most - least);
}

function powers([least, most]: readonly [number, number]): number[] {
  return Array.from({ length: most - least + 1 }, (_, at) => least + at);
}

function short(power: number): string {
  return compact(10 ** power);
}

/** Formats a number in a few characters. */
function compact(value: number): string {
  if (value >= 1e6) return `${Number((value / 1e6).toPrecision(2))}M`;
  return value >= 1e3 ? `${Number((value / 1e3).toPrecision(3))}k` : String(Number(value.toPrecision(3)));
}

/** Says in words what a panel shows. */
function describe({ what, sizes }: SceneResult): string {
  const each = sizes.map(({ size, alone, shared }) =>
    `${compact(size)}: ${compact(alone.requests)} without share, ${compact(shared.requests)} with it`
  );
  return `${what}. ${each.join("; ")}.`;
}

function text(kind: string, x: number, y: number, content: string): string {
  return `<text class="${kind}" x="${x.toFixed(1)}" y="${y.toFixed(1)}">${escape(content)}</text>`;
}

function escape(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
