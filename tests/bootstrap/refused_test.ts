import { assertEquals, assertRejects } from "@std/assert";
import fs from "node:fs";
import { createResolver, CredentialError, defineChain, file, required } from "../../mod.ts";
import { persist } from "../../src/bootstrap/mod.ts";
import { belongTogether, DOCUMENT, principalOf, principalResolver } from "../support/bootstrap/principal_chain.ts";
import { preparePrograms, run, type System } from "../support/bootstrap/programs.ts";
import { type Directory, makeDirectory } from "../support/fixtures/directory.ts";

/** Runs a test in a directory of its own, in which there is an old document. */
function test(name: string, run: (directory: Directory, t: Deno.TestContext) => Promise<void>): void {
  Deno.test(name, async (t) => {
    const directory = makeDirectory();
    try {
      await persist(principalResolver(directory.path), "polaris:oauth", principalOf("old"));
      await run(directory, t);
    } finally {
      Deno.chmodSync(directory.path, 0o700);
      directory.remove();
    }
  });
}

async function failure(directory: string): Promise<[string, string]> {
  const write = () => persist(principalResolver(directory), "polaris:oauth", principalOf("new"));
  const { code, message } = await assertRejects(write, CredentialError);
  return [code, message.replaceAll(directory, "DIR")];
}

function refusal(code: string, detail: string): [string, string] {
  return [code, `Cannot persist "polaris:oauth": "file" is ${code}: ${detail}`];
}

/** The old document is there whole, and nothing else. */
async function untouched({ path }: Directory): Promise<void> {
  assertEquals([...Deno.readDirSync(path)].map(({ name }) => name), [DOCUMENT]);
  const found = await principalResolver(path).resolve("polaris:oauth");
  assertEquals(found.get("client_id"), "id-old");
  assertEquals(belongTogether(found.get("client_id"), found.get("client_secret")), true);
}

/** The same program with no right that root has over others' files. */
function powerless({ name, command }: System): System {
  if (Deno.uid() !== 0) return { name, command };
  return { name, command: ["setpriv", "--bounding-set=-all", "--inh-caps=-all", ...command] };
}

/** The same program on a disk that takes not one more byte. */
function outOfSpace({ name, command }: System): System {
  return { name, command: ["sh", "-c", `trap "" XFSZ; ulimit -f 0; exec "$@"`, "sh", ...command] };
}

async function attempt(system: System, directory: string): Promise<unknown> {
  const { last } = await run(system, "try", directory);
  return JSON.parse(JSON.stringify(last).replaceAll(directory, "DIR"));
}

test(
  "a directory that can't be written is said, and the old document stays, on Deno, Bun and Node",
  async (directory, t) => {
    using programs = await preparePrograms();
    const [code, message] = refusal("denied", "no permission to read and write in DIR");
    Deno.chmodSync(directory.path, 0o500);
    for (const system of programs.systems) {
      await t.step(system.name, async () => {
        assertEquals(await attempt(powerless(system), directory.path), { code, message });
      });
    }
    await untouched(directory);
  },
);

test("a full disk is said, and the old document stays, on Deno, Bun and Node", async (directory, t) => {
  using programs = await preparePrograms();
  const [code, message] = refusal("unavailable", "no space is left for DIR");
  for (const system of programs.systems) {
    await t.step(system.name, async () => {
      assertEquals(await attempt(outOfSpace(system), directory.path), { code, message });
    });
  }
  await untouched(directory);
});

test("Deno's own permissions are named, and those of the directory alone are enough", async (directory) => {
  using programs = await preparePrograms();
  const [deno] = programs.systems;
  const only = (...flags: string[]) => ({
    ...deno!,
    command: deno!.command.flatMap((arg) => arg === "--allow-all" ? flags : arg),
  });
  const [code, message] = refusal("denied", "needs --allow-read=DIR and --allow-write=DIR");
  assertEquals(await attempt(only(`--allow-read=${directory.path}`), directory.path), { code, message });
  await untouched(directory);
  const { path } = directory;
  assertEquals(await attempt(only(`--allow-read=${path}`, `--allow-write=${path}`), path), "written");
});

test("a directory that vanishes while it is written to is said", async ({ path }) => {
  const { linkSync } = fs;
  fs.linkSync = (from, to) => {
    Deno.removeSync(path, { recursive: true });
    linkSync(from, to);
  };
  try {
    assertEquals(await failure(path), refusal("unavailable", "DIR does not exist"));
  } finally {
    fs.linkSync = linkSync;
    Deno.mkdirSync(path, { recursive: true });
  }
});

test("a file system without hard links takes a document all the same", async ({ path }) => {
  const { linkSync } = fs;
  fs.linkSync = () => {
    throw Object.assign(new Error("no links"), { code: "EPERM" });
  };
  try {
    await persist(principalResolver(path), "polaris:oauth", principalOf("new"));
  } finally {
    fs.linkSync = linkSync;
  }
  assertEquals((await principalResolver(path).resolve("polaris:oauth")).get("client_id"), "id-new");
  assertEquals([...Deno.readDirSync(path)].length, 1);
});

test("a document that is a link is written where it leads to, inside the directory", async ({ path }) => {
  Deno.mkdirSync(`${path}/versions`);
  Deno.renameSync(`${path}/${DOCUMENT}`, `${path}/versions/one.json`);
  Deno.symlinkSync("versions/one.json", `${path}/${DOCUMENT}`);
  await persist(principalResolver(path), "polaris:oauth", principalOf("new"));
  assertEquals(Deno.lstatSync(`${path}/${DOCUMENT}`).isSymlink, true);
  assertEquals(JSON.parse(Deno.readTextFileSync(`${path}/versions/one.json`)), { ...principalOf("new") });
  assertEquals([...Deno.readDirSync(`${path}/versions`)].map(({ name }) => name), ["one.json"]);
});

test("a document that is a link out of the directory, or to nothing, is refused", async ({ path }) => {
  const outside = Deno.makeTempFileSync();
  const document = `${path}/${DOCUMENT}`;
  const leadsTo = async (target: string) => {
    Deno.removeSync(document);
    Deno.symlinkSync(target, document);
    return await failure(path);
  };
  try {
    assertEquals(
      await leadsTo(outside),
      refusal("invalid", `${DOCUMENT} leads outside its directory: expected a path within it`),
    );
    assertEquals(Deno.readTextFileSync(outside), "");
    assertEquals(await leadsTo("nowhere"), refusal("invalid", `${DOCUMENT} is a link to a file that does not exist`));
    assertEquals(await leadsTo(DOCUMENT), refusal("invalid", "DIR does not lead to a file"));
  } finally {
    Deno.removeSync(outside);
  }
});

test("a document that is not a regular file is refused, and never waited for", async ({ path }) => {
  const document = `${path}/${DOCUMENT}`;
  Deno.removeSync(document);
  Deno.mkdirSync(document);
  assertEquals(await failure(path), refusal("invalid", `${DOCUMENT} is not a regular file`));
  Deno.removeSync(document);
  new Deno.Command("mkfifo", { args: [document] }).outputSync();
  assertEquals(await failure(path), refusal("invalid", `${DOCUMENT} is not a regular file`));
});

test("a directory whose path leads through a file is refused", async ({ path }) => {
  assertEquals(await failure(`${path}/${DOCUMENT}/deeper`), refusal("invalid", "DIR is not a directory"));
});

test("a document's name can't lead out of the directory", async ({ path }) => {
  for (const document of ["../outside.json", "/outside.json", "a/../../outside.json"]) {
    const chain = defineChain({
      stores: { file: file({ priority: 1, directory: path }) },
      credentials: { "a:b": { fields: { key: required() }, from: { file: document } } },
    });
    const write = () => persist(createResolver(chain), "a:b", { key: "not-a-secret" });
    const { message } = await assertRejects(write, CredentialError);
    assertEquals(
      message,
      `Cannot persist "a:b": "file" is invalid: ${document} leads outside its directory: expected a path within it`,
    );
  }
  const chain = defineChain({
    stores: { file: file({ priority: 1, directory: path }) },
    credentials: { "a:b": { fields: { key: required() }, from: { file: "deeper/inside.json" } } },
  });
  await persist(createResolver(chain), "a:b", { key: "not-a-secret" });
  assertEquals((await createResolver(chain).resolve("a:b")).get("key"), "not-a-secret");
});
