import { assertEquals } from "@std/assert";
import { rootUrl } from "../support/closed_network/root.ts";
import { filesBelow } from "../support/repository_files.ts";
import { ALONE, readSummary } from "./run_tests.ts";

/** What belongs to the whole process, in which other tests run at the same time. */
const OF_THE_PROCESS = /\b(?:Deno|process)\.(?:chdir|umask|memoryUsage)\(/;

Deno.test("a test that changes or measures the process runs while no other does", () => {
  const files = filesBelow("tests/").filter((path) => path.endsWith("_test.ts") && !path.startsWith("tests/slow/"));
  assertEquals(ALONE.filter((path) => !files.includes(path)), []);
  const texts = files.filter((path) => OF_THE_PROCESS.test(Deno.readTextFileSync(new URL(path, rootUrl))));
  assertEquals(texts.filter((path) => !ALONE.includes(path)), []);
});

Deno.test("the counts are those of the last summary, in colour or not, and none without one", () => {
  const failed =
    "running 1 test from ./a_test.ts\nok | 9 passed | 0 failed (1s)\n\nFAILED | 12 passed (3 steps) | 1 failed (2m)\n";
  assertEquals(readSummary(failed), { passed: 12, failed: 1 });
  assertEquals(readSummary("\x1b[32mok\x1b[0m | 3 passed | 0 failed | 1 ignored \x1b[90m(1s)\x1b[0m\n"), {
    passed: 3,
    failed: 0,
  });
  assertEquals(readSummary("error: Type checking failed.\n"), { passed: 0, failed: 0 });
});
