import { assert, assertEquals, assertGreater, assertLess, assertMatch, assertStringIncludes } from "@std/assert";
import { persist } from "../../src/bootstrap/mod.ts";
import { belongTogether, DOCUMENT, principalOf, principalResolver } from "../support/bootstrap/principal_chain.ts";
import { makeDirectory } from "../support/fixtures/directory.ts";
import {
  preparePrograms,
  type Programs,
  run,
  type Running,
  start,
  type System,
} from "../support/bootstrap/programs.ts";

const KILLS = 100;
/** Ten seconds without a heartbeat, and a margin for a loaded machine. */
const MAX_TAKEOVER_MS = 20_000;

/** Starts a program with mounts of its own. */
const UNSHARED = ["unshare", "--mount", ...(Deno.uid() === 0 ? [] : ["--map-root-user"])];

/** Whether this machine allows mounting a small disk; a container may forbid that even to root. */
function mayMount(): boolean {
  const [program, ...args] = [...UNSHARED, "mount", "-t", "tmpfs", "tmpfs", "/mnt"];
  return new Deno.Command(program!, { args, stdout: "null", stderr: "null" }).outputSync().success;
}

/** Runs a test in a directory of its own. */
function test(
  name: string,
  run: (directory: string, programs: Programs, t: Deno.TestContext) => Promise<void>,
  ignore = false,
): void {
  Deno.test(name, { ignore }, async (t) => {
    using programs = await preparePrograms();
    const directory = makeDirectory();
    try {
      await run(directory.path, programs, t);
    } finally {
      directory.remove();
    }
  });
}

interface Ensured {
  readonly id: string;
  readonly secret: string;
  readonly orphans: readonly string[];
}

/** Starts a process that mints for some milliseconds, and waits until it does. */
async function startOwner(
  system: System,
  directory: string,
  milliseconds: number,
  ...more: readonly string[]
): Promise<Running> {
  const owner = start(system, "ensure", directory, "owner", milliseconds, ...more);
  assertEquals(await owner.next(), "minting");
  return owner;
}

test(
  "a writer that is killed at a hundred random times leaves one complete document",
  async (directory, { systems }) => {
    const resolver = principalResolver(directory);
    await persist(resolver, "polaris:oauth", principalOf(0));
    let rotations = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const writer = start(systems[kill % systems.length]!, "rotate", directory);
      // A machine under load may give a writer no time at all within some milliseconds: it has written first.
      for (let rotation = 1; rotation <= 1 + kill % 3; rotation++) assertEquals(await writer.next(), rotation);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 30));
      writer.kill("SIGKILL");
      await writer.status;
      const found = await principalResolver(directory).resolve("polaris:oauth");
      assert(belongTogether(found.get("client_id"), found.get("client_secret")));
      rotations += Number(found.get("client_id").slice(3));
    }
    assertGreater(rotations, KILLS, "expected the writers to write documents");
    const old = new Date(Date.now() - 120_000);
    for (const { name } of Deno.readDirSync(directory)) Deno.utimeSync(`${directory}/${name}`, old, old);
    await persist(resolver, "polaris:oauth", principalOf("last"));
    assertEquals([...Deno.readDirSync(directory)].map(({ name }) => name), [DOCUMENT]);
  },
);

test(
  "another process takes over from a killed minter within twenty seconds, on Deno, Bun and Node",
  async (parent, { systems }) => {
    await Promise.all(systems.map(async (system, at) => {
      const directory = `${parent}/${at}`;
      Deno.mkdirSync(directory);
      const owner = await startOwner(system, directory, 3_600_000);
      owner.kill("SIGKILL");
      await owner.status;
      const killedAt = Date.now();
      const { last } = await run(system, "ensure", directory, "successor", 0);
      assertLess(Date.now() - killedAt, MAX_TAKEOVER_MS, system.name);
      assertEquals(last, { id: "id-successor", secret: "not-a-secret-successor", orphans: [] }, system.name);
    }));
  },
);

test(
  "a mint that blocks its thread for longer than a lock lasts keeps its lock, and nothing is minted twice",
  async (parent, { systems }) => {
    const [deno] = systems;
    const limited = deno!.command.flatMap((arg) =>
      arg === "--allow-all" ? [`--allow-read=${parent}`, `--allow-write=${parent}`] : arg
    );
    const all = [...systems, { name: "Deno with permissions for its directory", command: limited }];
    await Promise.all(all.map(async (system, at) => {
      const directory = `${parent}/${at}`;
      Deno.mkdirSync(directory);
      const owner = await startOwner(system, directory, 15_000, "block");
      const { last } = await run(systems[at % systems.length]!, "ensure", directory, "other", 0);
      const expected = { id: "id-owner", secret: "not-a-secret-owner", orphans: [] };
      assertEquals([await owner.next(), last], [expected, expected], system.name);
      await owner.status;
      assertEquals(Deno.readTextFileSync(`${directory}/minted`), "owner\n", system.name);
      assertEquals([...Deno.readDirSync(directory)].map(({ name }) => name).sort(), ["minted", DOCUMENT], system.name);
    }));
  },
);

test(
  "a minter that continues after another process took over does not replace its credential",
  async (parent, { systems }) => {
    const cases = systems.flatMap((system) => [{ system, before: "" }, { system, before: "{}" }]);
    await Promise.all(cases.map(async ({ system, before }, at) => {
      const directory = `${parent}/${at}`;
      Deno.mkdirSync(directory);
      if (before) Deno.writeTextFileSync(`${directory}/${DOCUMENT}`, before);
      const owner = await startOwner(system, directory, 200);
      owner.kill("SIGSTOP");
      const { last } = await run(system, "ensure", directory, "successor", 0);
      assertEquals((last as Ensured).id, "id-successor", system.name);
      const committed = Deno.readTextFileSync(`${directory}/${DOCUMENT}`);
      owner.kill("SIGCONT");
      const expected = { id: "id-successor", secret: "not-a-secret-successor", orphans: ["id-owner"] };
      assertEquals(await owner.next(), expected, system.name);
      await owner.status;
      assertEquals(Deno.readTextFileSync(`${directory}/${DOCUMENT}`), committed, system.name);
    }));
  },
);

test(
  "the file is flushed, then renamed, then the directory is flushed, on Deno, Bun and Node",
  async (directory, { systems }, t) => {
    for (const system of systems) {
      for (const over of [false, true]) {
        await t.step(`${system.name}, ${over ? "over a document" : "without a document"}`, async () => {
          for (const { name } of Deno.readDirSync(directory)) Deno.removeSync(`${directory}/${name}`);
          if (over) await persist(principalResolver(directory), "polaris:oauth", principalOf("old"));
          const log = Deno.makeTempFileSync();
          const traced = [
            "strace",
            "-f",
            "-y",
            "-o",
            log,
            "-e",
            "trace=/^(fsync|fdatasync|rename|link)",
            ...system.command,
          ];
          await run({ ...system, command: traced }, "persist", directory, "new");
          const calls = Deno.readTextFileSync(log).split("\n").filter((line) => line.includes(directory));
          Deno.removeSync(log);
          const at = (pattern: RegExp) => calls.findIndex((call) => pattern.test(call));
          const flushed = at(/f(data)?sync\(\d+<[^>]*\.tmp>\)\s+= 0/);
          const renamed = at(new RegExp(`rename(at2?)?\\(.*/${DOCUMENT.replace(".", "\\.")}".*= 0`));
          const directoryFlushed = calls.findLastIndex((call) =>
            new RegExp(`fsync\\(\\d+<${directory}>\\)\\s+= 0`).test(call)
          );
          assert(flushed >= 0 && flushed < renamed && renamed < directoryFlushed, calls.join("\n"));
        });
      }
    }
  },
);

test("a full disk is reported, and the old document is kept", async (directory, { systems }, t) => {
  for (const system of systems) {
    await t.step(system.name, async () => {
      const script = [
        `mount -t tmpfs -o size=16k,mode=700 tmpfs "${directory}"`,
        `"$@" persist "${directory}" old >/dev/null`,
        `head -c 1000000 /dev/zero > "${directory}/filler" 2>/dev/null`,
        `"$@" try "${directory}"`,
        `cat "${directory}/${DOCUMENT}"`,
        `ls -A "${directory}"`,
      ].join("\n");
      const { stdout } = await new Deno.Command(UNSHARED[0]!, {
        args: [...UNSHARED.slice(1), "sh", "-c", script, "sh", ...system.command],
        stdin: "null",
        stderr: "inherit",
      }).output();
      const output = new TextDecoder().decode(stdout);
      assertStringIncludes(output, `no space is left for ${directory}`);
      assertStringIncludes(output, '"client_id": "id-old"');
      assertMatch(output, /}\nfiller\npolaris-principal\.json\n$/);
    });
  }
}, !mayMount());
