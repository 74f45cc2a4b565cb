import { assertEquals } from "@std/assert";
import {
  createResolver,
  defineChain,
  file,
  fromEnv,
  memory,
  type PathInfo,
  required,
  runtimeFiles,
} from "../../mod.ts";
import { persist } from "../../src/bootstrap/mod.ts";
import { directoriesOf } from "../../src/report/guidance/directories.ts";
import { ambient } from "../../src/core/runtime/ambient.ts";
import { explain, lint, permissions } from "../../src/report/mod.ts";
import { testClock, testHost } from "../../src/testing/mod.ts";
import { type Directory, makeDirectory } from "../support/fixtures/directory.ts";
import { rejection } from "../support/fixtures/rejection.ts";
import { LOGIN, smallChain } from "../support/fixtures/small_chain.ts";

function resolverOf(directory: string, document = "db.json", sync = true) {
  const { chain } = smallChain({ file: file({ priority: 1, directory, sync }) }, { file: document }, { fields: LOGIN });
  return createResolver(chain);
}

const TOKEN = { token: required() };
const TOKEN_FILE = { document: "token.txt", text: true, fields: { token: "" } } as const;
const GOOD = '{"user":"u","password":"p"}';
const DETAILS: readonly (readonly [string, (directory: Directory) => unknown, string, string?])[] = [
  [
    "JSON that is cut off in the middle",
    write('{\n  "user": "u",\n  "pass'),
    "DIR/db.json:3:8 is not valid JSON: expected a JSON object",
  ],
  [
    "JSON with a syntax error",
    write('{"user":"u",}'),
    "DIR/db.json:1:13 is not valid JSON: expected a JSON object",
  ],
  [
    "JSON with a syntax error that the runtime gives no position for",
    write('{"user": u}'),
    "DIR/db.json:1:10 is not valid JSON: expected a JSON object",
  ],
  ["an empty file", write(""), "DIR/db.json is empty: expected a JSON object"],
  ["a blank file", write(" \n\t"), "DIR/db.json is empty: expected a JSON object"],
  ["an array", write('["u"]'), "db.json is an array: expected a JSON object"],
  ["a string", write('"u"'), "db.json is a scalar: expected a JSON object"],
  ["a number instead of a string", write('{"user":"u","password":7}'), "db.json#password is not text"],
  [
    "bytes that are not UTF-8",
    (at) => Deno.writeFileSync(`${at.path}/db.json`, new Uint8Array([0xff, 0xfe])),
    "DIR/db.json is not valid UTF-8 text",
  ],
  ["a file of 2 MiB", write(`{"user":"${"u".repeat(2 * 1024 * 1024)}"}`), "DIR/db.json is larger than 1024 KiB"],
  [
    "a FIFO",
    (at) => new Deno.Command("mkfifo", { args: [`${at.path}/db.json`] }).outputSync(),
    "DIR/db.json is not a regular file",
  ],
  ["a directory", (at) => Deno.mkdirSync(`${at.path}/db.json`), "DIR/db.json is not a regular file"],
  ["a path with ..", () => {}, "../db.json leads outside its directory: expected a path within it", "../db.json"],
  [
    "a path with .. in it",
    () => {},
    "a/../db.json leads outside its directory: expected a path within it",
    "a/../db.json",
  ],
  [
    "an absolute path",
    () => {},
    "/etc/hostname leads outside its directory: expected a path within it",
    "/etc/hostname",
  ],
  [
    "a link out of the directory",
    (at) => Deno.symlinkSync("/etc/hostname", `${at.path}/db.json`),
    "DIR/db.json leads outside its directory by a link: expected a path within it",
  ],
  ["a link to a FIFO", (at) => {
    new Deno.Command("mkfifo", { args: [`${at.path}/fifo`] }).outputSync();
    Deno.symlinkSync("fifo", `${at.path}/db.json`);
  }, "DIR/db.json is not a regular file"],
  [
    "a link to itself",
    (at) => Deno.symlinkSync("db.json", `${at.path}/db.json`),
    "DIR/db.json: its path does not lead to a file",
  ],
  ["a link into a sibling directory whose name has the directory's as a prefix", (at) => {
    Deno.mkdirSync(`${at.path}-evil`);
    Deno.writeTextFileSync(`${at.path}-evil/db.json`, GOOD);
    Deno.symlinkSync(`${at.path}-evil/db.json`, `${at.path}/db.json`);
  }, "DIR/db.json leads outside its directory by a link: expected a path within it"],
  [
    "a folder that is a link out of the directory",
    (at) => {
      Deno.mkdirSync(`${at.path}-evil`);
      Deno.writeTextFileSync(`${at.path}-evil/db.json`, GOOD);
      Deno.symlinkSync(`${at.path}-evil`, `${at.path}/sub`);
    },
    "DIR/sub/db.json leads outside its directory by a link: expected a path within it",
    "sub/db.json",
  ],
];

function write(text: string) {
  return ({ path }: Directory) => Deno.writeTextFileSync(`${path}/db.json`, text);
}

for (const [what, make, detail, document] of DETAILS) {
  Deno.test(`${what} is invalid, and the error names the place but no value`, async () => {
    for (const sync of [true, false]) {
      const directory = makeDirectory();
      make(directory);
      const error = await rejection(resolverOf(directory.path, document, sync).resolve("db:basic"));
      assertEquals([error.code, error.trace[0]?.detail], ["invalid", detail.replace("DIR", directory.path)]);
      directory.remove();
      await Deno.remove(`${directory.path}-evil`, { recursive: true }).catch(() => {});
    }
  });
}

Deno.test("__proto__ and constructor in a document do not give other fields their values", async () => {
  const { path, remove } = makeDirectory();
  Deno.writeTextFileSync(`${path}/db.json`, '{"__proto__":{"user":"u","password":"p"},"constructor":{"user":"u"}}');
  const { code, missing } = await rejection(resolverOf(path).resolve("db:basic"));
  assertEquals([code, missing], ["incomplete", ["db.json#user", "db.json#password"]]);
  remove();
});

Deno.test("a document with a byte order mark is read", async () => {
  const { path, remove } = makeDirectory();
  Deno.writeTextFileSync(`${path}/db.json`, `\uFEFF${GOOD}`);
  assertEquals((await resolverOf(path).resolve("db:basic")).get("user"), "u");
  remove();
});

Deno.test("a missing directory or document is a miss", async () => {
  const { path, remove } = makeDirectory();
  for (const [at, name] of [[path, "db.json"], [`${path}/none`, "db.json"], [path, "none/db.json"]] as const) {
    assertEquals(await resolverOf(at, name).find("db:basic"), undefined);
  }
  remove();
});

Deno.test("links inside the directory are followed, and so is a directory that is a link", async () => {
  const { path, remove } = makeDirectory();
  Deno.mkdirSync(`${path}/real/sub`, { recursive: true });
  Deno.writeTextFileSync(`${path}/real/sub/v1.json`, GOOD);
  Deno.symlinkSync("sub/v1.json", `${path}/real/db.json`);
  Deno.symlinkSync("real", `${path}/link`);
  assertEquals((await resolverOf(`${path}/link`).resolve("db:basic")).get("user"), "u");
  assertEquals((await resolverOf(`${path}/link/`, "sub/v1.json").resolve("db:basic")).get("user"), "u");
  remove();
});

Deno.test("a document that is rewritten with the same size and times is noticed within a second", async () => {
  const { path, remove } = makeDirectory();
  const clock = testClock();
  const { chain } = smallChain({ file: file({ priority: 1, directory: path }) }, { file: "db.json" });
  const resolver = createResolver(chain, { clock });
  for (const user of ["aaaa", "bbbb"]) {
    Deno.writeTextFileSync(`${path}/db.json`, JSON.stringify({ user }));
    Deno.utimeSync(`${path}/db.json`, 1_000, 1_000);
    assertEquals((await resolver.resolve("db:basic")).get("user"), user);
    await clock.advance(1_000);
  }
  remove();
});

Deno.test("a relative directory is resolved against the working directory", async () => {
  const { path, remove } = makeDirectory();
  Deno.writeTextFileSync(`${path}/db.json`, GOOD);
  const up = Deno.cwd().split("/").filter((part) => part !== "").map(() => "..").join("/");
  assertEquals((await resolverOf(`${up}${path}`).resolve("db:basic")).get("user"), "u");
  remove();
});

Deno.test("on a runtime without files the store is off, and describe() says why", async () => {
  const stores = { file: file({ priority: 1, directory: "state" }) };
  const { resolver } = smallChain(stores, { file: "db.json" }, { files: false });
  assertEquals(await resolver.find("db:basic"), undefined);
  const [store] = resolver.describe().stores;
  assertEquals([store?.state, store?.reason], ["off", "this runtime lacks what it needs"]);
});

Deno.test("a directory with an unset variable is invalid, and the error names the variable", async () => {
  const stores = { file: file({ priority: 1, directory: fromEnv("STATE_DIR") }) };
  const files = { "from/env/db.json": '{"user":"u"}' };
  const { chain, host, resolver } = smallChain(stores, { file: "db.json" }, { files });
  const { code, message } = await rejection(resolver.resolve("db:basic"));
  assertEquals([code, message], ["invalid", 'Cannot resolve "db:basic": "file" is invalid: STATE_DIR is not set']);
  host.env.STATE_DIR = "from/env";
  assertEquals((await createResolver(chain, host).resolve("db:basic")).get("user"), "u");
});

Deno.test("a directory that does not exist is a miss that says so with its whole path, and a missing document is not", async () => {
  const { path, remove } = makeDirectory();
  const stepOf = async (directory: string) => {
    const stores = { file: file({ priority: 2, directory }), memory: memory({ priority: 1, values: { user: "u" } }) };
    const { chain } = smallChain(stores, { file: "db.json", memory: { prefix: "" } });
    return (await createResolver(chain).resolve("db:basic")).trace[0];
  };
  assertEquals(await stepOf(path), { store: "file", outcome: "miss", role: "passed" });
  for (
    const [directory, whole] of [[`${path}/none`, `${path}/none`], ["no/where", `${Deno.cwd()}/no/where`]] as const
  ) {
    const detail = `the directory ${whole} does not exist`;
    assertEquals(await stepOf(directory), { store: "file", outcome: "miss", role: "passed", detail });
  }
  remove();
});

Deno.test("a directory that a variable gives and that does not exist is named by the variable, and not by what it holds", async () => {
  const stores = { file: file({ priority: 1, directory: fromEnv("STATE_DIR") }) };
  const { chain } = smallChain(stores, { file: "db.json" }, { fields: LOGIN });
  const resolver = createResolver(chain, testHost({ env: { STATE_DIR: "hunter2" } }));
  const { trace } = await rejection(resolver.resolve("db:basic"));
  const detail = `the directory $STATE_DIR does not exist: a relative path starts at ${Deno.cwd()}/`;
  assertEquals(trace[0]?.detail, detail);
});

Deno.test("explain() says which directory does not exist", async () => {
  const { resolver } = smallChain({ file: file({ priority: 1, directory: "state" }) }, { file: "db.json" });
  const { trace } = await explain(resolver, "db:basic");
  assertEquals(trace[0]?.detail, `the directory ${Deno.cwd()}/state does not exist`);
});

Deno.test("a directory may be a file URL: resolve, persist, permissions and the lint work with it", async () => {
  const { path, remove } = makeDirectory();
  const stores = { file: file({ priority: 1, directory: new URL(`file://${path}/a%20b/`) }) };
  const { chain } = smallChain(stores, { file: "db.json" });
  const resolver = createResolver(chain);
  await persist(resolver, "db:basic", { user: "minted" });
  assertEquals((await resolver.resolve("db:basic")).get("user"), "minted");
  assertEquals(permissions(chain).read, [`${path}/a b/`]);
  Deno.chmodSync(`${path}/a b/db.json`, 0o644);
  assertEquals(lint(resolver).map(({ rule }) => rule), ["loose_mode"]);
  assertEquals(directoriesOf(chain as never, resolver.describe()), { file: `${path}/a b/` });
  remove();
});

Deno.test("a directory that is a URL of another kind is invalid, and the error says what is expected", async () => {
  for (const directory of ["https://example.org/state", "file:///%ff"]) {
    const { resolver } = smallChain({ file: file({ priority: 1, directory: new URL(directory) }) }, {
      file: "db.json",
    });
    const { code, message } = await rejection(resolver.resolve("db:basic"));
    const expected = "expected a path, or a URL that begins with file:";
    assertEquals([code, message.endsWith(`directory is not a file URL: ${expected}`)], ["invalid", true]);
  }
});

Deno.test("a file that grows while it is read is read no further than 1 MiB", async () => {
  const { path, remove } = makeDirectory();
  Deno.writeTextFileSync(`${path}/db.json`, GOOD);
  const own = runtimeFiles(ambient()).files!;
  const files = {
    ...own,
    text: (at: string, seen?: PathInfo) => {
      Deno.writeTextFileSync(at, " ".repeat(1_048_576), { append: true });
      return own.text(at, seen);
    },
  };
  const { chain } = smallChain({ file: file({ priority: 1, directory: path }) }, { file: "db.json" });
  const { code, trace } = await rejection(createResolver(chain, { files }).resolve("db:basic"));
  assertEquals([code, trace[0]?.detail], ["invalid", `${path}/db.json: the file is larger than 1024 KiB`]);
  remove();
});

Deno.test("a document of exactly 1 MiB, with characters of several bytes, is read whole", async () => {
  const { path, remove } = makeDirectory();
  const rest = 1_048_576 - GOOD.length - 13;
  Deno.writeTextFileSync(
    `${path}/db.json`,
    `${GOOD.slice(0, -1)},"rest":"${"é".repeat(rest >> 1)}"}${" ".repeat(rest % 2)}`,
  );
  for (const sync of [true, false]) {
    assertEquals((await resolverOf(path, "db.json", sync).resolve("db:basic")).get("user"), "u");
  }
  remove();
});

Deno.test("a file is read as plain text, without its byte order mark and one line break at its end, and never parsed", async () => {
  const at = makeDirectory();
  const chain = defineChain({
    stores: {
      file: file({ priority: 2, directory: at.path }),
      async: file({ priority: 1, directory: at.path, sync: false }),
    },
    credentials: {
      "api:sync": { fields: TOKEN, from: { file: TOKEN_FILE } },
      "api:async": { fields: TOKEN, from: { async: TOKEN_FILE } },
    },
  });
  const cases: readonly (readonly [string, string | undefined])[] = [
    ["a token", "a token"],
    ["\uFEFFa token\r\n", "a token"],
    ["two\n\n", "two\n"],
    ['{"user":"u"', '{"user":"u"'],
    ["\n", undefined],
    ["", undefined],
  ];
  for (const [text, token] of cases) {
    await Deno.writeTextFile(`${at.path}/token.txt`, text);
    const resolver = createResolver(chain);
    assertEquals((await resolver.find("api:sync"))?.get("token"), token);
    assertEquals((await resolver.find("api:async"))?.get("token"), token);
  }
  await Deno.remove(`${at.path}/token.txt`);
  assertEquals(await createResolver(chain).find("api:sync"), undefined);
  at.remove();
});
