import { assert, assertEquals, assertGreater } from "@std/assert";
import { persist } from "../../src/bootstrap/mod.ts";
import { belongTogether, DOCUMENT, principalOf, principalResolver } from "../support/bootstrap/principal_chain.ts";
import { preparePrograms, run, type System } from "../support/bootstrap/programs.ts";
import { makeDirectory } from "../support/fixtures/directory.ts";

const MINUTE = 60_000;

/** Kills a writer after its first file operation, then after its second, and so on, and returns what a reader found each time. */
async function killAfterEachOperation(
  system: System,
  directory: string,
  before: string | undefined,
): Promise<(string | undefined)[]> {
  const seen: (string | undefined)[] = [];
  for (let operations = 1;; operations++) {
    for (const { name } of Deno.readDirSync(directory)) Deno.removeSync(`${directory}/${name}`);
    if (before) await persist(principalResolver(directory), "polaris:oauth", principalOf(before));
    const { status, last } = await run(system, "persist", directory, "new", operations);
    const found = await principalResolver(directory).find("polaris:oauth");
    if (found) assert(belongTogether(found.get("client_id"), found.get("client_secret")), system.name);
    seen.push(found?.get("client_id"));
    assertEquals([...Deno.readDirSync(directory)].filter(({ name }) => name === DOCUMENT).length, found ? 1 : 0);
    if (status.signal === null) {
      assertEquals([status.code, last], [0, "written"]);
      return seen;
    }
    await assertCleanedUp(directory);
  }
}

/** Asserts that the next writer succeeds, and removes what a killed one left more than a minute ago. */
async function assertCleanedUp(directory: string): Promise<void> {
  const old = new Date(Date.now() - 2 * MINUTE);
  for (const { name } of Deno.readDirSync(directory)) {
    if (name.endsWith(".tmp")) Deno.utimeSync(`${directory}/${name}`, old, old);
  }
  await persist(principalResolver(directory), "polaris:oauth", principalOf("next"));
  assertEquals([...Deno.readDirSync(directory)].map(({ name }) => name), [DOCUMENT]);
}

Deno.test("a writer that is killed leaves the whole old document or the whole new one, on Deno, Bun and Node", async (t) => {
  using programs = await preparePrograms();
  for (const system of programs.systems) {
    for (const before of ["old", undefined]) {
      await t.step(`${system.name}, ${before ? "over a document" : "without a document"}`, async () => {
        const directory = makeDirectory();
        try {
          const seen = await killAfterEachOperation(system, directory.path, before && "old");
          const previous = before && "id-old";
          const turn = seen.indexOf("id-new");
          assertGreater(turn, 4, "writing, flushing and linking come before the rename");
          assertEquals(seen, seen.map((_, at) => at < turn ? previous : "id-new"));
        } finally {
          directory.remove();
        }
      });
    }
  }
});

Deno.test("a temporary file younger than a minute is not removed, since its writer may still be running", async () => {
  const directory = makeDirectory();
  try {
    const theirs = `.${DOCUMENT}.theirs.tmp`;
    Deno.writeTextFileSync(`${directory.path}/${theirs}`, "");
    await persist(principalResolver(directory.path), "polaris:oauth", principalOf(1));
    assertEquals([...Deno.readDirSync(directory.path)].map(({ name }) => name).sort(), [theirs, DOCUMENT].sort());
  } finally {
    directory.remove();
  }
});
