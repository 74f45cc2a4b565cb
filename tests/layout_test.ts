import { assert, assertEquals, assertGreater } from "@std/assert";
import { root, rootUrl } from "./support/closed_network/root.ts";
import {
  coreDependencies,
  fileCycles,
  folderCycles,
  longFiles,
  longFunctions,
  missingOnNode20,
  runtimeImports,
  runtimeNames,
  unplacedFiles,
  wrongImports,
} from "./support/layout.ts";
import { filesBelow } from "./support/repository_files.ts";
import { readAllFacts } from "./support/source_facts.ts";

const MAX_FILE_LINES = 220;
const MAX_FUNCTION_LINES = 50;

const paths: readonly string[] = filesBelow("src/");
const texts: ReadonlyMap<string, string> = new Map(
  ["mod.ts", ...paths.filter((path) => /\.tsx?$/.test(path))].map((path) => [path, read(path)]),
);
const files = readAllFacts(texts);

/** From the bottom up: each of these files may import, directly or not, those before it, and none of those after it. */
const ORDER = [
  "src/core/chain/outcome.ts",
  "src/core/chain/errors.ts",
  "src/core/chain/reference.ts",
  "src/core/source/freshness.ts",
  "src/core/chain/chain.ts",
  "src/core/engine/plan.ts",
  "src/core/engine/walk.ts",
  "src/core/engine/hold.ts",
  "src/core/engine/resolver.ts",
  "src/core/engine/create_resolver.ts",
];

Deno.test("a folder imports only what the layout allows, so that users bundle only what they use", () => {
  assertEquals(wrongImports(files), []);
});

Deno.test("data flows one way, from the chain to the resolver, and imports point down", () => {
  assertEquals(ORDER.filter((path) => !files.has(path)), [], "this file does not exist");
  const wrong = ORDER.flatMap((path, index) => {
    const reached = runtimeImports(files, path);
    return ORDER.slice(index + 1).filter((above) => reached.has(above)).map((above) => `${path} → ${above}`);
  });
  assertEquals(wrong, []);
});

Deno.test("no files and no folders import each other in a cycle, types included", () => {
  assertEquals([...fileCycles(files), ...folderCycles(files)], []);
});

Deno.test("every file of src is in a folder of the layout", () => {
  assertEquals(unplacedFiles(paths), []);
});

Deno.test("the core imports no package, at run time or for a type", () => {
  assertEquals(coreDependencies(files), []);
});

Deno.test("the describe route imports no package but Hono, so that no bundle of it has what validates", () => {
  const reached = [...runtimeImports(files, "src/route/mod.ts")].filter((path) => !files.has(path));
  assertEquals(reached.filter((name) => name !== "hono" && !name.startsWith("hono/")), []);
});

Deno.test("only src/core/runtime and the terminal use the globals of a runtime", () => {
  assertEquals(runtimeNames(files), []);
});

Deno.test("nothing of the package calls what Node 20 lacks, so that it runs there too", () => {
  assertEquals(missingOnNode20(files), []);
});

Deno.test("a file of the package is short, and named in snake case", () => {
  assertEquals(longFiles(files, MAX_FILE_LINES), [], `longer than ${MAX_FILE_LINES} lines`);
  assertEquals([...texts.keys()].filter((path) => !/^(?:[a-z][a-z0-9_]*\/)*[a-z][a-z0-9_]*\.tsx?$/.test(path)), []);
});

Deno.test("a function of the package fits on a screen", () => {
  assertEquals(longFunctions(files, MAX_FUNCTION_LINES), [], `longer than ${MAX_FUNCTION_LINES} lines`);
});

Deno.test("mod.ts imports no package and no node: module at run time, directly or not", async () => {
  interface Dependency {
    readonly code?: { readonly specifier: string };
  }
  const graph: { roots: string[]; modules: { specifier: string; dependencies?: Dependency[] }[] } = JSON.parse(
    await deno(["info", "--no-lock", "--json", "mod.ts"]),
  );
  const modules = new Map(graph.modules.map((module) => [module.specifier, module]));
  const seen = new Set(graph.roots);
  for (const specifier of seen) {
    for (const { code } of modules.get(specifier)?.dependencies ?? []) if (code) seen.add(code.specifier);
  }
  assertGreater(seen.size, 10);
  assertEquals([...seen].filter((specifier) => !specifier.startsWith(rootUrl.href)), []);
});

Deno.test("importing the package needs no permission: it reads no file or variable, and sends no request", async () => {
  const audit = Deno.makeTempFileSync();
  try {
    const env = { DENO_AUDIT_PERMISSIONS: audit };
    for (const path of Object.values(entryPoints()).filter((path) => path !== "./src/cli/mod.ts")) {
      await deno(["run", "--no-lock", "--no-prompt", path], env);
      assertEquals(Deno.readTextFileSync(audit), "", path);
    }
  } finally {
    Deno.removeSync(audit);
  }
});

Deno.test("deno.lock has the packages that the commands need, and none that only the tests need", () => {
  const { specifiers } = JSON.parse(read("deno.lock"));
  const { imports } = JSON.parse(read("deno.json"));
  const declared = Object.values<string>(imports).map((specifier) => specifier.replace(/@[^@]*$/, ""));
  const names = Object.keys(specifiers).map((specifier) => specifier.replace(/@[^@]*$/, ""));
  assertEquals(names.filter((name) => !declared.includes(name)), []);
  // An import map entry for a file of the package would get around the layout.
  assert(declared.every((specifier) => /^(?:npm|jsr):/.test(specifier)));
});

Deno.test("no committed lock file has a stand-in for a package of JSR", {
  ignore: !Deno.env.get("JSR_URL")?.startsWith("file:"),
}, () => {
  for (const lock of ["deno.lock", "tests/deno.lock"]) assertEquals(/^ {2}"jsr": \{/m.test(read(lock)), false, lock);
});

function read(path: string): string {
  return Deno.readTextFileSync(new URL(path, rootUrl));
}

function entryPoints(): Record<string, string> {
  return JSON.parse(read("deno.json")).exports;
}

async function deno(args: string[], env: Record<string, string> = {}): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, env, cwd: root, stdin: "null" })
    .output();
  const decoder = new TextDecoder();
  assertEquals(success, true, decoder.decode(stderr));
  return decoder.decode(stdout);
}
