import { assertEquals, assertGreater } from "@std/assert";
import { root, rootUrl } from "./support/closed_network/root.ts";
import { documentationGaps, type DocumentedModule } from "./support/documentation.ts";

const { exports }: { exports: Record<string, string> } = JSON.parse(
  Deno.readTextFileSync(new URL("deno.json", rootUrl)),
);

/** The entry points whose exports are not all documented yet. */
const UNDOCUMENTED: readonly string[] = [
  ".",
  "./bootstrap",
  "./cli",
  "./report",
  "./hono",
  "./testing",
  "./oauth2",
  "./sts",
  "./vault",
  "./aws",
  "./exec",
  "./identity",
  "./otel",
  "./share",
  "./dotenv",
  "./clients/aws",
  "./clients/fetch",
  "./clients/iceberg",
  "./clients/neo4j",
  "./clients/postgres",
];

const modules = await documentedModules();

for (const [name, path] of Object.entries(exports)) {
  if (UNDOCUMENTED.includes(name)) continue;
  Deno.test(`whoever looks up an export of "${name}" finds a summary, its category and a titled example`, () => {
    const module = modules[new URL(path, rootUrl).href]!;
    assertGreater(module.symbols.length, 0);
    assertEquals(documentationGaps(module), []);
  });
}

Deno.test("an entry point that is documented is no longer in the list of those that are not", () => {
  const done = UNDOCUMENTED.filter((name) =>
    documentationGaps(modules[new URL(exports[name]!, rootUrl).href]!).length === 0
  );
  assertEquals(done, []);
});

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
