import { assert, assertEquals, assertLess, assertStringIncludes } from "@std/assert";
import { XMLValidator } from "fast-xml-parser";
import { drawFleetChart } from "./fleet/chart.ts";
import { formatFleetPage } from "./fleet/page.ts";
import { findBroken, simulateAll, SIZES } from "./fleet/results.ts";
import { SCENES } from "./fleet/scenes.ts";
import { simulate } from "./fleet/simulate.ts";
import { draw, FLEET_CHART, FLEET_PAGE, readFleet } from "./fleet/write.ts";

const small = simulateAll([1, 10, 100]);

Deno.test("a fleet asks the token server no more than its isolates would alone, and an engine at most once in 15 s in an outage", () => {
  assertEquals(findBroken(small), []);
});

Deno.test("a fleet of a hundred asks once where it starts or is refused at once, and few times in an outage", () => {
  const bounds = {
    "day": 32,
    "cold": 1,
    "rolled out": 1,
    "refused": 1,
    "away": 101,
    "at 503": 90,
    "Retry-After": 22,
    "unreachable": 70,
    "cold unreachable": 70,
  };
  const found = small.map(({ name, sizes }) => ({ name, requests: sizes.at(-1)!.shared.requests }));
  assertEquals(found.map(({ name }) => name), Object.keys(bounds));
  assertEquals(found.filter(({ name, requests }) => requests > bounds[name as keyof typeof bounds]), []);
});

Deno.test("a simulation with the same seed gives the same figures, and one with another seed gives others", () => {
  const scene = SCENES.find(({ name }) => name === "unreachable")!;
  const figures = simulate(scene, 50, true, 1);
  assertEquals(simulate(scene, 50, true, 1), figures);
  assert(simulate(scene, 50, true, 2).failed !== figures.failed);
});

Deno.test("the figures that are kept are those of the rules as they are; otherwise deno task bench:fleet --write renews them", () => {
  const kept = readFleet();
  assertEquals(kept.map(({ what, text }) => [what, text]), SCENES.map(({ what, text }) => [what, text]));
  for (const [at, { what, sizes }] of kept.entries()) {
    assertEquals(sizes.map(({ size }) => size), [...SIZES]);
    for (const [index, latest] of small[at]!.sizes.entries()) {
      for (const how of ["alone", "shared"] as const) {
        const { requests } = latest[how];
        // Hint: logarithms differ in their last digits from one processor to another.
        const tolerance = 1 + requests / 10;
        assertLess(Math.abs(sizes[index]![how].requests - requests), tolerance, `${what}, a fleet of ${latest.size}`);
      }
    }
  }
});

Deno.test("the figures that are kept hold what sharing promises, to a hundred thousand isolates", () => {
  assertEquals(findBroken(readFleet()), []);
});

Deno.test("a figure that does not hold what sharing promises is named on the page", () => {
  const [day, ...others] = small;
  const [one, ...more] = day!.sizes;
  const broken = [{ ...day!, sizes: [{ ...one!, shared: { ...one!.shared, requests: 40 } }, ...more] }, ...others];
  assertEquals(findBroken(broken), [
    "a day, a fleet of 1: no more requests at the server than without `share`",
    "a day, a fleet of 1: 1.33 requests an hour, and the one of the cold start",
  ]);
  assertStringIncludes(formatFleetPage(broken), "This does not hold:\n\n- a day, a fleet of 1: no more requests");
  assertStringIncludes(formatFleetPage(small), "All of this holds.");
});

Deno.test("the page and the chart of the fleet show the figures that are kept; if only words change, --redraw renews them", async () => {
  const { page, chart } = await draw(readFleet());
  assertEquals(Deno.readTextFileSync(FLEET_PAGE), page);
  assertEquals(Deno.readTextFileSync(FLEET_CHART), chart);
});

Deno.test("the chart of the fleet is well-formed, has every scene, and is for light and dark pages", () => {
  const chart = drawFleetChart(small);
  assertEquals(XMLValidator.validate(chart), true);
  for (const { what } of SCENES) assertStringIncludes(chart, `>${what}</text>`);
  assertStringIncludes(chart, "@media (prefers-color-scheme: dark)");
  for (const word of ["NaN", "undefined", "Infinity", "[object"]) assert(!chart.includes(word), word);
});

Deno.test("the table of the README has the figures of the page, so that it promises no others", () => {
  const rows = rowsOf("src/share/README.md");
  assert(rows.length > 0);
  const known = rowsOf(FLEET_PAGE);
  assertEquals(rows.filter((row) => !known.includes(row)), []);
});

/** Returns the rows of a page that have figures without `share` and with it, without the spaces that align them. */
function rowsOf(page: string | URL): readonly string[] {
  const lines = Deno.readTextFileSync(page).split("\n");
  return lines.filter((line) => /^\| [a-z].*\d → \d/.test(line)).map((line) => line.replace(/ +/g, " "));
}
