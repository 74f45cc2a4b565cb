import { assertEquals } from "@std/assert";
import { documentationGaps } from "./documentation.ts";

const category = { kind: "category", doc: "Chain" };
const example = { kind: "example", doc: "Two of them\n```ts\nconst [a, b] = [1, 2];\n```\n" };
const whole = { doc: "A chain. More of it.\n\nAnd more", tags: [category, example] };

function gapsOf(...comments: readonly (typeof whole | undefined)[]): string[] {
  const declarations = comments.map((jsDoc) => jsDoc ? { jsDoc } : {});
  return documentationGaps({ module_doc: whole, symbols: [{ name: "Chain", declarations }] });
}

Deno.test("an export with a sentence, a category and a titled example lacks nothing", () => {
  assertEquals(gapsOf(whole), []);
});

Deno.test("an export without a doc comment lacks all three", () => {
  assertEquals(gapsOf(undefined), ["Chain: no summary", "Chain: no category", "Chain: no example"]);
});

Deno.test("a category on the line of the summary is found, since no index would see it", () => {
  assertEquals(gapsOf({ doc: "A chain. @category Chain", tags: [example] }), [
    "Chain: a tag within its summary",
    "Chain: no category",
  ]);
});

Deno.test("a misspelt category is found", () => {
  assertEquals(gapsOf({ ...whole, tags: [{ kind: "category", doc: "Chains" }, example] }), [
    "Chain: another category, Chains",
  ]);
});

Deno.test("an example that only has code is found, since a page shows its title", () => {
  const untitled = { kind: "example", doc: "```ts\n1;\n```" };
  assertEquals(gapsOf({ ...whole, tags: [category, untitled] }), [
    "Chain: an example without a title, or without code",
  ]);
});

Deno.test("of overloads only the first needs an example, and each needs the category", () => {
  assertEquals(gapsOf(whole, { doc: "Another.", tags: [category] }), []);
  assertEquals(gapsOf(whole, { doc: "Another.", tags: [] }), ["Chain: no category"]);
});

Deno.test("the implementation of overloads, which no page shows, needs no doc comment", () => {
  const declarations = [{ jsDoc: whole, def: { hasBody: false } }, { def: { hasBody: true } }];
  assertEquals(documentationGaps({ module_doc: whole, symbols: [{ name: "required", declarations }] }), []);
});

Deno.test("the example of a module may be in its text, so that text may follow it", () => {
  const module_doc = { doc: "A module.\n\n```ts\n1;\n```\n\n- More of it" };
  assertEquals(documentationGaps({ module_doc, symbols: [] }), []);
});

Deno.test("what another entry point exports too is documented there", () => {
  const declarations = [{ kind: "reference" }];
  assertEquals(documentationGaps({ module_doc: whole, symbols: [{ name: "Having", declarations }] }), []);
});

Deno.test("a module needs a summary and an example too", () => {
  assertEquals(documentationGaps({ symbols: [] }), ["(module): no summary", "(module): no example"]);
});
