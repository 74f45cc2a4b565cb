import { assertEquals } from "@std/assert";
import { compareCounts, measureInstructions, readCounts } from "../support/counts/counts.ts";
import { canCountInstructions, INSTALL_VALGRIND } from "../support/counts/instructions.ts";

const name = "a warm, a cold resolve and a compilation take the instructions that tests/counts.json says";
const ignore = !canCountInstructions() && !Deno.env.get("CI");
if (ignore) {
  console.log(`Did not run "${name}": it needs Valgrind on Linux and x86-64; to install it: ${INSTALL_VALGRIND}`);
}

Deno.test({
  name,
  ignore,
  fn: async () => {
    const changes = compareCounts(readCounts(), await measureInstructions(), "instructions");
    assertEquals(changes, [], 'If that is intended, update the table with "deno task counts --update"');
  },
});
