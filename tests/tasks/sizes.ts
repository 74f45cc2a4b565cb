/**
 * Prints what each export adds to a bundle for the edge, its ceiling, and the difference from the table that the tests
 * compare with. With `--update` the table is updated.
 *
 * @module
 */
import { formatFigure } from "../support/figures.ts";
import { ceilingOf, compareSizes, measureSizes, readSizes, type Sizes, writeSizes } from "../support/sizes.ts";

const COLUMN = 10;

function print(sizes: Sizes): void {
  const all = Object.values(sizes).flatMap((names) => Object.keys(names));
  const width = Math.max(...all.map((name) => name.length)) + 2;
  const row = (name: string, ...cells: readonly string[]) =>
    console.log(`${name.padEnd(width)}${cells.map((cell) => cell.padStart(COLUMN)).join("")}`.trimEnd());
  for (const [entry, names] of Object.entries(sizes)) {
    row(`\n${entry}`, " bytes", "ceiling");
    for (const [name, bytes] of Object.entries(names)) {
      const ceiling = ceilingOf(entry, name);
      row(
        `  ${name}`,
        formatFigure(bytes),
        ceiling === undefined ? "" : formatFigure(ceiling),
        ceiling! < bytes ? "OVER" : "",
      );
    }
  }
}

const sizes = await measureSizes();
print(sizes);
const changes = compareSizes(readSizes(), sizes);
console.log(`\n${changes.length > 0 ? changes.join("\n") : "No difference from tests/sizes.json"}`);
if (Deno.args.includes("--update")) {
  writeSizes(sizes);
  console.log("\nUpdated tests/sizes.json");
}
