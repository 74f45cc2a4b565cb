import { assertEquals, assertThrows } from "@std/assert";
import { parseOptions } from "./options.ts";

const rows = ["warm", "cold"];

Deno.test("the benchmark takes rows and runtimes, and all of them by default", () => {
  const all = ["deno", "bun", "node-24", "node-20"] as const;
  assertEquals(parseOptions([], rows), { rows, runtimes: all, quick: false, write: false, redraw: false });
  assertEquals(parseOptions(["--write"], rows), { rows, runtimes: all, quick: false, write: true, redraw: false });
  assertEquals(parseOptions(["cold", "--runtime=node-24,deno", "--quick"], rows), {
    rows: ["cold"],
    runtimes: ["deno", "node-24"],
    quick: true,
    write: false,
    redraw: false,
  });
});

Deno.test("an unknown row, option or runtime of the benchmark is refused with what there is", () => {
  const refused: readonly (readonly [string, string])[] = [
    ["wram", `Cannot find the row "wram": the rows are warm, cold`],
    [
      "--rounds=3",
      `Cannot find the option "--rounds=3": the options are --quick, --write, --redraw, --runtime=deno,bun,node-24,node-20`,
    ],
    ["--runtime", `Cannot find the option "--runtime"`],
    ["--runtime=node", `Cannot find the runtime "node": the runtimes are deno, bun, node-24, node-20`],
    ["--runtime=", `Cannot find the runtime "": the runtimes are deno, bun, node-24, node-20`],
  ];
  for (const [arg, message] of refused) assertThrows(() => parseOptions([arg], rows), Error, message);
});

Deno.test("published figures are never of few rounds or of a part", () => {
  for (const arg of ["--quick", "warm", "--runtime=deno"]) {
    assertThrows(() => parseOptions(["--write", arg], rows), Error, "Cannot write the results: expected all rows");
  }
});

Deno.test("what is only drawn again is not measured", () => {
  assertEquals(parseOptions(["--redraw"], rows).redraw, true);
  assertThrows(() => parseOptions(["--redraw", "warm"], rows), Error, "expected --redraw alone");
});
