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

test("ensure() refuses a document that is nested too deep before it mints, and a minted value that is goes to onOrphan", async ({ path }) => {
  const any = { "~standard": { version: 1 as const, vendor: "test", validate: (value: unknown) => ({ value }) } };
  const resolver = () =>
    createResolver(defineChain({
      stores: { file: file({ priority: 1, directory: path }) },
      credentials: {
        "a:b": { fields: { key: required(any) }, from: { file: { document: DOCUMENT, fields: { key: "/a/key" } } } },
        // Hint: in a document that others share, an absent section is a miss.
        "a:other": {
          fields: { key: required(any) },
          from: { file: { document: DOCUMENT, fields: { key: "/b/key" } } },
        },
      },
    }));
  const problem = `a value of ${DOCUMENT} cannot be written as JSON`;
  const tooDeep = `"file" is invalid: ${problem}: it is nested more than 2048 levels deep`;
  const nested = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;
  const orphans: unknown[] = [];
  const minting = (value: unknown) =>
    ensure(resolver(), "a:b", () => ({ key: value }), { onOrphan: ({ key }) => void orphans.push(key) });
  const refused = async (value: unknown, minted: boolean, reason = tooDeep) => {
    const { code, message } = await assertRejects(() => minting(value), CredentialError);
    assertEquals([code, message, orphans.length], ["invalid", `Cannot ensure "a:b": ${reason}`, minted ? 1 : 0]);
    orphans.length = 0;
  };
  const around = (levels: number) => `{"x":${nested(levels)}}`;
  Deno.writeTextFileSync(`${path}/${DOCUMENT}`, around(2_048));
  await refused("minted", false);
  assertEquals(Deno.readTextFileSync(`${path}/${DOCUMENT}`), around(2_048));
  Deno.writeTextFileSync(`${path}/${DOCUMENT}`, "{}");
  await refused(JSON.parse(nested(30_000)), true);
  const circular: unknown[] = [];
  circular.push(circular, circular);
  await refused(circular, true);
  await refused({ toJSON: () => circular }, true, `"file" is invalid: ${problem}`);
  Deno.writeTextFileSync(`${path}/${DOCUMENT}`, around(2_047));
  await persist(resolver(), "a:b", { key: "written" });
  assertEquals(Deno.readTextFileSync(`${path}/${DOCUMENT}`), `${around(2_047).slice(0, -1)},"a":{"key":"written"}}`);
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
      refusal("invalid", `DIR/${DOCUMENT} leads outside its directory: expected a path within it`),
    );
    assertEquals(Deno.readTextFileSync(outside), "");
    assertEquals(
      await failureOfLink("nowhere"),
      refusal("invalid", `DIR/${DOCUMENT} is a link to a file that does not exist`),
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
  assertEquals(await failure(path), refusal("invalid", `DIR/${DOCUMENT} is not a regular file`));
  Deno.removeSync(document);
  new Deno.Command("mkfifo", { args: [document] }).outputSync();
  assertEquals(await failure(path), refusal("invalid", `DIR/${DOCUMENT} is not a regular file`));
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
  const rescue = rescuer(`${path}/${lock}`);
  const minting = () => ensure(principalResolver(path), "polaris:oauth", () => Promise.resolve(principalOf("new")));
  const { message } = await assertRejects(minting, CredentialError);
  assertEquals(message.endsWith(`"file" is invalid: ${lock} is not a regular file`), true);
  rescue.kill();
  assertEquals((await rescue.status).signal, "SIGTERM", "the process was frozen until it was rescued");
});

test("a document that grows while it is read is refused at its bound", async ({ path }) => {
  const { readSync } = fs;
  Deno.writeTextFileSync(`${path}/${DOCUMENT}`, JSON.stringify({ ...principalOf("old"), note: "x".repeat(100_000) }));
  let reads = 0;
  fs.readSync = ((_: number, into: Uint8Array) => {
    reads++;
    into.fill(0x20);
    return into.length;
  }) as typeof readSync;
  try {
    const [code, message] = await failure(path);
    assertEquals([code, message.includes(`${DOCUMENT}: the file is larger than 1024 KiB`)], ["invalid", true]);
    assertEquals(reads < 100, true);
  } finally {
    fs.readSync = readSync;
  }
});

const STEPS = ["openSync", "readSync", "fstatSync", "linkSync", "renameSync"] as const;

/** Persists a credential while a directory on its way is replaced by a link to another one, at one of the operations. */
async function persistDuringSwap(path: string, outside: string, step: typeof STEPS[number], at: number) {
  Deno.mkdirSync(`${path}/state/inner`, { recursive: true });
  const original = fs[step] as (...args: unknown[]) => unknown;
  const { closeSync } = fs;
  const seen: string[] = [];
  let calls = 0;
  const look = () => {
    for (const { name } of Deno.readDirSync(outside)) seen.push(Deno.readTextFileSync(`${outside}/${name}`));
  };
  fs[step] = ((...args: unknown[]) => {
    if (++calls === at) {
      Deno.renameSync(`${path}/state/inner`, `${path}/moved`);
      Deno.symlinkSync(outside, `${path}/state/inner`);
    }
    return original(...args);
  }) as never;
  fs.closeSync = (file) => {
    look();
    closeSync(file);
  };
  const chain = defineChain({
    stores: { file: file({ priority: 1, directory: `${path}/state` }) },
    credentials: { "a:b": { fields: { key: required() }, from: { file: `inner/${DOCUMENT}` } } },
  });
  try {
    await persist(createResolver(chain), "a:b", { key: "not-a-secret" }).catch(() => {});
  } finally {
    Object.assign(fs, { [step]: original, closeSync });
  }
  look();
  return { seen, swapped: calls >= at };
}

test("nothing is written in another directory that takes a directory's place during a write", async ({ path }) => {
  const outside = makeDirectory();
  let swaps = 0;
  for (const theirs of [undefined, '{"client_id":"theirs","note":"outside"}']) {
    for (const step of STEPS) {
      for (let at = 1; at <= 6; at++) {
        if (theirs) Deno.writeTextFileSync(`${outside.path}/${DOCUMENT}`, theirs);
        const { seen, swapped } = await persistDuringSwap(path, outside.path, step, at);
        if (swapped) swaps++;
        assertEquals(seen.filter((text) => text !== theirs && text !== ""), [], `${step} ${at}`);
        assertEquals([...Deno.readDirSync(outside.path)].length, theirs ? 1 : 0, `${step} ${at}`);
        for (const name of swapped ? ["state", "moved"] : ["state"]) {
          Deno.removeSync(`${path}/${name}`, { recursive: true });
        }
        if (!swapped) break;
      }
    }
  }
  assertEquals(swaps > 15, true);
  outside.remove();
});

test("no directory is made outside, where one on the way is a link that leads there", async ({ path }) => {
  const outside = makeDirectory();
  Deno.symlinkSync(outside.path, `${path}/out`);
  const chain = defineChain({
    stores: { file: file({ priority: 1, directory: path }) },
    credentials: { "a:b": { fields: { key: required() }, from: { file: "out/deeper/a.json" } } },
  });
  for (
    const write of [
      () => persist(createResolver(chain), "a:b", { key: "not-a-secret" }),
      () => ensure(createResolver(chain), "a:b", () => ({ key: "not-a-secret" })),
    ]
  ) {
    const { message } = await assertRejects(write, CredentialError);
    assertEquals(message.endsWith("out/deeper/a.json leads outside its directory: expected a path within it"), true);
  }
  assertEquals([...Deno.readDirSync(outside.path)], []);
  outside.remove();
});

test("a document with what is left of broken UTF-8 is refused, and kept as it was", async ({ path }) => {
  const bytes = Uint8Array.from([...new TextEncoder().encode('{"note":"'), 0xff, ...new TextEncoder().encode('"}')]);
  Deno.writeFileSync(`${path}/${DOCUMENT}`, bytes);
  assertEquals(await failure(path), refusal("invalid", `DIR/${DOCUMENT} is not valid UTF-8 text`));
  assertEquals(Deno.readFileSync(`${path}/${DOCUMENT}`), bytes);
});

test("a FIFO that takes a document's place after it was looked at does not freeze the process", async ({ path }) => {
  const { lstatSync } = fs;
  const rescue = rescuer(`${path}/${DOCUMENT}`);
  const swapping = (...args: Parameters<typeof lstatSync>) => {
    const info = lstatSync(...args);
    if (args[0] === `${path}/${DOCUMENT}` && info?.isFile()) {
      Deno.removeSync(`${path}/${DOCUMENT}`);
      new Deno.Command("mkfifo", { args: [`${path}/${DOCUMENT}`] }).outputSync();
    }
    return info;
  };
  Object.assign(fs, { lstatSync: swapping });
  try {
    assertEquals(await failure(path), refusal("invalid", `DIR/${DOCUMENT} is not a regular file`));
  } finally {
    Object.assign(fs, { lstatSync });
    rescue.kill();
  }
  assertEquals((await rescue.status).signal, "SIGTERM", "the process was frozen until it was rescued");
});

/** Starts a writer of a FIFO, which a reader that waits for one gets some time later, so that its test ends. */
function rescuer(path: string): Deno.ChildProcess {
  const args = ["-c", `sleep 30; echo x > "$1"`, "sh", path];
  return new Deno.Command("sh", { args, stdin: "null", stdout: "null", stderr: "null" }).spawn();
}
