import { assertEquals } from "@std/assert";
import { compareSizes, overCeiling } from "./sizes.ts";

Deno.test("the size test lists the exports that are larger, smaller, new or gone, and ignores a few bytes", () => {
  const kept = { ".": { env: 3_000, flag: 200, removed: 100, large: 10_000 }, "./sts": { sts: 5_000 } };
  const measured = { ".": { env: 3_031, flag: 183, large: 10_100, added: 50 }, "./sts": { sts: 4_949 } };
  assertEquals(compareSizes(kept, measured), [
    ". env: 1.0 % larger, 3,000 → 3,031 bytes",
    ". flag: 8.5 % smaller, 200 → 183 bytes",
    ". removed: gone, 100 bytes before",
    ". added: new, 50 bytes",
    "./sts sts: 1.0 % smaller, 5,000 → 4,949 bytes",
  ]);
  assertEquals(compareSizes({ ".": { env: 3_000, flag: 200 } }, { ".": { env: 2_970, flag: 216 } }), []);
});

Deno.test("the size test lists the exports that are larger than their ceiling", () => {
  const sizes = {
    ".": { flag: 250, env: 6_501, unlisted: 90_000 },
    "./hono": { describeRoute: 30_901 },
    "./testing": { env: 90_000 },
  };
  assertEquals(overCeiling(sizes), [
    ". env: 6,501 bytes, at most 6,500",
    "./hono describeRoute: 30,901 bytes, at most 30,900",
  ]);
});
