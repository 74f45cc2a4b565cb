/**
 * What must hold on the runtimes that have files besides: Deno, Bun and Node. A check may import `node:` modules.
 *
 * @module
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expectEqual } from "./expect.ts";
import type { Checks } from "./table.ts";

/** The checks, by what a user would lose. */
export const fileChecks: Checks = {
  "a runtime with files reads through getBuiltinModule what it wrote": async () => {
    const directory = await mkdtemp(join(tmpdir(), "checks-"));
    try {
      await writeFile(join(directory, "value"), "as written");
      const files = globalThis.process.getBuiltinModule("node:fs/promises");
      expectEqual(await files.readFile(join(directory, "value"), "utf8"), "as written");
      expectEqual(await readFile(join(directory, "value"), "utf8"), "as written");
    } finally {
      await rm(directory, { recursive: true });
    }
  },
};
