import { assertEquals } from "@std/assert";
import fc from "npm:fast-check@^4.10.2";
import { createResolver, defineChain, file, optional, required } from "../../mod.ts";
import { editText } from "../../src/bootstrap/edit_text.ts";
import { persist } from "../../src/bootstrap/mod.ts";
import { DOCUMENT, principalOf, principalResolver } from "../support/bootstrap/principal_chain.ts";
import { makeDirectory } from "../support/fixtures/directory.ts";
import { rejection } from "../support/fixtures/rejection.ts";

/** Persists a principal over the text of a document, and returns its text then. */
async function persisted(text: string, principal: object = principalOf("new")): Promise<string> {
  const directory = makeDirectory();
  try {
    Deno.writeTextFileSync(`${directory.path}/${DOCUMENT}`, text);
    await persist(principalResolver(directory.path), "polaris:oauth", principal as never);
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(Deno.readFileSync(`${directory.path}/${DOCUMENT}`));
  } finally {
    directory.remove();
  }
}

const NEW = '"client_id": "id-new", "client_secret": "not-a-secret-new"';

Deno.test("persist() replaces its own members alone, and everything else stays to the character", async () => {
  const others = String
    .raw`"big": 9007199254740993, "huge":1e999 ,"tiny": -0.0, "twice": 1, "twice": 2, "esc\u0061pe": "\u00e9\/é",
	"list": [ 1,  {"a":1} ,2 ]`;
  assertEquals(
    await persisted(`{ "client_id": "id", ${others}, "client_secret":"old" }\r\n`),
    `{ "client_id": "id-new", ${others}, "client_secret":"not-a-secret-new" }\r\n`,
  );
});

Deno.test("persist() adds what was not there as the document is written, and keeps its end", async () => {
  const cases: readonly (readonly [before: string, after: string])[] = [
    ['{"note":1}', '{"note":1,"client_id":"id-new","client_secret":"not-a-secret-new"}'],
    ['{ "note": 1 }\n', `{ "note": 1, ${NEW} }\n`],
    ['{\n  "note": 1\n}', `{\n  "note": 1,\n  "client_id": "id-new",\n  "client_secret": "not-a-secret-new"\n}`],
    [
      '{\r\n\t"a": 1,\r\n\t"note" : 1\r\n}\r\n',
      '{\r\n\t"a": 1,\r\n\t"note" : 1,\r\n\t"client_id" : "id-new",\r\n\t"client_secret" : "not-a-secret-new"\r\n}\r\n',
    ],
    ["", `{\n  "client_id": "id-new",\n  "client_secret": "not-a-secret-new"\n}\n`],
    ["{}", `{\n  "client_id": "id-new",\n  "client_secret": "not-a-secret-new"\n}`],
    [" null\n\n", ` {\n  "client_id": "id-new",\n  "client_secret": "not-a-secret-new"\n}\n\n`],
    ["\uFEFF[ ]\n", `\uFEFF{\n  "client_id": "id-new",\n  "client_secret": "not-a-secret-new"\n}\n`],
    ['\uFEFF{"note":1}', '\uFEFF{"note":1,"client_id":"id-new","client_secret":"not-a-secret-new"}'],
  ];
  for (const [before, after] of cases) assertEquals(await persisted(before), after);
});

Deno.test("persist() removes the members that are its own and not given, each with its comma", async () => {
  const cases: readonly (readonly [before: string, after: string])[] = [
    [`{${NEW}, "principal": "old"}`, `{${NEW}}`],
    [`{"principal": "old", ${NEW}}`, `{${NEW}}`],
    [
      `{"client_id": "id", "principal": "old",\n "client_secret": "old" }`,
      `{"client_id": "id-new",\n "client_secret": "not-a-secret-new" }`,
    ],
    [`{\n  ${NEW},\n  "principal": "old"\n}\n`, `{\n  ${NEW}\n}\n`],
  ];
  for (const [before, after] of cases) assertEquals(await persisted(before), after);
});

Deno.test("persist() leaves no earlier value of a member of its own that is there twice", async () => {
  assertEquals(
    await persisted('{"client_id":"first","note":1,"client_id":"second","client_secret":"a","client_secret":"b"}'),
    '{"note":1,"client_id":"id-new","client_secret":"not-a-secret-new"}',
  );
});

Deno.test("persist() edits nested members where they are", async () => {
  const directory = makeDirectory();
  const path = `${directory.path}/shared.json`;
  const own = (fields: Record<string, string>) => ({
    fields: { key: required(), note: optional() },
    from: { file: { document: "shared.json", fields } },
  });
  const resolver = createResolver(defineChain({
    stores: { file: file({ priority: 1, directory: directory.path }) },
    credentials: {
      "a:deep": own({ key: "/a/deep/key", note: "/a/note" }),
      "a:index": own({ key: "/hosts/0/p" }),
      "a:last": own({ key: "/hosts/-" }),
      "a:top": own({ key: "/0" }),
      "a:proto": own({ key: "/__proto__/key" }),
    },
  }));
  const write = async (key: "a:deep" | "a:index" | "a:last" | "a:top" | "a:proto", text: string) => {
    Deno.writeTextFileSync(path, text);
    await persist(resolver, key, { key: "new" });
    return Deno.readTextFileSync(path);
  };
  const refused = async (key: "a:index" | "a:last", text: string) => {
    Deno.writeTextFileSync(path, text);
    const { code, message } = await rejection(persist(resolver, key, { key: "new" }));
    assertEquals([code, Deno.readTextFileSync(path)], ["invalid", text]);
    return message.replace(/^.*is invalid: /, "");
  };
  try {
    assertEquals(
      await write("a:deep", '{\n  "a": {\n    "note": "n",\n    "deep": { "key": "old", "x": 1.0 }\n  }\n}\n'),
      '{\n  "a": {\n    "deep": { "key": "new", "x": 1.0 }\n  }\n}\n',
    );
    assertEquals(
      await write("a:deep", '{\n  "b": 1\n}\n'),
      '{\n  "b": 1,\n  "a": {\n    "deep": {\n      "key": "new"\n    }\n  }\n}\n',
    );
    assertEquals(
      await write("a:deep", '{\n  "a": {\n    "deep": {}\n  }\n}'),
      '{\n  "a": {\n    "deep": {\n      "key": "new"\n    }\n  }\n}',
    );
    assertEquals(await write("a:deep", '{"b":1}'), '{"b":1,"a":{"deep":{"key":"new"}}}');
    assertEquals(
      await write("a:index", '{"hosts": [ {"p": "old", "n": 1e2}, 3.0 ]}'),
      '{"hosts": [ {"p": "new", "n": 1e2}, 3.0 ]}',
    );
    assertEquals(await write("a:index", '{"hosts": {"0": {"p": "old"}}}'), '{"hosts": {"0": {"p": "new"}}}');
    assertEquals(await write("a:index", '{"hosts": { "1": 1.0 }}'), '{"hosts": { "1": 1.0, "0": {"p":"new"} }}');
    assertEquals(await write("a:top", '{ "1": 1.0 }'), '{ "1": 1.0, "0": "new" }');
    assertEquals(await write("a:last", '{"hosts":{}}').then(JSON.parse), { hosts: { "-": "new" } });
    assertEquals(await write("a:proto", '{"x":1}'), '{"x":1,"__proto__":{"key":"new"}}');
    const nothing = "has an index where there is nothing: write /hosts first";
    for (const text of ["{}", "", '{"hosts":null}', '{"hosts":[]}', '{"b":1}']) {
      assertEquals(await refused("a:index", text), `shared.json#/hosts/0/p ${nothing}`);
      assertEquals(await refused("a:last", text), `shared.json#/hosts/- ${nothing}`);
    }
    const through = "leads through a value that is not an object";
    assertEquals(await refused("a:index", '{"hosts":[7]}'), `shared.json#/hosts/0/p ${through}`);
    assertEquals(await refused("a:last", '{"hosts":[7]}'), `shared.json#/hosts/- ${through}`);
  } finally {
    directory.remove();
  }
});

Deno.test("a text that is edited has the value that was asked for, however it is written", () => {
  const objects = fc.dictionary(fc.constantFrom("a", "b", "", "é", "__proto__", '"}'), fc.jsonValue({ maxDepth: 3 }));
  const styles = fc.constantFrom<[indent: string, around: (text: string) => string]>(
    ["", (text) => text],
    ["  ", (text) => `\uFEFF${text}\n`],
    ["\t", (text) => ` ${text.replaceAll("\n", "\r\n")}\r\n`],
    ["\n", (text) => text],
  );
  fc.assert(
    fc.property(objects, objects, styles, (before, after, [indent, around]) => {
      const plain = (value: unknown) => JSON.parse(JSON.stringify(value));
      const text = around(JSON.stringify(before, null, indent));
      const edited = editText(text, plain(before), plain(after))!;
      assertEquals(JSON.parse(edited.replace(/^\uFEFF/, "")), plain(after));
      assertEquals(editText(edited, plain(after), plain(after)), edited);
    }),
    { numRuns: 1_000 },
  );
});
