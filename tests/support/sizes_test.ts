import { assertEquals } from "@std/assert";
import { compareSizes, overCeiling } from "./sizes.ts";

Deno.test("the size test tells which words got dearer or cheaper, came or went, and lets a few bytes pass", () => {
  const kept = { ".": { env: 3_000, flag: 200, gone: 100, large: 10_000 }, "./sts": { sts: 5_000 } };
  const measured = { ".": { env: 3_031, flag: 183, large: 10_100, came: 50 }, "./sts": { sts: 4_949 } };
  assertEquals(compareSizes(kept, measured), [
    ". env: 1.0 % dearer, 3,000 → 3,031 bytes",
    ". flag: 8.5 % cheaper, 200 → 183 bytes",
    ". gone: gone, 100 bytes before",
    ". came: new, 50 bytes",
    "./sts sts: 1.0 % cheaper, 5,000 → 4,949 bytes",
  ]);
  assertEquals(compareSizes({ ".": { env: 3_000, flag: 200 } }, { ".": { env: 2_970, flag: 216 } }), []);
});

Deno.test("the size test tells which words cost more than they may", () => {
  const sizes = { ".": { flag: 250, env: 3_601, warm: 90_000 }, "./testing": { env: 90_000 } };
  assertEquals(overCeiling(sizes), [". env: 3,601 bytes, at most 3,600"]);
});
