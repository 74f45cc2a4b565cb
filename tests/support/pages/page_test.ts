import { assertEquals, assertThrows } from "@std/assert";
import { root } from "../closed_network/root.ts";
import { makeDirectoryInside } from "../fixtures/directory.ts";
import { asInstalled, Page, replaced } from "./page.ts";

const TEXT = `# Page

\`\`\`ts
// chain.config.ts
import { pino } from "npm:pino@^10.4.0";
\`\`\`

## Set-up

- A list:

  \`\`\`sh
  # Not a title
  run
  \`\`\`

| name | what |
| --- | --- |
| \`a\` | one |

## More

\`\`\`ts ignore
const pino = 1;
\`\`\`
`;

function pageOf(text: string): Page {
  const { path, remove } = makeDirectoryInside();
  try {
    Deno.writeTextFileSync(`${path}/page.md`, text);
    return new Page(`${path.slice(root.length)}/page.md`);
  } finally {
    remove();
  }
}

Deno.test("a block has the title that it stands below, and a comment of its code is none", () => {
  const blocks = pageOf(TEXT).all.map(({ title, info }) => [title, info]);
  assertEquals(blocks, [["Page", "ts"], ["Set-up", "sh"], ["More", "ts ignore"]]);
});

Deno.test("a block is found by its language, its title, a text of its code, or as the file that it names", () => {
  const page = pageOf(TEXT);
  assertEquals(page.blocks("More", "ts ignore"), ["const pino = 1;\n"]);
  assertEquals(page.snippet("const pino"), "const pino = 1;\n");
  assertEquals(page.file("chain.config.ts"), page.first("ts"));
  assertEquals(page.rows("Set-up"), [["`a`", "one"]]);
});

Deno.test("what a page does not have, or has twice, fails the test that looks for it", () => {
  const page = pageOf(TEXT);
  assertThrows(() => page.first("yaml"), Error, 'Cannot find a block with "yaml"');
  assertThrows(() => page.blocks("Set-up", "ts"), Error, 'Cannot find a block with "Set-up: ts"');
  assertThrows(() => page.snippet("pino"), Error, "found 2");
  assertThrows(() => page.file("main.ts"), Error, "found 0");
  assertThrows(() => page.rows("More"), Error, 'Cannot find a table below "More"');
  assertThrows(() => replaced("a", "b", "c"), Error, "The page has no b");
});

Deno.test("a program is as a project has it that installs packages by npm", () => {
  assertEquals(asInstalled('from "npm:pino@^10.4.0"; from "npm:@a/b@1.0.0";'), 'from "pino"; from "@a/b";');
});
