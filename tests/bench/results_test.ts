import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { XMLValidator } from "fast-xml-parser";
import { EVERY_PEER, type RuntimeName } from "./bars.ts";
import { type Figure, type Figures, FULL } from "./measure.ts";
import type { Results } from "./results.ts";
import { drawChart } from "./results_chart.ts";
import { formatPage } from "./results_page.ts";
import { formatTable } from "./table.ts";
import { CHART, draw, PAGE, readFigures } from "./write_results.ts";

const machine = { cpu: "A processor", cores: 2, date: "2026-01-31" };

/** Returns the figures of contenders by their times; the floor takes 100 ns. */
function figures(times: Readonly<Record<string, number>>, more: Readonly<Record<string, Figure>> = {}): Figures {
  const each = Object.entries({ floor: 100, ...times });
  return Object.fromEntries(
    each.map(([name, time]) => [name, { time, ratio: time / 100, toSubject: time / times.subject!, ...more[name] }]),
  );
}

/** Figures in which the package is ahead on Deno, and behind a peer on Bun. */
const results: Results = {
  quick: false,
  runtimes: [{ name: "deno", version: "2.9.6" }, { name: "bun", version: "1.4.5" }],
  rows: [
    {
      name: "warm",
      what: "warm resolve",
      bars: [{ times: 1, of: EVERY_PEER }],
      figures: {
        deno: figures({ slow: 900, subject: 150, quick: 400 }),
        bun: figures({ slow: 900, subject: 150, quick: 120 }),
      },
    },
    {
      name: "stampede",
      what: "many at once <&>",
      bars: [{ requests: 1 }, { times: { bun: 3, others: 2 }, of: "floor" }],
      figures: both(
        figures({ subject: 250, hasty: 90, failing: 80 }, {
          floor: { requests: 1 },
          subject: { requests: 1 },
          hasty: { requests: 10_000 },
          failing: { requests: 1, failures: 1_000 },
        }),
      ),
    },
    {
      name: "import",
      what: "import",
      bars: [{ ns: { deno: 1e6 } }],
      figures: both({
        floor: { time: 2e7, wall: 2e7, ratio: 1, toSubject: 2 },
        subject: { time: 1e7, wall: 2e7, ratio: 1.5, toSubject: 1 },
        nothing: { time: 0, wall: 0, ratio: 1, toSubject: 0.1 },
      }),
    },
    {
      name: "bundle",
      what: "bundle",
      bars: [{ bytes: 16_250 }],
      figures: { all: { subject: { bytes: 16_384 }, small: { bytes: 1_024 } } },
    },
    {
      name: "alone",
      what: "no peer",
      bars: [{ times: 1.1, of: "floor" }],
      own: ["another measure"],
      figures: both(figures({ subject: 150, "another measure": 10 })),
    },
  ],
};

function both(each: Figures): Readonly<Partial<Record<RuntimeName, Figures>>> {
  return { deno: each, bun: each };
}

Deno.test("the table says where the package is behind, with the ratio first, and the best peer next to it", () => {
  const lines = formatTable(results).split("\n").map((line) => line.split(/ {2,}/));
  assertEquals(lines.slice(0, 7), [
    ["ratio to the floor (a call)", "Deno 2.9.6", "Bun 1.4.5"],
    [""],
    ["warm resolve", "1.50 (150 ns)", "1.50 (150 ns) BEHIND OVER"],
    ["", "quick", "4.00 (400 ns)", "1.20 (120 ns) ahead"],
    ["", "slow", "9.00 (900 ns)", "9.00 (900 ns)"],
    ["", "floor", "1.00 (100 ns)", "1.00 (100 ns)"],
    ["", "bar: ahead of every peer"],
  ]);
});

Deno.test("a peer that asks more often or whose callers fail is not ahead, however quick that is", () => {
  const lines = formatTable(results).split("\n").map((line) => line.split(/ {2,}/));
  assertEquals(lines.slice(8, 13), [
    ["many at once <&>", "2.50 (1 req, 250 ns) OVER", "2.50 (1 req, 250 ns)"],
    ["", "failing", "0.80 (1 req, 1,000 failed, 80 ns)", "0.80 (1 req, 1,000 failed, 80 ns)"],
    ["", "hasty", "0.90 (10,000 req, 90 ns)", "0.90 (10,000 req, 90 ns)"],
    ["", "floor", "1.00 (1 req, 100 ns)", "1.00 (1 req, 100 ns)"],
    ["", "bar: 1 request; 3 × floor on Bun; 2 × floor on the others"],
  ]);
});

Deno.test("a table of few rounds says so", () => {
  assertStringIncludes(formatTable({ ...results, quick: true }), "QUICK");
});

Deno.test("the page has every row and peer, and says in words where a peer is ahead", () => {
  const page = formatPage(results, machine, FULL);
  for (const { what, figures } of results.rows) {
    assertStringIncludes(page, `**${what}**`);
    for (const name of Object.keys(Object.values(figures)[0]!)) {
      assertStringIncludes(page, name === "subject" ? what : name);
    }
  }
  assertStringIncludes(page, "- **warm resolve**: on Bun 1.4.5 (ours: 150 ns) quick by 20 %.\n");
  assertStringIncludes(page, "- **bundle**: on every runtime (ours: 16 KB) small by 94 %.\n");
  assertStringIncludes(
    page,
    "- **many at once <&>** (bar: 3 × floor on Bun; 2 × floor on the others): on Deno 2.9.6.\n",
  );
  assertStringIncludes(page, "2026-01-31: A processor, 2 cores;\nDeno 2.9.6, Bun 1.4.5.");
  assertPlain(page);
});

Deno.test("the chart is well-formed, has every row with a peer, and is for light and dark pages", () => {
  const chart = drawChart(results);
  assertEquals(XMLValidator.validate(chart), true);
  for (const what of ["warm resolve", "many at once &lt;&amp;&gt;", "import", "bundle"]) {
    assertStringIncludes(chart, `>${what}</text>`);
  }
  assert(!chart.includes(">no peer</text>"));
  assertStringIncludes(chart, "@media (prefers-color-scheme: dark)");
  assertStringIncludes(chart, '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 830 ');
  assertStringIncludes(chart, "warm resolve. Deno 2.9.6: this package 150 ns, quick 400 ns, slow 900 ns; Bun 1.4.5: ");
  assertEquals(chart.match(/class="ahead bar" d=/g)?.length, 4);
  assertPlain(chart);
});

function assertPlain(text: string): void {
  for (const word of ["NaN", "undefined", "Infinity", "[object"]) assert(!text.includes(word), word);
}

Deno.test("the page and the chart of the results show the figures that are kept; if only words change, --redraw renews them", async () => {
  const { page, chart } = await draw(readFigures());
  assertEquals(Deno.readTextFileSync(PAGE), page);
  assertEquals(Deno.readTextFileSync(CHART), chart);
});
