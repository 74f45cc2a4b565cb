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
 * @throws {Error} If they cannot be formatted.
 */
export async function draw({ machine, results }: Measured): Promise<{ readonly page: string; readonly chart: string }> {
  return {
    page: await format(formatPage(results, machine, FULL), "md"),
    chart: await format(drawChart(results), "svg"),
  };
}

/** Formats a text as the gate expects it of a file of this type. */
export async function format(text: string, type: string): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--quiet", "--line-width=120", `--ext=${type}`, "-"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  const { success, stdout } = await child.output();
  if (!success) throw new Error(`Cannot format the results as ${type}`);
  return new TextDecoder().decode(stdout);
}

function describeMachine(): Machine {
  const all = cpus();
  return {
    cpu: all[0]?.model ?? "an unknown processor",
    cores: all.length,
    date: new Date().toISOString().slice(0, 10),
  };
}
