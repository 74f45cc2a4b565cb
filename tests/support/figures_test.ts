import { assertEquals } from "@std/assert";
import { compareFigures } from "./figures.ts";

Deno.test("a figure that was nothing may not become anything, however little", () => {
  const kept = { bytes: { warm: 0, cold: 12_000 } };
  const exact = { share: 0.01, least: 0 };
  assertEquals(compareFigures(kept, { bytes: { warm: 16, cold: 12_120 } }, "bytes", exact), [
    "bytes warm: larger, 0 → 16 bytes",
  ]);
  assertEquals(compareFigures(kept, { bytes: { warm: 0, cold: 11_879 } }, "bytes", exact), [
    "bytes cold: 1.0 % smaller, 12,000 → 11,879 bytes",
  ]);
});
