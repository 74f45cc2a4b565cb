/**
 * Prints what each exported word adds to a bundle for the edge, beside its ceiling, and how that differs from the table
 * that the tests compare with. With `--update` the table is renewed.
 *
 * @module
 */
import { ceilingOf, compareSizes, count, measureSizes, readTable, type Sizes, writeTable } from "../support/sizes.ts";

const COLUMN = 10;

function print(sizes: Sizes): void {
  const names = Object.values(sizes).flatMap((words) => Object.keys(words));
  const width = Math.max(...names.map((name) => name.length)) + 2;
  const row = (name: string, ...cells: readonly string[]) =>
    console.log(`${name.padEnd(width)}${cells.map((cell) => cell.padStart(COLUMN)).join("")}`.trimEnd());
  for (const [entry, words] of Object.entries(sizes)) {
    row(`\n${entry}`, " bytes", "ceiling");
    for (const [word, bytes] of Object.entries(words)) {
      const ceiling = ceilingOf(entry, word);
      row(`  ${word}`, count(bytes), ceiling === undefined ? "" : count(ceiling), ceiling! < bytes ? "OVER" : "");
    }
  }
}

const sizes = await measureSizes();
print(sizes);
const changes = compareSizes(readTable(), sizes);
console.log(`\n${changes.length > 0 ? changes.join("\n") : "No difference from tests/sizes.json"}`);
if (Deno.args.includes("--update")) {
  writeTable(sizes);
  console.log("\nRenewed tests/sizes.json");
}
