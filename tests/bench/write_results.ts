import { cpus } from "node:os";
import { FULL } from "./measure.ts";
import type { Results } from "./results.ts";
import { drawChart } from "./results_chart.ts";
import { formatPage, type Machine } from "./results_page.ts";

/** The figures of the latest whole run. */
export const FIGURES: URL = new URL("results.json", import.meta.url);
/** The page and the chart of them. */
export const PAGE: URL = new URL("RESULTS.md", import.meta.url);
export const CHART: URL = new URL("results.svg", import.meta.url);

/** The figures, and where and when they were measured. */
export interface Measured {
  readonly machine: Machine;
  readonly results: Results;
}

/** Keeps figures, and draws them. */
export async function writeResults(results: Results): Promise<void> {
  const runtimes = results.runtimes.map(({ name, version }) => ({ name, version }));
  const measured: Measured = { machine: describeMachine(), results: { ...results, runtimes } };
  const rounded = (_: string, value: unknown) => typeof value === "number" ? Number(value.toPrecision(4)) : value;
  Deno.writeTextFileSync(FIGURES, JSON.stringify(measured, rounded, 2) + "\n");
  await drawResults();
}

/** Draws the figures that are kept. */
export async function drawResults(): Promise<void> {
  const { page, chart } = await draw(readFigures());
  Deno.writeTextFileSync(PAGE, page);
  Deno.writeTextFileSync(CHART, chart);
}

/** Reads the figures that are kept. */
export function readFigures(): Measured {
  return JSON.parse(Deno.readTextFileSync(FIGURES));
}

/**
 * Returns the page and the chart of figures.
 *
 * @throws {Error} If the page cannot be formatted.
 */
export async function draw({ machine, results }: Measured): Promise<{ readonly page: string; readonly chart: string }> {
  const format = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--quiet", "--line-width=120", "--ext=md", "-"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = format.stdin.getWriter();
  await writer.write(new TextEncoder().encode(formatPage(results, machine, FULL)));
  await writer.close();
  const { success, stdout } = await format.output();
  if (!success) throw new Error("Cannot format the page of the results");
  return { page: new TextDecoder().decode(stdout), chart: drawChart(results) };
}

function describeMachine(): Machine {
  const all = cpus();
  return {
    cpu: all[0]?.model ?? "an unknown processor",
    cores: all.length,
    date: new Date().toISOString().slice(0, 10),
  };
}
