import { assertEquals } from "@std/assert";
import nodeFs from "node:fs";
import type { NodeFs } from "../../../src/core/runtime/globals.ts";
import { replaceFile, Rivals } from "../../../src/core/runtime/replace_file.ts";
import { testClock } from "../../../src/testing/mod.ts";
import { testInDirectory } from "../../support/fixtures/directory.ts";

const access = { mode: 0o600, exclusive: false } as const;

/** Returns the file system in which something happens, once, before an operation on a path. */
function before(operation: "renameSync" | "openSync", path: string, happens: () => void): NodeFs {
  let left = 1;
  const run = (name: keyof NodeFs, args: readonly unknown[]) => {
    if (name === operation && args.at(-1) !== "wx" && args.includes(path) && left-- > 0) happens();
    return (nodeFs[name] as (...args: readonly unknown[]) => unknown)(...args);
  };
  return new Proxy(nodeFs, {
    get: (fs, name: keyof NodeFs) =>
      typeof fs[name] === "function" ? (...args: unknown[]) => run(name, args) : fs[name],
  });
}

testInDirectory(
  "a writer is told that it won only if its change is not lost, whichever other writers come between",
  (directory) => {
    const path = `${directory}/a.json`;
    const change = (after: string) => ({ ...access, before: "old", after });
    Deno.writeTextFileSync(path, "old");
    const won: string[] = [];
    const write = (fs: NodeFs, after: string) => {
      if (replaceFile(fs, path, change(after), new Rivals(testClock()))) won.push(after);
    };
    // The first has looked at the document and renames as soon as the third has its file ready, which is after the second.
    const first = before("renameSync", path, () => {
      write(nodeFs, "second");
      let renamed = false;
      const third = before("openSync", path, () => {
        if (!renamed) nodeFs.renameSync(`${directory}/.a.json.next`, path);
        renamed = true;
      });
      write(third, "third");
    });
    write(first, "first");
    assertEquals(won, [Deno.readTextFileSync(path)]);
  },
);

testInDirectory("what a writer left that was killed holds up the next one for 200 ms at most", async (directory) => {
  const path = `${directory}/a.json`;
  Deno.writeTextFileSync(path, "old");
  Deno.writeTextFileSync(`${directory}/.a.json.next`, "left");
  const clock = testClock();
  const rivals = new Rivals(clock);
  const write = () => replaceFile(nodeFs, path, { ...access, before: "old", after: "new" }, rivals);
  assertEquals([write(), Deno.readTextFileSync(path)], [false, "old"]);
  await clock.advance(199);
  assertEquals(write(), false);
  await clock.advance(1);
  assertEquals([write(), Deno.readTextFileSync(path)], [true, "new"]);
  assertEquals([...Deno.readDirSync(directory)].map(({ name }) => name), ["a.json"]);
});
