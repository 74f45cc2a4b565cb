import { assertEquals, assertGreater } from "@std/assert";
import { anchorsOf, brokenPart, linksOf } from "./support/pages/markdown_links.ts";
import { filesBelow, markdownPages } from "./support/repository_files.ts";

const files = new Set(filesBelow());

Deno.test("every link of a page to a file or a heading of this repository leads to one", () => {
  const links = markdownPages().flatMap((page) => linksOf(page));
  assertGreater(links.length, 100);
  assertEquals(links.flatMap((link) => brokenPart(link, files) ?? []), []);
});

Deno.test("every link of the README is absolute, since npm and JSR show it elsewhere", () => {
  const targets = linksOf("README.md").map(({ target }) => target);
  assertEquals(targets.filter((target) => !/^(?:https:\/\/|#)/.test(target)), []);
});

Deno.test("links are found in text, images, definitions and HTML, and not in code", () => {
  const text = [
    "[a](a.md) ![b](<b.png>) [c][c] `[no](no.md)`",
    '<a href="d.md"><img src="e.png"></a>',
    "```md\n[no](no.md)\n```",
    "[c]: c.md#x",
  ].join("\n");
  assertEquals(linksOf("x.md", text).map(({ target }) => target), ["a.md", "b.png", "d.md", "e.png", "c.md#x"]);
});

Deno.test("a heading has the anchor that GitHub gives it", () => {
  const text = "# The `check` command: [what](x.md) it's for\n```\n# no\n```\n## New\n## New\n### Ünï_code & co";
  assertEquals([...anchorsOf(text)], ["the-check-command-what-its-for", "new", "new-1", "ünï_code--co"]);
});

Deno.test("a link to what does not exist is told, whether it is relative or absolute", () => {
  const broken = (target: string) => brokenPart({ page: ".github/CONTRIBUTING.md", target }, files);
  const [blob, raw] = [
    "https://github.com/alphaswarm/credentials/blob/main",
    "https://raw.githubusercontent.com/alphaswarm/credentials/main",
  ];
  for (
    const target of [
      "../mod.ts",
      "../src",
      "CHANGELOG.md#unreleased",
      "#release",
      `${blob}/mod.ts`,
      `${raw}/mod.ts`,
      "https://example.com/x",
    ]
  ) {
    assertEquals(broken(target), undefined, target);
  }
  for (
    const target of [
      "mod.ts",
      "CHANGELOG.md#nothing",
      "#nothing",
      `${blob}/none.ts`,
      `${raw}/none.ts`,
      `${blob}/.github/CHANGELOG.md#nothing`,
    ]
  ) {
    assertEquals(typeof broken(target), "string", target);
  }
});
