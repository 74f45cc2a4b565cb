import { assertEquals } from "@std/assert";
import { lineFinder, partOf } from "../../src/cli/chain_lines.ts";

const credential = (text: string, ...names: string[]) =>
  names.map((name) => lineFinder(text)({ section: "credentials", name }));
const store = (text: string, ...names: string[]) => names.map((name) => lineFinder(text)({ section: "stores", name }));

Deno.test("a part of a chain is found where it is declared: as a property, a short form, or a text that is used as one", () => {
  const text = `import { env } from "@alphaswarm/credentials";
const KEY = "made:elsewhere";
// credentials: { "db:basic": "in a comment" }
const env = makeEnv({ "db:basic": 1 });
export default defineChain({
  stores: { env, file: file({ priority: 1 }), "a.b": env },
  credentials: {
    \`db:basic\`: {},
    "with\\nline:1": {},
    [KEY]: {},
  },
});`;
  const lines = (...paths: string[]) => paths.map((path) => lineFinder(text)(partOf(path)));
  assertEquals(lines("stores.env", "stores.file.share", 'stores["a.b"].recheck'), [6, 6, 6]);
  assertEquals(lines('credentials["db:basic"].from.env', 'credentials["made:elsewhere"]'), [8, 2]);
  assertEquals(lines('credentials["with\nline:1"]', 'credentials["not:there"]', "defaults", "the chain"), [9, 1, 1, 1]);
});

Deno.test("no comment is taken for a declaration, and no text, template or pattern for a comment", () => {
  assertEquals(credential('stores: { // credentials: { "a:b": {} }\n},\ncredentials: {\n"a:b": {} }', "a:b"), [4]);
  assertEquals(credential('credentials: {\n"x:y": {}, // "a:b": {}\n"a:b": {} }', "a:b"), [3]);
  assertEquals(credential('credentials: {\n/* old:\n"a:b": {},\n*/\n"a:b": {} }', "a:b"), [5]);
  assertEquals(credential('const u = "http://x"; credentials: {\n"a:b": {} }', "a:b"), [2]);
  assertEquals(credential('const r = /["/*]/;\ncredentials: {\n"a:b": {} }', "a:b"), [3]);
  assertEquals(credential('const u = `// credentials: { "a:b": {} }`;\ncredentials: {\n"a:b": {} }', "a:b"), [3]);
  assertEquals(credential("const u = `${{ a: `}`, b: '\"' }}`;\ncredentials: {\n'a:b': {} }", "a:b"), [3]);
  assertEquals(credential('const u = 4 / 2 /\n1;\ncredentials: {\n"a:b": {} }', "a:b"), [4]);
});

Deno.test("a name is found where it is declared, and not where it is used or where something else has it", () => {
  const uses = ['{ login: { client: "a:b" } }', 'late ? "a:b" : 1', '["a:b", "c:d"]', "`a:b`", '{ "a:b": 1 }'];
  for (const use of uses) {
    assertEquals(credential(`credentials: {\n"x:y": ${use},\n"a:b": {} }`, "a:b", "x:y"), [3, 2], use);
  }
  const fields = "credentials: {\nx: { fields: { token: required() } },\ny: a.token,\ntoken: {} }";
  assertEquals(credential(fields, "token"), [4]);
  const options = "stores: {\na: file({ file: 1 }),\nb: late ? env : file,\nfile: file(), env() {} }";
  assertEquals(store(options, "file", "env"), [4, 4]);
  assertEquals(store("credentials: { a: { from: {\nspare: true } } },\nstores: {\nspare: memory() }", "spare"), [4]);
  assertEquals(credential('credentials: {\n"a:b2": {},\n"a:b": {} }', "a:b"), [3]);
  assertEquals(credential('fetch({ credentials: "include", "a:b": 1 });\nx({ credentials: {\n"a:b": {} } })', "a:b"), [
    3,
  ]);
});

Deno.test("a name is found in every form in which it can be written", () => {
  const forms = ['"a\':b"', "'a\\':b'", '"\\u0061\':b"', '"\\x61\':b"', '"\\u{61}\':b"', '["a\':b"]', "[`a':b`]"];
  for (const form of forms) {
    assertEquals(credential(`x("a':b");\r\ncredentials: {\r\n${form}: {} }`, "a':b"), [3], form);
  }
  assertEquals(credential('\ufeff"credentials": {\n größe: {},\n constructor: {} }', "größe", "constructor"), [2, 3]);
  assertEquals(lineFinder('credentials: {\n"a\\"]b": {} }')(partOf('credentials["a"]b"].from.env')), 2);
  const minified = 'export default d({stores:{env:e({priority:1})},credentials:{"a:b":{},"c:d":{}}});';
  assertEquals(credential(`\n${minified}`, "a:b", "c:d"), [2, 2]);
});

Deno.test("a section may stand in a variable, in a call, or be put together", () => {
  for (const chain of ["credentials }", "credentials: parts }", "credentials: { ...parts } }"]) {
    const name = chain.startsWith("credentials }") ? "credentials" : "parts";
    const text = `const ${name}: Parts = {\n"a:b": {} };\nd({ stores: {\nl: login({ client: "a:b" }) },\n${chain})`;
    assertEquals(credential(text, "a:b"), [2], chain);
  }
  assertEquals(credential('credentials: declare({\n"a:b": {} }) as const', "a:b"), [2]);
  const reused =
    'const base = { credentials: {\n"a:b": {} } };\nd({ credentials: { ...base.credentials,\n"a:b": {} } })';
  assertEquals(credential(reused, "a:b"), [4]);
  assertEquals(store('import { env } from "x";\nconst more = {\nenv: env() };\nd({ stores: { ...more } })', "env"), [
    3,
  ]);
});

Deno.test("text that is no module has lines as well", () => {
  for (const text of ['"a', "'a\n", "`a", "`${", "}", "/*", "/a", "{[(", "\\", "`\\", '"\\u{ffffffff}"']) {
    assertEquals(credential(`${text}\n`, "not:there"), [1], text);
  }
});

Deno.test("no text takes long, since a line is found for each annotation of a chain that anybody may have written", () => {
  const section = 'credentials: {\n"a:b": {} }';
  const texts = [
    "`" + "ab\n".repeat(50) + "\\",
    "'ab".repeat(1e4),
    "/".repeat(1e4),
    "a/[".repeat(1e4),
    "`${".repeat(1e4),
  ];
  const began = performance.now();
  for (const text of [...texts, "{".repeat(1e4), "credentials:".repeat(1e4), `"${"\\x".repeat(1e4)}"`]) {
    credential(`${text}\n${section}`, "a:b");
  }
  assertEquals(performance.now() - began < 5_000, true);
});
