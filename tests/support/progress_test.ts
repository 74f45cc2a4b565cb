import { assertEquals, assertRejects } from "@std/assert";
import { testClock } from "../../src/testing/test_clock.ts";
import { announced } from "./progress.ts";

function recording() {
  const lines: string[] = [];
  return { lines, clock: testClock(), print: (line: string) => void lines.push(line) };
}

Deno.test("a step is announced before it begins, and after every ten seconds without a word", async () => {
  const { lines, ...announcing } = recording();
  const { promise, resolve } = Promise.withResolvers<number>();
  const done = announced("Types", "checking them", () => {
    lines.push("begun");
    return promise;
  }, announcing);
  await announcing.clock.advance(25_000);
  resolve(7);
  assertEquals(await done, 7);
  assertEquals(lines, [
    "Types: checking them",
    "begun",
    "Types: 10 s so far",
    "Types: 20 s so far",
  ]);
  assertEquals(announcing.clock.timers, 0);
});

Deno.test("a step that prints something itself is not interrupted", async () => {
  const { lines, ...announcing } = recording();
  await announced("Tests", "all of them", async (heard) => {
    for (let tests = 0; tests < 5; tests++) {
      await announcing.clock.advance(9_000);
      heard();
    }
    await announcing.clock.advance(11_000);
  }, announcing);
  assertEquals(lines, ["Tests: all of them", "Tests: 55 s so far"]);
});

Deno.test("a step that fails is not said to go on", async () => {
  const { lines, ...announcing } = recording();
  await assertRejects(() =>
    announced("Package", "building it", () => Promise.reject(new Error("no network")), announcing)
  );
  await announcing.clock.advance(60_000);
  assertEquals(lines, ["Package: building it"]);
});
