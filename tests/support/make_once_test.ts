import { assertEquals, assertRejects } from "@std/assert";
import { testInDirectory } from "./fixtures/directory.ts";
import { makeOnce } from "./make_once.ts";

testInDirectory(
  "makeOnce() gives concurrent callers one complete directory, and leaves nothing else",
  async (parent) => {
    const directory = `${parent}/cache/made`;
    let filled = 0;
    const { promise: all, resolve } = Promise.withResolvers<void>();
    await Promise.all(Array.from({ length: 5 }, (_, caller) =>
      makeOnce(directory, async (partial) => {
        Deno.writeTextFileSync(`${partial}/first`, `${caller}`);
        if (++filled === 5) resolve();
        await all;
        Deno.writeTextFileSync(`${partial}/second`, `${caller}`);
      })));
    const [first, second] = ["first", "second"].map((name) => Deno.readTextFileSync(`${directory}/${name}`));
    assertEquals(first, second);
    assertEquals([...Deno.readDirSync(`${parent}/cache`)].map(({ name }) => name), ["made"]);
    await makeOnce(directory, () => Promise.reject(new Error("not again")));
  },
);

testInDirectory("makeOnce() leaves nothing of what could not be made", async (parent) => {
  const failing = makeOnce(`${parent}/made`, () => Promise.reject(new Error("no network")));
  await assertRejects(() => failing, Error, "no network");
  assertEquals([...Deno.readDirSync(parent)], []);
});
