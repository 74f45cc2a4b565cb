/**
 * Whatever is in a mounted directory, in a file that a variable names or on a disk, a secret is read whole or refused.
 */
import { assert, assertEquals } from "@std/assert";
import fc from "npm:fast-check@^4.10.2";
import { denied, env, type Files, invalid, mounted, type Stores, unavailable } from "../../mod.ts";
import { dotenv } from "../../src/stores/dotenv/dotenv.ts";
import type { TestDisk, TestFile } from "../../src/testing/mod.ts";
import { type Attempt, attempt } from "../support/fuzz/attempt.ts";
import { fuzz } from "../support/fuzz/fuzz.ts";
import { fuzzHost } from "../support/fuzz/fuzz_host.ts";
import { FIELDS, loginResolver } from "../support/fuzz/login_chain.ts";
import { type Marker, markers } from "../support/fuzz/marker.ts";
import { mutated } from "../support/fuzz/mutations.ts";

const ODD_TEXTS = ["", " ", "\n", "\r\n", "\r", "\0", "\uFEFF", "\uFEFF\n", "\t\u00A0", "a".repeat(1_100_000)];
const ODD_FILES: readonly (TestFile | undefined)[] = [
  undefined,
  undefined,
  { special: true },
  { text: "small", size: 2_000_000 },
  { link: "nowhere" },
  { link: "user" },
  { link: "." },
  { link: "../outside" },
  { link: "../secrets/word" },
  { link: "/outside" },
  denied("no permission to read the file"),
  invalid("its path does not lead to a file"),
  unavailable("the file system failed (EIO)"),
];

/** Texts of files that hold one secret. */
function texts({ text }: Marker): fc.Arbitrary<string> {
  const around = fc.constantFrom("", "", "", "\n", "\r\n", "\n\n", " ", "\uFEFF", "\0", "\uFFFD", "\uD800", "a\nb");
  const near = fc.tuple(around, fc.constant(text), around).map((all) => all.join(""));
  return fc.oneof(
    { weight: 20, arbitrary: near },
    { weight: 10, arbitrary: mutated(near) },
    { weight: 4, arbitrary: fc.constantFrom(...ODD_TEXTS) },
  );
}

/** What a file may hold, for a text in it. */
function isWhole(value: string | undefined, text: string): boolean {
  const trimmed = text.replace(/^\uFEFF/, "");
  return [text, trimmed].some((each) => value === each || value === each.replace(/\r?\n$/, ""));
}

interface Mounted {
  readonly marker: Marker;
  readonly contents: readonly (TestFile | undefined)[];
  readonly versions: boolean;
}

const mountedCases: fc.Arbitrary<Mounted> = markers.chain((marker) => {
  const content = fc.oneof(
    { weight: 4, arbitrary: texts(marker) },
    { weight: 1, arbitrary: fc.constantFrom(...ODD_FILES) },
  );
  return fc.record({
    marker: fc.constant(marker),
    contents: fc.tuple(content, content, content),
    versions: fc.boolean(),
  });
});

function diskOf({ contents, versions, marker }: Mounted): TestDisk {
  const directory = versions ? "/run/secrets/..2026" : "/run/secrets";
  const disk: TestDisk = { "/run/outside": marker.text, "/outside": marker.text };
  if (versions) disk["/run/secrets/..data"] = { link: "..2026" };
  for (const [at, field] of FIELDS.entries()) {
    disk[`${directory}/${field}`] = contents[at];
    if (versions) disk[`/run/secrets/${field}`] = { link: `..data/${field}` };
  }
  return disk;
}

/** Whether there is nothing at a path: no file, a link that leads nowhere, or a blank text. */
function isBlank(files: Files, path: string): boolean {
  const text = files.text(path);
  return typeof text === "string" ? text.trim() === "" : files.realPath(path) === undefined;
}

Deno.test("whatever is in a mounted directory, a secret is read whole, and no seed wins over one that is there", async () => {
  await fuzz("mounted files", mountedCases, async (input) => {
    const host = fuzzHost({ files: diskOf(input) });
    const resolver = loginResolver(mounted({ priority: 2, directory: "/run/secrets" }), "", host);
    const { credential, ended, degraded } = await attempt(resolver, "db:login", input.marker, host.events);
    const blank = FIELDS.map((field) => isBlank(host.files as Files, `/run/secrets/${field}`));
    if (ended === "lower" && !degraded) assertEquals(blank, [true, true, true], "The seed won over a mounted secret");
    if (ended !== "upper") return;
    for (const [at, field] of FIELDS.entries()) {
      const content = input.contents[at];
      const value = credential!.get(field) as string | undefined;
      if (typeof content === "string") assert(value === undefined ? blank[at] : isWhole(value, content));
      assert(value !== "small" && value !== input.marker.text || isInside(content), "It left its directory");
    }
  });
});

function isInside(content: TestFile | undefined): boolean {
  return typeof content === "string" || !/outside/.test(JSON.stringify(content) ?? "");
}

interface Named {
  readonly marker: Marker;
  readonly own: unknown;
  readonly path: unknown;
  readonly text: string;
}

const PATHS = [
  "/run/user",
  "/run/user",
  "/run/../run/user",
  "run/user",
  "./user",
  "",
  " ",
  "/nowhere",
  "/run",
  "/",
  "\0",
  7,
];

const namedCases: fc.Arbitrary<Named> = markers.chain((marker) =>
  fc.record({
    marker: fc.constant(marker),
    own: fc.constantFrom(undefined, undefined, undefined, "", " ", marker.text, 7, null),
    path: fc.oneof(fc.constantFrom<unknown>(...PATHS), mutated(fc.constant("/run/user")), fc.constant(marker.text)),
    text: texts(marker),
  })
);

Deno.test("whatever NAME_FILE names, its secret is read whole or refused, and nothing of it is shown", async () => {
  await fuzz("files named by NAME_FILE", namedCases, async ({ marker, own, path, text }) => {
    const host = fuzzHost({
      files: { "/run/user": text },
      env: { DB_USER: own, DB_USER_FILE: path, DB_WORD: marker.text },
    });
    const resolver = loginResolver(env({ priority: 2, files: true }), "DB_", host);
    const outcome = await attempt(resolver, "db:login", marker, host.events);
    assert(outcome.ended !== "lower" || outcome.degraded, "The seed won although DB_WORD is set");
    const isPathSet = typeof path !== "string" || path.trim() !== "";
    if (own === marker.text && isPathSet) assertEquals(outcome.ended, "invalid", "Both are set");
    if (outcome.ended === "upper") {
      const value = outcome.credential!.get("user") as string;
      assert(value === own || isWhole(value, text), "The user is not what stands in its place");
    }
  });
});

type Bytes = Uint8Array<ArrayBuffer>;

const ENCODINGS: Readonly<Record<string, (text: string) => Bytes>> = {
  "UTF-8": (text) => new TextEncoder().encode(text),
  "Latin-1": (text) => Uint8Array.from(`${text}é`, (char) => char.charCodeAt(0)),
  "UTF-16": (text) => new Uint8Array(Uint16Array.from(`\uFEFF${text}`, (char) => char.charCodeAt(0)).buffer),
  "cut in a character": (text) => new TextEncoder().encode(`${text}😀`).slice(0, -1),
  "an overlong form": (text) => Uint8Array.from([...new TextEncoder().encode(text), 0xc0, 0xaf]),
  "a surrogate": (text) => Uint8Array.from([...new TextEncoder().encode(text), 0xed, 0xa0, 0x80]),
};

const STORES: Readonly<Record<string, (directory: string) => readonly [store: Stores[string], prefix: string]>> = {
  "user": (directory) => [mounted({ priority: 2, directory }), ""],
  ".env": (directory) => [dotenv({ priority: 2, path: `${directory}/.env` }), ""],
  "named": () => [env({ priority: 2, files: true }), ""],
  "async": (directory) => [mounted({ priority: 2, directory, sync: false }), ""],
};

/** Writes what each store is to read. */
function write(directory: string, name: string, bytes: Bytes): void {
  const lead = name === ".env" ? "WORD=w\nUSER=" : "";
  Deno.writeFileSync(`${directory}/word`, new TextEncoder().encode("w"));
  const path = `${directory}/${name === "async" ? "user" : name}`;
  Deno.writeFileSync(path, Uint8Array.from([...new TextEncoder().encode(lead), ...bytes]));
}

const diskCases = markers.chain((marker) =>
  fc.record({
    marker: fc.constant(marker),
    name: fc.constantFrom(...Object.keys(STORES)),
    encoding: fc.oneof(fc.constant("UTF-8"), fc.constantFrom(...Object.keys(ENCODINGS))),
    text: texts(marker),
  })
);

Deno.test("a secret on a disk that is not valid UTF-8 is refused, on the runtime's own files", async () => {
  const directory = Deno.makeTempDirSync();
  try {
    await fuzz("files on a disk", diskCases, async ({ marker, name, encoding, text }) => {
      const bytes = ENCODINGS[encoding]!(text);
      write(directory, name, bytes);
      const [store, prefix] = STORES[name]!(directory);
      const { files: _, asyncFiles: __, ...host } = fuzzHost({
        env: { WORD: "w", USER_FILE: `${directory}/named` },
      });
      checkBytes(bytes, await attempt(loginResolver(store, prefix, host), "db:login", marker));
    });
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});

function checkBytes(bytes: Bytes, { ended, degraded, credential }: Attempt): void {
  if (ended === "upper") {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    assert(text.includes(credential!.get("user") as string), "The user is not what stands in the file");
  }
  if (ended === "lower" && !degraded) assertEquals(new TextDecoder().decode(bytes).trim(), "");
}
