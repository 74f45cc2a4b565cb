import { fileURLToPath } from "node:url";
import { cpus } from "node:os";
import { FULL } from "./measure.ts";
import type { Results } from "./results.ts";
import { drawChart } from "./results_chart.ts";
import { formatPage, type Machine } from "./results_page.ts";

const PAGE = fileURLToPath(new URL("RESULTS.md", import.meta.url));
const CHART = fileURLToPath(new URL("results.svg", import.meta.url));

/**
 * Writes the page of the results and its chart.
 *
 * @throws {Error} If the page cannot be formatted.
 */
export async function writeResults(results: Results): Promise<void> {
  Deno.writeTextFileSync(CHART, drawChart(results));
  Deno.writeTextFileSync(PAGE, formatPage(results, describeMachine(), FULL));
  const { success } = await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", PAGE] }).output();
  if (!success) throw new Error("Cannot format tests/bench/RESULTS.md");
}

function describeMachine(): Machine {
  const all = cpus();
  return {
    cpu: all[0]?.model ?? "an unknown processor",
    cores: all.length,
    date: new Date().toISOString().slice(0, 10),
  };
}
