import { assertEquals, assertGreater } from "@std/assert";
import { persist } from "../../src/bootstrap/mod.ts";
import { DOCUMENT, principalOf, principalResolver } from "../support/bootstrap/principal_chain.ts";
import { preparePrograms, run, start } from "../support/bootstrap/programs.ts";
import { makeDirectory } from "../support/fixtures/directory.ts";

/** The number of writes of each writer. */
const WRITES = 50;
const READERS = 1_000;
const ROTATIONS = 100;

Deno.test("eight processes that call ensure() concurrently get one principal, which was minted once", async () => {
  using programs = await preparePrograms();
  const directory = makeDirectory();
  try {
    const systems = [...programs.systems, ...programs.systems];
    const ended = await Promise.all(systems.map((system, at) => run(system, "ensure", directory.path, `p${at}`, 500)));
    const answers = ended.map(({ last }) => last as { id: string; secret: string; orphans: string[] });
    const [minted, ...more] = Deno.readTextFileSync(`${directory.path}/minted`).trim().split("\n");
    assertEquals(more, []);
    const { client_id: id, client_secret: secret } = principalOf(minted!);
    assertEquals(answers, answers.map(() => ({ id, secret, orphans: [] })));
    assertEquals([...Deno.readDirSync(directory.path)].map(({ name }) => name).sort(), ["minted", DOCUMENT]);
  } finally {
    directory.remove();
  }
});

Deno.test("four processes that write to one document lose no credential", async () => {
  using programs = await preparePrograms();
  const directory = makeDirectory();
  try {
    const names = ["a", "b", "c", "d"];
    const ended = await Promise.all(
      programs.systems.map((system, at) => run(system, "share", directory.path, names[at]!, WRITES)),
    );
    assertEquals(ended.map(({ last }) => last), names.map(() => "written"));
    const document = JSON.parse(Deno.readTextFileSync(`${directory.path}/shared.json`));
    for (const name of names) assertEquals(document[name], { key: `${WRITES}` });
  } finally {
    directory.remove();
  }
});

Deno.test("a thousand readers during a hundred rotations never see an id with another rotation's secret", async () => {
  using programs = await preparePrograms();
  const [deno] = programs.systems;
  const directory = makeDirectory();
  try {
    await persist(principalResolver(directory.path), "polaris:oauth", principalOf(0));
    const reader = start(deno!, "read", directory.path, READERS, ROTATIONS);
    const writer = principalResolver(directory.path);
    for (let rotation = 1; rotation <= ROTATIONS; rotation++) {
      assertEquals(await reader.next(), "round");
      await persist(writer, "polaris:oauth", principalOf(rotation));
    }
    let found = await reader.next();
    while (found === "round") found = await reader.next();
    await reader.status;
    const { reads, mixed, rotations } = found as { reads: number; mixed: number; rotations: number };
    assertEquals(mixed, 0);
    assertGreater(reads, READERS * ROTATIONS - 1);
    assertGreater(rotations, ROTATIONS / 10, "they did not read during the rotations");
  } finally {
    directory.remove();
  }
});
