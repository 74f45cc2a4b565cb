import { assertEquals, assertGreater } from "@std/assert";
import { root, rootUrl } from "./support/closed_network/root.ts";
import { printingExamples } from "./support/doc_examples.ts";
import { documentationGaps, type DocumentedModule } from "./support/documentation.ts";
import { writePageProgram } from "./support/pages/page_program.ts";

const { exports }: { exports: Record<string, string> } = JSON.parse(
  Deno.readTextFileSync(new URL("deno.json", rootUrl)),
);

const modules = await documentedModules();

for (const [name, path] of Object.entries(exports)) {
  Deno.test(`whoever looks up an export of "${name}" finds a summary, its category and a titled example`, () => {
    const module = modules[new URL(path, rootUrl).href]!;
    assertGreater(module.symbols.length, 0);
    assertEquals(documentationGaps(module), []);
  });
}

Deno.test("an example in a doc comment prints what its comments show", async (t) => {
  const examples = printingExamples(Object.values(modules));
  assertGreater(examples.length, 10);
  for (const { name, code, prints } of examples) {
    await t.step(name, async () => {
      using program = writePageProgram(code);
      assertEquals(await printedBy(program.path), prints);
    });
  }
});

async function printedBy(path: string): Promise<readonly (readonly unknown[])[]> {
  const { log } = console;
  const printed: unknown[][] = [];
  console.log = (...values) => void printed.push(values);
  try {
    await import(`file://${path}`);
  } finally {
    console.log = log;
  }
  return printed;
}

async function documentedModules(): Promise<Readonly<Record<string, DocumentedModule>>> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--no-lock", "--json", ...Object.values(exports)],
    cwd: root,
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  assertEquals(success, true, decoder.decode(stderr));
  return JSON.parse(decoder.decode(stdout)).nodes;
}
