/**
 * Whatever comes from standard input, field values or a document, `persist` writes a credential that is read back the
 * same, or changes nothing and quotes nothing, whatever the document held before.
 */
import { assert, assertEquals } from "@std/assert";
import fc from "npm:fast-check@^4.10.2";
import { file, memory } from "../../mod.ts";
import { persistCommand } from "../../src/cli/persist.ts";
import type { Terminal } from "../../src/cli/terminal.ts";
import type { AnyChain } from "../../src/core/chain/chain.ts";
import { rootUrl } from "../support/closed_network/root.ts";
import {
  credentialsOf,
  DOCUMENT,
  type Kind,
  KINDS,
  pathsOf,
  valueAt,
  valuesByForm,
} from "../support/fuzz/document_kinds.ts";
import { fuzz } from "../support/fuzz/fuzz.ts";
import { jsonTexts } from "../support/fuzz/json_texts.ts";
import { assertNoMarker, type Marker, markers } from "../support/fuzz/marker.ts";
import { bareEnvironment, cliArgs } from "../support/programs/run_cli.ts";

interface Case {
  readonly kind: Kind;
  readonly marker: Marker;
  readonly before: string | undefined;
  readonly input: string;
}

const cases: fc.Arbitrary<Case> = fc.tuple(fc.constantFrom(...Object.keys(KINDS)), markers).chain(([name, marker]) => {
  const kind = KINDS[name]!;
  const fields = Object.keys(kind.fields).map((field) => [field]);
  const others = [...pathsOf(kind), ["other", "member"], ["more"]];
  const settings = Object.values(kind.settings ?? {}).flatMap(([, ...paths]) => paths);
  const forms = kind.forms.map((form) => [...pathsInForm(form), ...settings, ["status"]]);
  return fc.record({
    kind: fc.constant(kind),
    marker: fc.constant(marker),
    before: fc.option(jsonTexts(others, marker), { nil: undefined }),
    input: fc.oneof(...[fields, others, ...forms].map((paths) => jsonTexts(paths, marker))),
  });
});

/** The paths of the identity in one form. */
function pathsInForm(form: Kind["forms"][number]): readonly (readonly string[])[] {
  return Object.values(form).flatMap(([, ...paths]) => paths);
}

/** Runs the command, and returns its exit code and what it printed. */
async function persist(chain: AnyChain, input: string): Promise<{ readonly code: number; readonly printed: string }> {
  const printed: string[] = [];
  const print = (text: string) => void printed.push(text);
  const readInput = () => Promise.resolve(input);
  const terminal: Terminal = {
    args: [],
    runtime: "deno",
    runsTypeScript: true,
    program: "",
    color: false,
    width: 80,
    stdinIsTerminal: false,
    stderrIsTerminal: false,
    print,
    warn: print,
    readInput,
    setExitCode: () => {},
  };
  const given = { positionals: ["a:b"], values: { store: "upper" }, config: "chain.config.ts", json: false };
  const loadChain = () => Promise.resolve(chain);
  try {
    const code = await persistCommand.run({ terminal, ...given, loadChain });
    return { code, printed: printed.join("\n") };
  } catch (error) {
    if ((error as Error).name !== "UsageError") throw error;
    return { code: 2, printed: [...printed, Deno.inspect(error)].join("\n") };
  }
}

Deno.test("whatever comes from standard input, it is written to be read back the same, or nothing is changed", async () => {
  const parent = Deno.makeTempDirSync();
  const directory = `${parent}/state`;
  const path = `${directory}/${DOCUMENT}`;
  try {
    await fuzz("standard input of persist", cases, async ({ kind, marker, before, input }) => {
      prepare(directory, path, before);
      const stores = { upper: file({ priority: 2, directory }), lower: memory({ priority: 1 }) };
      const was = before === undefined ? undefined : textAt(path);
      const { code, printed } = await persist({ stores, credentials: credentialsOf(kind) } as never, input);
      assertNoMarker(printed, marker);
      if (code === 0) {
        checkWritten(kind, JSON.parse(input.replace(/^\uFEFF/, "")), was, Deno.readTextFileSync(path));
        if (was !== undefined) checkUntouched(kind, was, textAt(path));
      } else if (was !== undefined) {
        assertEquals(textAt(path), was, "A refused credential changed the document");
      }
      const left = directoryNames(directory).filter((name) => name !== DOCUMENT);
      assertEquals(left, [], "A temporary file is left");
    });
  } finally {
    Deno.removeSync(parent, { recursive: true });
  }
});

/** Writes the document, or removes its directory. */
function prepare(directory: string, path: string, text: string | undefined): void {
  Deno.mkdirSync(directory, { recursive: true });
  if (text === undefined) Deno.removeSync(directory, { recursive: true });
  else Deno.writeTextFileSync(path, text);
}

function directoryNames(directory: string): string[] {
  try {
    return [...Deno.readDirSync(directory)].map(({ name }) => name);
  } catch {
    return [];
  }
}

/** What was given is there, and what belongs to others is as it was. */
function checkWritten(
  kind: Kind,
  given: Readonly<Record<string, unknown>>,
  before: string | undefined,
  after: string,
): void {
  const document = JSON.parse(after.replace(/^\uFEFF/, ""));
  if (Object.keys(given).every((name) => !isThere(given[name]) || Object.hasOwn(kind.fields, name))) {
    const names = Object.keys(kind.forms[0]!).filter((name) => isText(given[name]));
    assert(
      valuesByForm(kind, document).some((values) => names.every((name) => values[name] === given[name])),
      "What was given would not be read back",
    );
  } else {
    checkForm(kind, given, document);
  }
  const own = new Set(pathsOf(kind).map(([first]) => first));
  for (const [name, value] of Object.entries(parse(before))) {
    if (own.has(name)) continue;
    assert(Object.hasOwn(document, name), "A member that is not the credential's was removed");
    assertEquals(JSON.stringify(document[name]), JSON.stringify(value));
  }
}

/** What a document gave in its only form is there in the same form, and no other is. */
function checkForm(kind: Kind, given: object, document: object): void {
  const formsIn = (object: object) =>
    kind.forms.map((_, at) => at).filter((at) =>
      pathsInForm(kind.forms[at]!).some((path) => isThere(valueAt(object, path)) && !isObject(valueAt(object, path)))
    );
  const forms = formsIn(given);
  assertEquals(forms.length, 1, "Not one form was given, and one was written");
  assertEquals(formsIn(document), forms, "Another form was written than was given");
  const [form] = forms as [number];
  const [was, is] = [given, document].map((each) => valuesByForm(kind, each)[form]!);
  for (const [name, value] of Object.entries(was!)) {
    if (isText(value)) assertEquals(is![name], value, "What was given would not be read back");
  }
  assertEquals(valueAt(document, ["status"]), undefined, "A member was written that no mapping knows");
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value.trim() !== "";
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null && (typeof value !== "string" || isText(value));
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

// Hint: a byte order mark must stay too.
function textAt(path: string): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(Deno.readFileSync(path));
}

/** What does not belong to the credential is there to the character, in its order. */
function checkUntouched(kind: Kind, before: string, after: string): void {
  const document = parse(before);
  if (Array.isArray(document) || Object.keys(document).length === 0) return;
  const own = pathsOf(kind);
  const [was, is] = [before, after].map((text) => untouchedIn(text, own));
  assertEquals(is, was, "Something that is not the credential's was changed");
}

/** Returns the text around a document, and that of every member in it that is not the credential's. */
function untouchedIn(text: string, own: readonly (readonly string[])[]): readonly string[] {
  const tokens = [...text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]|[^\s{}\[\],:"\uFEFF]+/g)];
  const found: string[] = [];
  let at = 0;
  const endOf = (token: number) => tokens[token]!.index + tokens[token]![0].length;
  const skip = (): void => {
    let depth = 0;
    do {
      const [token] = tokens[at++]!;
      depth += "{[".includes(token) ? 1 : "}]".includes(token) ? -1 : 0;
    } while (depth > 0);
  };
  const walk = (path: readonly string[]): void => {
    const sections = new Map<string, number>();
    at++;
    while (tokens[at]![0] !== "}") {
      if (tokens[at]![0] === ",") at++;
      const first = at;
      const name = JSON.parse(tokens[at]![0]);
      at += 2;
      const leads = own.filter((each) => [...path, name].every((part, index) => each[index] === part));
      const isSection = tokens[at]![0] === "{" && leads.every((each) => each.length > path.length + 1);
      sections.delete(name);
      if (leads.length > 0 && isSection) sections.set(name, at);
      skip();
      if (leads.length === 0) found.push(text.slice(tokens[first]!.index, endOf(at - 1)));
    }
    const end = at + 1;
    // Hint: of a section that is there twice only the last counts, and the other goes with it.
    for (const [name, start] of sections) {
      at = start;
      walk([...path, name]);
    }
    at = end;
  };
  walk([]);
  return [text.slice(0, tokens[0]!.index), ...found, text.slice(endOf(at - 1))];
}

/** Returns the members that a document had; `null` holds nothing, and is written into. */
function parse(text: string | undefined): object {
  const json = text?.replace(/^\uFEFF/, "").trim();
  return json ? JSON.parse(json) ?? {} : {};
}

Deno.test("a process that is given hostile bytes on standard input ends with a message, and quotes nothing", async () => {
  const marker: Marker = { text: "q42z".repeat(5), piece: "q42z" };
  const good = JSON.stringify({ client_id: marker.text, client_secret: marker.text });
  const encoder = new TextEncoder();
  const inputs: readonly (readonly [code: number, bytes: Uint8Array<ArrayBuffer>])[] = [
    [0, encoder.encode(`\uFEFF${good}\r\n`)],
    [1, encoder.encode(`{"client_id":"${marker.text}","${marker.text}":"a"}`)],
    [2, encoder.encode(good.slice(0, -3))],
    [2, Uint8Array.from([...encoder.encode(good), 0xff, 0xfe])],
    [2, encoder.encode(`{"client_id":${"[".repeat(200_000)}`)],
    [1, encoder.encode(`{"client_id":"${marker.text.repeat(60_000)}","client_secret":"a"}`)],
  ];
  const directory = Deno.makeTempDirSync();
  try {
    for (const [code, bytes] of inputs) {
      const result = await persistInProcess(directory, bytes);
      assertNoMarker(result.printed, marker);
      assertEquals(result.code, code, result.printed);
    }
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});

/** Runs the command in a process of its own, on the shipped chain. */
async function persistInProcess(directory: string, input: Uint8Array<ArrayBuffer>) {
  const child = new Deno.Command(Deno.execPath(), {
    args: cliArgs(["persist", "polaris:oauth"], ["--allow-env", "--allow-read", "--allow-write"]),
    env: { ...bareEnvironment(), ALPHASWARM_BOOTSTRAP_STATE_DIR: directory },
    clearEnv: true,
    cwd: rootUrl,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  await new Blob([input]).stream().pipeTo(child.stdin);
  const { code, stdout, stderr } = await child.output();
  return { code, printed: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}
