import fc from "npm:fast-check@^4.10.2";
import type { Marker } from "./marker.ts";
import { mutated } from "./mutations.ts";

/** Texts of JSON values that are not objects, and of numbers and texts at the edges. */
const ODD_VALUES: readonly string[] = [
  "null",
  "true",
  "false",
  "0",
  "-0",
  "1e999",
  "-1e999",
  "1e-999",
  "9007199254740993",
  "1E400",
  '""',
  '" "',
  '"\\t\\n"',
  '"\\u0000"',
  '"\\ud800"',
  '"\\udc00\\ud800"',
  '"\\ufffd"',
  '"\\u00a0"',
  '"a:b"',
  '"__proto__"',
  "{}",
  "[]",
  "[null]",
  '{"":""}',
  '{"toString":1,"valueOf":1}',
  '{"__proto__":{"user":"u"}}',
  '{"then":1}',
  '{"length":1e9}',
];

/** Texts that are not JSON, in the place of a value. */
const NOT_JSON: readonly string[] = [
  "NaN",
  "Infinity",
  "undefined",
  "01",
  "+1",
  "1.",
  ".5",
  "0x10",
  "'a'",
  "`a`",
  "",
  "{,}",
  "[1,]",
  '{"a":1,}',
  "{a:1}",
  "// a",
  '"\\x41"',
  '"a\nb"',
  "\uFEFF{}",
];

/** How deep a value is nested that is meant to overflow the stack. */
export const DEEP = 30_000;

/** Texts of JSON values in the place of a member that should be something else. */
export const ODD: readonly string[] = [
  "null",
  "true",
  "7",
  '""',
  '" "',
  "[]",
  '["a"]',
  "{}",
  '{"toString":1,"valueOf":1}',
  '{"__proto__":null}',
  '"\\u0000"',
  '"\\ud800"',
  '"\\ufffd"',
  '"\\r\\n"',
  "[".repeat(DEEP) + "]".repeat(DEEP),
];

const DEEP_VALUES: readonly string[] = [
  "[".repeat(DEEP) + "]".repeat(DEEP),
  '{"a":'.repeat(DEEP / 3) + "1" + "}".repeat(DEEP / 3),
  "[".repeat(DEEP),
];

/** Texts of the values of members. */
function values({ text }: Marker): fc.Arbitrary<string> {
  const marked = [text, `${text}:${text}`, ` ${text}`, `${text}\n`, `${text}\0`, `${text}\uD800`, `\uFFFD${text}`];
  return fc.oneof(
    { weight: 60, arbitrary: fc.constant(JSON.stringify(text)) },
    { weight: 20, arbitrary: fc.constantFrom(...marked).map((each) => JSON.stringify(each)) },
    { weight: 40, arbitrary: fc.constantFrom(...ODD_VALUES) },
    { weight: 6, arbitrary: fc.constantFrom([text], { a: text }, { user: text }).map((each) => JSON.stringify(each)) },
    { weight: 2, arbitrary: fc.constantFrom(...NOT_JSON) },
    { weight: 4, arbitrary: fc.string({ unit: "binary", maxLength: 6 }).map((each) => JSON.stringify(text + each)) },
    { weight: 1, arbitrary: fc.constantFrom(...DEEP_VALUES.slice(0, 2)) },
  );
}

/** Names of members that lead somewhere else in JavaScript, or look like a declared one. */
const ODD_NAMES: readonly string[] = [
  "__proto__",
  "constructor",
  "toString",
  "length",
  "0",
  "",
  "then",
  "User",
  "user ",
];

/** A tree of members: a text is the JSON of a value. */
export type Tree = string | readonly (readonly [name: string, value: Tree])[];

/** Texts of objects with some of these members, in any order, once or twice; a member of several names is nested. */
function objects(paths: readonly (readonly string[])[], marker: Marker): fc.Arbitrary<string> {
  const declared = fc.constantFrom(...paths);
  const odd = fc.constantFrom(...ODD_NAMES, marker.text).map((name) => [name]);
  const path = fc.oneof(
    { weight: 12, arbitrary: declared },
    { weight: 1, arbitrary: declared.map((each) => each.slice(0, -1)) },
    { weight: 1, arbitrary: fc.tuple(declared, odd).map(([each, name]) => [...each.slice(0, -1), ...name]) },
    { weight: 1, arbitrary: odd },
  ).filter((each) => each.length > 0);
  return fc.array(fc.tuple(path, values(marker)), { minLength: 1, maxLength: paths.length + 2, size: "max" })
    .map((all) => textOf(all.reduce<Tree>((tree, [names, value]) => withMember(tree, names, value), [])));
}

/** Adds a member to the first object at its path, and so a second one of its name if there is one. */
function withMember(tree: Tree, [name, ...rest]: readonly string[], value: string): Tree {
  if (typeof tree === "string") return tree;
  const at = rest.length > 0 ? tree.findIndex(([own, inner]) => own === name && typeof inner !== "string") : -1;
  if (at < 0) return [...tree, [name!, rest.length > 0 ? withMember([], rest, value) : value]];
  return tree.map((member, index) => index === at ? [name!, withMember(member[1], rest, value)] : member);
}

/** Returns the JSON of a tree. */
export function textOf(tree: Tree): string {
  if (typeof tree === "string") return tree;
  return `{${tree.map(([name, value]) => `${JSON.stringify(name)}:${textOf(value)}`).join(",")}}`;
}

/** Returns the JSON of an object; `PROTO` stands for a name that an object literal cannot have as its own. */
export function objectText(members: Readonly<Record<string, string | undefined>>): string {
  const known = Object.entries(members).flatMap(([name, value]) =>
    value === undefined ? [] : [[name === "PROTO" ? "__proto__" : name, value] as const]
  );
  return textOf(known);
}

/** Texts of objects with all of these members, each with a planted secret. */
function whole(paths: readonly (readonly string[])[], { text }: Marker): fc.Arbitrary<string> {
  return fc.subarray([...paths], { minLength: Math.max(0, paths.length - 2) }).map((all) =>
    textOf(all.reduce<Tree>((tree, path) => withMember(tree, path, JSON.stringify(text)), []))
  );
}

const AROUND: readonly (readonly [before: string, after: string])[] = [
  ["\uFEFF", ""],
  ["\uFEFF\uFEFF", ""],
  ["", "\r\n"],
  [" \t\r\n", " "],
  ["", "\0"],
  ["", "{}"],
  ["[", "]"],
  ['"', '"'],
  ["// comment\n", ""],
  ["", "\u00A0"],
];

/**
 * Texts of documents with members at these paths: whole, in part, in another form, mutated, nested too deep, or something
 * else. A planted secret is in most of them.
 */
export function jsonTexts(paths: readonly (readonly string[])[], marker: Marker): fc.Arbitrary<string> {
  const near = fc.oneof(objects(paths, marker), whole(paths, marker));
  const large = fc.constantFrom(1_000, 60_000, 1_040_000).map((length) =>
    textOf([...paths.map(([name]) => [name!, JSON.stringify(marker.text)] as const), [
      "note",
      `"${"a".repeat(length)}"`,
    ]])
  );
  return fc.oneof(
    { weight: 300, arbitrary: near },
    { weight: 150, arbitrary: mutated(near) },
    { weight: 30, arbitrary: fc.tuple(near, fc.constantFrom(...AROUND)).map(([text, [a, b]]) => a + text + b) },
    { weight: 30, arbitrary: values(marker) },
    { weight: 5, arbitrary: fc.constantFrom(...DEEP_VALUES, ...NOT_JSON, marker.text) },
    { weight: 1, arbitrary: large },
  );
}

/** Parses a text as the simplest reader of JSON does; nothing of what is not JSON. */
export function jsonIn(text: unknown): unknown {
  try {
    // Hint: the text of an answer has no byte order mark any more.
    return JSON.parse(String(text).replace(/^\uFEFF/, ""));
  } catch {
    return undefined;
  }
}

/** Returns a member of its own of an object; nothing of anything else. */
export function memberIn(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.getOwnPropertyDescriptor(value, name)?.value;
}
