import { assertEquals } from "@std/assert";
import { printingExamples } from "./doc_examples.ts";

function examplesOf(...docs: readonly string[]) {
  const tags = docs.map((doc) => ({ kind: "example", doc }));
  return printingExamples([{ symbols: [{ name: "Chain", declarations: [{ jsDoc: { tags } }] }] }]);
}

Deno.test("what an example prints is in the comment of each call", () => {
  const calls = 'Two\n```ts\nconsole.log("a", [1]); // "a", [1]\nlog: () => console.log(true),\n// true\n```\n';
  assertEquals(examplesOf(calls).map(({ name, prints }) => ({ name, prints })), [
    { name: "Chain, Two", prints: [["a", [1]], [true]] },
  ]);
});

Deno.test("an example whose comments are not data, or that lacks one, is left to its type check", () => {
  assertEquals(examplesOf('One\n```ts\nconsole.log(source); // "file" or "env"\n```\n'), []);
  assertEquals(examplesOf("Two\n```ts\nconsole.log(1); // 1\nconsole.log(2);\n```\n"), []);
  assertEquals(examplesOf("None\n```ts\nconst a = 1; // 1\n```\n"), []);
});

Deno.test("an example that two entry points have in common is run once", () => {
  const doc = "One\n```ts\nconsole.log(1); // 1\n```\n";
  assertEquals(examplesOf(doc, doc).length, 1);
});
