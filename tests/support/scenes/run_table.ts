import type { SceneRun } from "./run_scene.ts";

/** Formats what scenes cost: a line for each, with its requests in every run and the seconds of the slowest. */
export function runTable(title: string, runs: ReadonlyMap<string, readonly SceneRun[]>): string {
  const rows = [...runs].map(([name, each]) => [
    name,
    ...each.map(({ requests, failure }) => failure === undefined ? `${requests}` : `${requests} !`),
    Math.max(...each.map(({ seconds }) => seconds)).toFixed(1),
  ]);
  const most = Math.max(0, ...[...runs.values()].map(({ length }) => length));
  const header = [title, ...Array.from({ length: most }, (_, run) => `${run + 1}`), "s"];
  const widths = header.map((_, column) => Math.max(...[header, ...rows].map((row) => row[column]?.length ?? 0)));
  return [header, ...rows]
    .map((row) =>
      row.map((cell, column) => column ? cell.padStart(widths[column]!) : cell.padEnd(widths[0]!)).join("  ")
    )
    .join("\n");
}
