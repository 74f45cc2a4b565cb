import { assertEquals, assertRejects } from "@std/assert";
import { testInDirectory } from "./fixtures/directory.ts";
import { makeOnce } from "./make_once.ts";

testInDirectory(
  "makeOnce() lets one of concurrent callers fill a directory, and none sees a part of it",
  async (parent) => {
    const directory = `${parent}/cache/made`;
    const filled: number[] = [];
    await Promise.all(Array.from({ length: 5 }, async (_, caller) => {
      await makeOnce(directory, async (partial) => {
        filled.push(caller);
        await new Promise((resolve) => setTimeout(resolve));
        Deno.writeTextFileSync(`${partial}/file`, `${caller}`);
      });
      assertEquals(Deno.readTextFileSync(`${directory}/file`), `${filled[0]}`);
    }));
    assertEquals(filled.length, 1);
    assertEquals([...Deno.readDirSync(`${parent}/cache`)].map(({ name }) => name), ["made"]);
    await makeOnce(directory, () => Promise.reject(new Error("not again")));
  },
);

testInDirectory("makeOnce() leaves nothing of what could not be made", async (parent) => {
  const failing = makeOnce(`${parent}/made`, () => Promise.reject(new Error("no network")));
  await assertRejects(() => failing, Error, "no network");
  assertEquals([...Deno.readDirSync(parent)], []);
});
