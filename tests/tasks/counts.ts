/**
 * Prints what operations cost in bytes and instructions, and the difference from the table that the tests compare with.
 * With `--update` the table is updated. With the paths of other versions of the sources, theirs are printed.
 *
 * @module
 */
import { pathToFileURL } from "node:url";
import {
  compareCounts,
  INSTRUCTIONS,
  measureBytes,
  measureInstructions,
  readCounts,
  writeCounts,
} from "../support/counts/counts.ts";
import { canCountInstructions, INSTALL_VALGRIND } from "../support/counts/instructions.ts";
import { type Figures, formatFigure } from "../support/figures.ts";

const COLUMN = 12;

const options = Deno.args.filter((arg) => arg.startsWith("--"));
const trees = Deno.args.filter((arg) => !arg.startsWith("--"));
const unknown = options.find((option) => option !== "--update");
if (unknown) {
  console.error(`Cannot find the option "${unknown}": the option is --update`);
  Deno.exit(1);
}
const canCount = canCountInstructions();

function print(counts: Figures): void {
  const width = Math.max(...Object.values(counts).flatMap(Object.keys).map((name) => name.length)) + 2;
  for (const [group, figures] of Object.entries(counts)) {
    console.log(`\n${group}`);
    for (const [name, figure] of Object.entries(figures)) {
      console.log(`  ${name.padEnd(width)}${formatFigure(figure).padStart(COLUMN)}`);
    }
  }
}

async function measure(tree?: URL): Promise<{ readonly bytes: Figures; readonly instructions: Figures }> {
  const bytes = await measureBytes(tree);
  const instructions = canCount ? await measureInstructions(tree) : {};
  print({ ...instructions, ...bytes });
  return { bytes, instructions };
}

if (!canCount) {
  console.log(`Cannot count instructions: that needs Valgrind on Linux and x86-64; to install it: ${INSTALL_VALGRIND}`);
}
for (const tree of trees) {
  console.log(`\n${tree}`);
  await measure(pathToFileURL(`${Deno.realPathSync(tree)}/`));
}
if (trees.length === 0) {
  const { bytes, instructions } = await measure();
  const kept = readCounts();
  const changes = [...compareCounts(kept, bytes, "bytes"), ...compareCounts(kept, instructions, "instructions")];
  console.log(`\n${changes.length > 0 ? changes.join("\n") : "No difference from tests/counts.json"}`);
  if (options.includes("--update")) {
    const old = INSTRUCTIONS in kept ? { [INSTRUCTIONS]: kept[INSTRUCTIONS]! } : {};
    writeCounts({ ...(canCount ? instructions : old), ...bytes });
    console.log(`\nUpdated tests/counts.json${canCount ? "" : ", except for the instructions"}`);
  }
}
