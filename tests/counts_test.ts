import { assertEquals } from "@std/assert";
import { compareCounts, DENO_BYTES, measureBytes, readCounts } from "./support/counts/counts.ts";

const kept = readCounts();
const ignore = !(DENO_BYTES in kept) && !Deno.env.get("CI");
if (ignore) console.error(`Did not count bytes: tests/counts.json has no ${DENO_BYTES}`);

Deno.test({
  name:
    "a warm, a cold resolve and a compilation allocate what tests/counts.json says, so that none gets slower unnoticed",
  ignore,
  fn: async () => {
    const changes = compareCounts(kept, await measureBytes(), "bytes");
    assertEquals(changes, [], 'If that is intended, update the table with "deno task counts --update"');
  },
});
