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

testInDirectory(
  "what a killed writer left is removed by one writer alone, and not what another put in its place",
  async (directory) => {
    const path = `${directory}/a.json`;
    const next = `${directory}/.a.json.next`;
    Deno.writeTextFileSync(path, "of a third");
    Deno.writeTextFileSync(next, "left");
    const left = nodeFs.lstatSync(next);
    const clock = testClock();
    const [ours, theirs] = [new Rivals(clock), new Rivals(clock)];
    for (const each of [ours, theirs]) each.isStuck(left);
    await clock.advance(200);
    // Ours has its file ready when theirs, which looked before that and is based on an older document, goes on.
    const fs = before("renameSync", path, () => {
      const atCheck = before("openSync", path, () => nodeFs.renameSync(next, path));
      let looks = 0;
      const lstatSync = (at: string, options?: object) =>
        at === next && looks++ === 0 ? left : nodeFs.lstatSync(at, options);
      const lookedBefore = new Proxy(atCheck, {
        get: (fs, name: keyof NodeFs) => name === "lstatSync" ? lstatSync : fs[name],
      });
      assertEquals(replaceFile(lookedBefore, path, { ...access, before: "older", after: "theirs" }, theirs), false);
    });
    const won = replaceFile(fs, path, { ...access, before: "of a third", after: "ours" }, ours);
    assertEquals(Deno.readTextFileSync(path), won ? "ours" : "of a third");
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
