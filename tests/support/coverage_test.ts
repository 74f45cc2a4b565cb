import { assertEquals } from "@std/assert";
import { lineCoverage, readLcov } from "./coverage.ts";

const LCOV = `SF:/package/src/core/chain/chain.ts
FNF:1
FNH:1
DA:1,12
DA:2,0
LH:1
LF:2
end_of_record
SF:/package/src/core/engine/plan.ts
LH:98
LF:98
end_of_record
SF:/package/src/cli/run.ts
LH:0
LF:50
end_of_record
`;

Deno.test("the coverage of a folder counts the lines of all its files, and of no other file", () => {
  const files = readLcov(LCOV);
  assertEquals(files[0], { path: "/package/src/core/chain/chain.ts", lines: 2, covered: 1 });
  assertEquals(files.length, 3);
  assertEquals(lineCoverage(files, "/package/src/core/")!, 99);
  assertEquals(lineCoverage(files, "/package/src/")!, 66);
});

Deno.test("a folder that no test loads has no coverage, not full coverage", () => {
  assertEquals(lineCoverage(readLcov(LCOV), "/package/src/otel/"), undefined);
  assertEquals(lineCoverage(readLcov(""), "/package/src/"), undefined);
});
