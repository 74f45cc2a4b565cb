import { format } from "../write_results.ts";
import { drawFleetChart } from "./chart.ts";
import { formatFleetPage } from "./page.ts";
import type { SceneResult } from "./results.ts";

/** The figures of the latest simulation. */
export const FLEET_FIGURES: URL = new URL("../fleet.json", import.meta.url);
/** The page and the chart of them. */
export const FLEET_PAGE: URL = new URL("../FLEET.md", import.meta.url);
export const FLEET_CHART: URL = new URL("../fleet.svg", import.meta.url);

/** Keeps figures, and draws them. */
export async function writeFleet(results: readonly SceneResult[]): Promise<void> {
  const rounded = (_: string, value: unknown) => typeof value === "number" ? Number(value.toPrecision(4)) : value;
  Deno.writeTextFileSync(FLEET_FIGURES, JSON.stringify(results, rounded, 2) + "\n");
  await drawFleet();
}

/** Draws the figures that are kept. */
export async function drawFleet(): Promise<void> {
  const { page, chart } = await draw(readFleet());
  Deno.writeTextFileSync(FLEET_PAGE, page);
  Deno.writeTextFileSync(FLEET_CHART, chart);
}

/** Reads the figures that are kept. */
export function readFleet(): SceneResult[] {
  return JSON.parse(Deno.readTextFileSync(FLEET_FIGURES));
}

/** Returns the page and the chart of figures, as the gate expects them. */
export async function draw(
  results: readonly SceneResult[],
): Promise<{ readonly page: string; readonly chart: string }> {
  return {
    page: await format(formatFleetPage(results), "md"),
    chart: await format(drawFleetChart(results), "svg"),
  };
}
