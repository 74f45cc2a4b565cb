import { assert, assertEquals, assertLessOrEqual, assertStrictEquals } from "@std/assert";
import { createResolver, type CredentialError, defineChain, memory, required, setting } from "../../../mod.ts";
import { dotenv } from "../../../src/stores/dotenv/dotenv.ts";
import { scan } from "../../../src/stores/dotenv/scan.ts";
import { testHost } from "../../../src/testing/mod.ts";
import { makeDirectory } from "../../support/fixtures/directory.ts";
import { READ, REFUSED, REFUSED_WHOLLY } from "../../support/fixtures/dotenv_files.ts";
import { rejection } from "../../support/fixtures/rejection.ts";
import { LOGIN, smallChain } from "../../support/fixtures/small_chain.ts";

// The file that Neo4j Aura offers for download with a new database; the values are fake.
const AURA =
  `# Wait 60 seconds before connecting using these details, or login to https://console.neo4j.io to validate the Aura Instance is available
NEO4J_URI=neo4j+s://0a1b2c3d.databases.neo4j.io
NEO4J_USERNAME=neo4j
NEO4J_PASSWORD=not-a-secret-8sW0_pX
NEO4J_DATABASE=neo4j
AURA_INSTANCEID=0a1b2c3d
AURA_INSTANCENAME=Instance01
`;

/** Resolves `user` from a variable of a dotenv file: its value, or the detail of the store's refusal. */
async function read(text: string, name = "A"): Promise<{ value?: string | undefined; refused?: string | undefined }> {
  const stores = { dotenv: dotenv({ priority: 1, path: ".env" }) };
  const { host, resolver } = smallChain(stores, { dotenv: { fields: { user: name } } }, { files: { ".env": text } });
  const finding = resolver.find("db:basic");
  const settled = finding.then(() => {}, () => {});
  // Hint: a file that ends within quotes is read again three times before it is refused.
  for (let wait = 0; wait < 200; wait += 50) await host.clock.advance(50);
  await settled;
  return await finding.then(
    (credential) => ({ value: credential?.get("user") }),
    (error: CredentialError) => ({ refused: error.trace[0]?.detail }),
  );
}

async function valueOf(line: string, name = "A"): Promise<string | undefined> {
  const { value, refused } = await read(`${line}\n`, name);
  assertEquals(refused, undefined, line);
  return value;
}

/** Resolves `DB_USER` of a dotenv file in another process: what that prints to standard output and standard error. */
async function run(text: string, imports?: Record<string, string>): Promise<[stdout: string, stderr: string]> {
  const directory = makeDirectory();
  try {
    const path = `${directory.path}/.env`;
    Deno.writeTextFileSync(path, text);
    const map = imports
      ? [`--import-map=data:application/json,${encodeURIComponent(JSON.stringify({ imports }))}`]
      : [];
    const program = new URL("../../support/programs/resolve_dotenv.ts", import.meta.url).href;
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-prompt", "--no-lock", "--allow-read", "--allow-env", ...map, program, path],
      env: { NO_COLOR: "1" },
    }).output();
    const decoder = new TextDecoder();
    return [decoder.decode(stdout).replaceAll(path, "FILE"), decoder.decode(stderr)];
  } finally {
    directory.remove();
  }
}

Deno.test("a credentials file of Neo4j Aura is read as it was downloaded", async () => {
  const chain = defineChain({
    stores: { aura: dotenv({ priority: 1, path: "Neo4j-0a1b2c3d-Created-2026-01-01.txt" }) },
    credentials: {
      "neo4j:basic": {
        fields: { user: required(), password: required(), uri: setting() },
        from: { aura: { prefix: "NEO4J_", fields: { user: "NEO4J_USERNAME" } } },
      },
    },
  });
  const host = testHost({ files: { "Neo4j-0a1b2c3d-Created-2026-01-01.txt": AURA } });
  const credential = await createResolver(chain, host).resolve("neo4j:basic");
  assertEquals([credential.get("user"), credential.get("password"), credential.get("uri")], [
    "neo4j",
    "not-a-secret-8sW0_pX",
    "neo4j+s://0a1b2c3d.databases.neo4j.io",
  ]);
});

Deno.test("a dollar sign in a secret is never expanded, however the value is quoted", async () => {
  for (const value of ["pa$word", "$A", "${A}", "${A:-b}", "$$", "a$", "$(id)", "$A$A"]) {
    assertEquals(await valueOf(`A=${value}`), value);
    assertEquals(await valueOf(`A='${value}'`), value);
  }
  assertEquals(await valueOf("A='\\$A'"), "\\$A");
  for (const value of ["pa$word", "$A", "${A}", "$$", "a$"]) assertEquals(await valueOf(`A="${value}"`), value);
});

Deno.test("a secret may contain the characters that stand in for a dollar sign during parsing", async () => {
  assertEquals(await valueOf("A='\uE000$\uE001'"), "\uE000$\uE001");
});

Deno.test("quotes, comments, export and line breaks are parsed as dotenv does", async () => {
  assertEquals(await valueOf("# a comment\n\nexport A=b"), "b");
  assertEquals(await valueOf("A='b # c'"), "b # c");
  assertEquals(await valueOf("A=b\r\nB=c\r"), "b");
  assertEquals(await valueOf("\uFEFFA=b"), "b");
  assertEquals(await valueOf("A="), undefined);
  assertEquals(await valueOf("B=b"), undefined);
  assertEquals(await valueOf("A=b", "constructor"), undefined);
});

for (const { because, files } of READ) {
  Deno.test(`dotenv reads what no parser reads otherwise: ${because}`, async () => {
    for (const [text, value] of files) assertEquals(await read(text), { value }, JSON.stringify(text));
  });
}

for (const { because, message: [found, fix], files } of REFUSED) {
  Deno.test(`dotenv refuses to guess at a value, and says where and how to write it: ${because}`, async () => {
    for (const [text, line] of files) {
      const refused = `.env has ${found} at line ${line}: ${fix}`;
      assertEquals(await read(text), { refused }, JSON.stringify(text));
      const others = `export BEFORE='before'\n${text}\n\nAFTER=after\n`;
      assertEquals(await read(others, "BEFORE"), { value: "before" }, JSON.stringify(text));
      assertEquals(await read(others, "AFTER"), { value: "after" }, JSON.stringify(text));
    }
  });
}

for (const { because, message: [found, fix], files } of REFUSED_WHOLLY) {
  Deno.test(`dotenv refuses a file in which one secret could swallow the next: ${because}`, async () => {
    for (const [text, line] of files) {
      const refused = `.env has ${found} at line ${line}: ${fix}`;
      for (const name of ["A", "UNRELATED"]) assertEquals(await read(text, name), { refused }, JSON.stringify(text));
    }
  });
}

Deno.test("a dotenv file that is not UTF-8 text is refused as a whole", async () => {
  for (const text of ["A=a\0b", "B=c\0\nA=b", "A=\uFFFD"]) {
    for (const name of ["A", "UNRELATED"]) {
      assertEquals(await read(text, name), { refused: ".env is not valid UTF-8 text" });
    }
  }
});

Deno.test("a name is asked for exactly, and a name that not every parser knows is refused, not passed over", async () => {
  for (const name of ["my-key", "a.b", "1A", "ключ", "my key"]) {
    const { refused } = await read(`B=c\n${name}=b\n`, name);
    assert(refused?.startsWith(".env has a line that parsers read differently at line 2: "), name);
  }
  for (const name of ["B", "a", "AA", "constructor", "__proto__", "toString", "VALUE"]) {
    assertEquals(await read("A=b\n", name), { value: undefined });
  }
  for (const name of ["__proto__", "constructor", "VALUE", "_", "_1"]) {
    assertEquals(await read(`${name}=b\n`, name), { value: "b" });
  }
});

Deno.test("a file that is in the middle of being written is read again before it is refused", async () => {
  const stores = { dotenv: dotenv({ priority: 1, path: ".env" }) };
  const files = { ".env": "A='first half" };
  const { host, resolver } = smallChain(stores, { dotenv: { fields: { user: "A" } } }, { files });
  const finding = resolver.find("db:basic");
  host.disk[".env"] = "A='first half, second half'\n";
  await host.clock.advance(50);
  assertEquals((await finding)?.get("user"), "first half, second half");
});

Deno.test("a long value is read as it is", async () => {
  const value = `${"0123456789 '$\\n".repeat(4_000)}.`;
  assertEquals(await valueOf(`A="${value}"`), value.replaceAll("\\n", "\n"));
});

Deno.test("nothing of a file is printed, however it is refused or ignored", async () => {
  const secret = "hunter2";
  const lines = [
    `${secret}/+=${secret}`,
    `my ${secret}`,
    `${secret}-key=${secret}`,
    `B='${secret}'${secret}`,
    `C=${secret}#${secret}`,
    `D: ${secret}`,
    `E=\`${secret}\``,
    `F=${secret}`,
    `F=${secret}${secret}`,
    `# ${secret}`,
  ];
  const cases: readonly (readonly [last: string, printed: string])[] = [
    ["DB_USER=reader", "dotenv"],
    [
      `DB_USER=${secret}#${secret}`,
      'Cannot resolve "db:basic": "dotenv" is invalid: FILE has a # without a space before it at line 11: ' +
      "put the value in single quotes, or a space before a comment",
    ],
    [
      `DB_USER="${secret}`,
      'Cannot resolve "db:basic": "dotenv" is invalid: FILE has a quote that is not closed at line 11: ' +
      "close it, or put the value in quotes of the other kind",
    ],
  ];
  for (const [last, printed] of cases) assertEquals(await run([...lines, last].join("\n")), [`${printed}\n`, ""]);
});

Deno.test("a parser that reads another value than what was written is noticed, so that no version corrupts a secret", async () => {
  for (const reading of ["{}", '{ VALUE: "hunter" }', '{ VALUE: "hunter2 " }']) {
    const parser = `data:text/javascript,export const parse = () => (${reading});`;
    assertEquals(await run("DB_USER=hunter2", { "@std/dotenv/parse": parser }), [
      'Cannot resolve "db:basic": "dotenv" is invalid: DB_USER is read differently by this version of @std/dotenv: ' +
      "use another version, or a shorter value\n",
      "",
    ]);
  }
});

Deno.test("a file of four times the length takes no more than eight times as long", () => {
  const lines = [
    "",
    "\r",
    "   ",
    "# a 'comment' with = and \"",
    "A=b",
    "A='b'",
    'A="b\\n"',
    "A='b\nc'",
    "B=`c`",
    "B=c\\d",
    'B="\\\\\\""',
    "B='c'd",
    "B=",
    "B: c",
    "B:\n",
    "not an assignment",
    "c2VjcmV0/==",
  ];
  const runs = [
    " ",
    "\t",
    "=",
    "'",
    '"',
    "`",
    "\\",
    '\\"',
    "#",
    " #",
    "\u00A0 ",
    "\u00A0",
    "export ",
    "B:",
    "-",
    "B ",
    "\0",
  ];
  const time = (text: string): number => {
    const started = performance.now();
    scan(text, ".env");
    return performance.now() - started;
  };
  const texts = [
    ...lines.map((line) => (count: number) => `${`${line}\n`.repeat(count)}LAST=b`),
    ...runs.flatMap((run) =>
      ["", "B=", "B='", 'B="', "B=c "].map((start) => (count: number) => `${start}${run.repeat(count)}c\nLAST=b`)
    ),
  ];
  for (const text of texts) {
    const [short, long] = [text(10_000), text(40_000)];
    let [once, fourfold] = [Infinity, Infinity];
    // Hint: only the fastest of several tries says more about the scanner than about the machine.
    for (let tries = 0; tries < 5 || (tries < 50 && fourfold > 8 * once); tries++) {
      [once, fourfold] = [Math.min(once, time(short)), Math.min(fourfold, time(long))];
    }
    assertLessOrEqual(fourfold, 8 * once, JSON.stringify(text(2)));
  }
});

Deno.test("the file is read once for a credential, so that its fields are from one version", async () => {
  const stores = { dotenv: dotenv({ priority: 1, path: ".env" }) };
  const { chain, host } = smallChain(stores, { dotenv: { prefix: "DB_" } }, {
    fields: LOGIN,
    files: { ".env": "DB_USER=one\nDB_PASSWORD=one\n" },
  });
  let read = 0;
  const files = host.files || undefined;
  const counting = {
    ...files!,
    text: (path: string) => {
      read++;
      const text = files!.text(path);
      host.disk[".env"] = "DB_USER=two\nDB_PASSWORD=two\n";
      return text;
    },
  };
  const credential = await createResolver(chain, { ...host, files: counting }).resolve("db:basic");
  assertEquals([credential.get("user"), credential.get("password"), read], ["one", "one", 1]);
});

Deno.test("a path that is a directory is invalid, and a missing file is a miss", async () => {
  const stores = { dotenv: dotenv({ priority: 1, path: "/etc/app/.env" }) };
  const files = { "/etc/app/.env/inside": "" };
  const { chain, resolver } = smallChain(stores, { dotenv: { prefix: "DB_" } }, { files });
  const { code, trace } = await rejection(resolver.resolve("db:basic"));
  assertEquals([code, trace[0]?.detail], ["invalid", "/etc/app/.env is not a regular file"]);
  assertEquals(await createResolver(chain, testHost()).find("db:basic"), undefined);
});

Deno.test("a dotenv file that is gone or blank for a moment does not lead to the seed", async () => {
  for (const gone of [undefined, ""]) {
    const stores = { dotenv: dotenv({ priority: 2, path: "run/.env" }), memory: memory({ priority: 1, values: SEED }) };
    const from = { dotenv: { prefix: "DB_" }, memory: { prefix: "" } };
    const { host, resolver } = smallChain(stores, from, { fields: LOGIN, files: { "run/.env": DATABASE } });
    const first = await resolver.resolve("db:basic");
    host.disk["run/.env"] = gone;
    await host.clock.advance(1_000);
    const pending = resolver.resolve("db:basic");
    await host.clock.advance(10);
    host.disk["run/.env"] = DATABASE;
    await host.clock.advance(40);
    assertStrictEquals(await pending, first);
  }
});

const SEED = { user: "seed", password: "seed" };
const DATABASE = "DB_USER=u\nDB_PASSWORD=p\n";

Deno.test("a dotenv file may be given as a file URL, and a directory that does not exist is named", async () => {
  const stores = { dotenv: dotenv({ priority: 1, path: new URL("file:///a%20b/.env") }) };
  const there = smallChain(stores, { dotenv: { prefix: "DB_" } }, { files: { "/a b/.env": DATABASE } });
  assertEquals((await there.resolver.resolve("db:basic")).get("user"), "u");
  const { code, trace } = await rejection(
    smallChain(stores, { dotenv: { prefix: "DB_" } }).resolver.resolve("db:basic"),
  );
  assertEquals([code, trace[0]?.detail], ["not_found", "the directory /a b does not exist"]);
});

Deno.test("a dotenv file in the middle of being written is read again where the chain says that a part stops the walk", async () => {
  const stores = {
    dotenv: dotenv({ priority: 2, path: ".env", onIncomplete: "stop" }),
    memory: memory({ priority: 1, values: { user: "seed", password: "seed" } }),
  };
  const { chain } = smallChain(stores, { dotenv: { prefix: "DB_" }, memory: { prefix: "" } }, { fields: LOGIN });
  const host = testHost({ files: { ".env": "DB_USER=u\n" } });
  const pending = createResolver(chain, host).resolve("db:basic");
  await host.clock.advance(149);
  host.disk[".env"] = "DB_USER=u\nDB_PASSWORD=p\n";
  await host.clock.advance(1);
  assertEquals((await pending).source, "dotenv");
});
