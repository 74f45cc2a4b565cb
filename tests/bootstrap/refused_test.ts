import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import fs from "node:fs";
import { createResolver, CredentialError, defineChain, file, required } from "../../mod.ts";
import { ensure, persist } from "../../src/bootstrap/mod.ts";
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

/** Asserts that the old document is unchanged, and the only file. */
async function assertUnchanged({ path }: Directory): Promise<void> {
  assertEquals([...Deno.readDirSync(path)].map(({ name }) => name), [DOCUMENT]);
  const found = await principalResolver(path).resolve("polaris:oauth");
  assertEquals(found.get("client_id"), "id-old");
  assertEquals(belongTogether(found.get("client_id"), found.get("client_secret")), true);
}

/** The same program without root's permission to access every file. */
function unprivileged({ name, command }: System): System {
  if (Deno.uid() !== 0) return { name, command };
  return { name, command: ["setpriv", "--bounding-set=-all", "--inh-caps=-all", ...command] };
}

/** The same program with a limit of 0 bytes for each file, like a full disk. */
function outOfSpace({ name, command }: System): System {
  return { name, command: ["sh", "-c", `trap "" XFSZ; ulimit -f 0; exec "$@"`, "sh", ...command] };
}

async function attempt(system: System, directory: string): Promise<unknown> {
  const { last } = await run(system, "try", directory);
  return JSON.parse(JSON.stringify(last).replaceAll(directory, "DIR"));
}

test(
  "a directory that cannot be written to is reported, and the old document is kept, on Deno, Bun and Node",
  async (directory, t) => {
    using programs = await preparePrograms();
    const [code, message] = refusal("denied", "no permission to read and write in DIR");
    Deno.chmodSync(directory.path, 0o500);
    for (const system of programs.systems) {
      await t.step(system.name, async () => {
        assertEquals(await attempt(unprivileged(system), directory.path), { code, message });
      });
    }
    await assertUnchanged(directory);
  },
);

test("a full disk is reported, and the old document is kept, on Deno, Bun and Node", async (directory, t) => {
  using programs = await preparePrograms();
  const [code, message] = refusal("unavailable", "no space is left for DIR");
  for (const system of programs.systems) {
    await t.step(system.name, async () => {
      assertEquals(await attempt(outOfSpace(system), directory.path), { code, message });
    });
  }
  await assertUnchanged(directory);
});

test("persist() names the Deno permissions that it lacks, and needs them for the directory only", async (directory) => {
  using programs = await preparePrograms();
  const [deno] = programs.systems;
  const only = (...flags: string[]) => ({
    ...deno!,
    command: deno!.command.flatMap((arg) => arg === "--allow-all" ? flags : arg),
  });
  const [code, message] = refusal("denied", "needs --allow-read=DIR and --allow-write=DIR");
  assertEquals(await attempt(only(`--allow-read=${directory.path}`), directory.path), { code, message });
  await assertUnchanged(directory);
  const { path } = directory;
  assertEquals(await attempt(only(`--allow-read=${path}`, `--allow-write=${path}`), path), "written");
});

test("a document that is nested deep keeps what is nested as it is, or is refused and kept as a whole", async ({ path }) => {
  const nested = (depth: number) => `"note":${"[".repeat(depth)}${"]".repeat(depth)}}`;
  for (const depth of [2_000, 10_000, 30_000, 200_000]) {
    const before = `{"client_id":"id","client_secret":"not-a-secret",${nested(depth)}`;
    Deno.writeTextFileSync(`${path}/${DOCUMENT}`, before);
    const failed = await persist(principalResolver(path), "polaris:oauth", principalOf("new")).catch((error) => error);
    const after = Deno.readTextFileSync(`${path}/${DOCUMENT}`);
    if (failed instanceof CredentialError) {
      assertEquals([failed.code, depth > 2_000], ["invalid", true]);
      assertMatch(failed.message, /would be larger than 1024 KiB|cannot be written as JSON/);
      assertEquals(after, before);
    } else {
      assertEquals(after, `{"client_id":"id-new","client_secret":"not-a-secret-new",${nested(depth)}`);
    }
  }
});

test("a directory that is removed during a write is reported", async ({ path }) => {
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

test("persist() works on a file system without hard links", async ({ path }) => {
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

test("the target of a document that is a link inside the directory is written", async ({ path }) => {
  Deno.mkdirSync(`${path}/versions`);
  Deno.renameSync(`${path}/${DOCUMENT}`, `${path}/versions/one.json`);
  Deno.symlinkSync("versions/one.json", `${path}/${DOCUMENT}`);
  await persist(principalResolver(path), "polaris:oauth", principalOf("new"));
  assertEquals(Deno.lstatSync(`${path}/${DOCUMENT}`).isSymlink, true);
  assertEquals(JSON.parse(Deno.readTextFileSync(`${path}/versions/one.json`)), { ...principalOf("new") });
  assertEquals([...Deno.readDirSync(`${path}/versions`)].map(({ name }) => name), ["one.json"]);
});

test("a document that is a link out of the directory, or to no file, is refused", async ({ path }) => {
  const outside = Deno.makeTempFileSync();
  const document = `${path}/${DOCUMENT}`;
  const failureOfLink = async (target: string) => {
    Deno.removeSync(document);
    Deno.symlinkSync(target, document);
    return await failure(path);
  };
  try {
    assertEquals(
      await failureOfLink(outside),
      refusal("invalid", `${DOCUMENT} leads outside its directory: expected a path within it`),
    );
    assertEquals(Deno.readTextFileSync(outside), "");
    assertEquals(
      await failureOfLink("nowhere"),
      refusal("invalid", `${DOCUMENT} is a link to a file that does not exist`),
    );
    assertEquals(await failureOfLink(DOCUMENT), refusal("invalid", "DIR does not lead to a file"));
  } finally {
    Deno.removeSync(outside);
  }
});

test("a document that is not a regular file, such as a FIFO, is refused without blocking", async ({ path }) => {
  const document = `${path}/${DOCUMENT}`;
  Deno.removeSync(document);
  Deno.mkdirSync(document);
  assertEquals(await failure(path), refusal("invalid", `${DOCUMENT} is not a regular file`));
  Deno.removeSync(document);
  new Deno.Command("mkfifo", { args: [document] }).outputSync();
  assertEquals(await failure(path), refusal("invalid", `${DOCUMENT} is not a regular file`));
});

test("a directory whose path contains a file is refused", async ({ path }) => {
  assertEquals(await failure(`${path}/${DOCUMENT}/deeper`), refusal("invalid", "DIR is not a directory"));
});

test("a document's name cannot lead out of the directory", async ({ path }) => {
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

test("a FIFO in the lock's place is reported, and does not freeze the process", async ({ path }) => {
  Deno.removeSync(`${path}/${DOCUMENT}`);
  const lock = `.${DOCUMENT}.lock`;
  await new Deno.Command("mkfifo", { args: [`${path}/${lock}`] }).output();
  // Hint: a reader that waits for a writer of the FIFO gets one, so that this test ends.
  const rescue = new Deno.Command("sh", { args: ["-c", `sleep 10; echo x > "$1"`, "sh", `${path}/${lock}`] }).spawn();
  const since = Date.now();
  const minting = () => ensure(principalResolver(path), "polaris:oauth", () => Promise.resolve(principalOf("new")));
  const { message } = await assertRejects(minting, CredentialError);
  assertEquals(message.endsWith(`"file" is invalid: ${lock} is not a regular file`), true);
  assertEquals(Date.now() - since < 5_000, true);
  rescue.kill();
  await rescue.status;
});
