import { assert, assertEquals, assertGreater } from "@std/assert";
import { root, rootUrl } from "./support/closed_network/root.ts";
import {
  coreDependencies,
  fileCycles,
  folderCycles,
  longFunctions,
  reach,
  runtimeNames,
  strangers,
  wrongImports,
} from "./support/layout.ts";
import { readAllFacts } from "./support/source_facts.ts";

const MAX_FILE_LINES = 250;
const MAX_FUNCTION_LINES = 50;

const paths: readonly string[] = list("src");
const texts: ReadonlyMap<string, string> = new Map(
  ["mod.ts", ...paths.filter((path) => /\.tsx?$/.test(path))].map((path) => [path, read(path)]),
);
const files = readAllFacts(texts);

/** From the bottom up: each of these may reach at run time what stands before it, and nothing that stands after. */
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

Deno.test("a folder imports what the layout says and nothing else, so that a user pays for what they use", () => {
  assertEquals(wrongImports(files), []);
});

Deno.test("data flows one way, from the chain to the resolver, and imports point down", () => {
  assertEquals(ORDER.filter((path) => !files.has(path)), [], "no such file");
  const wrong = ORDER.flatMap((path, index) => {
    const reached = reach(files, path);
    return ORDER.slice(index + 1).filter((above) => reached.has(above)).map((above) => `${path} → ${above}`);
  });
  assertEquals(wrong, []);
});

Deno.test("neither files nor folders import one another in a circle, types included", () => {
  assertEquals([...fileCycles(files), ...folderCycles(files)], []);
});

Deno.test("every part of the package is one that the layout names", () => {
  assertEquals(strangers(paths), []);
});

Deno.test("the core depends on no package, neither at run time nor for a type", () => {
  assertEquals(coreDependencies(files), []);
});

Deno.test("only the runtime's own folder and the terminal name a runtime", () => {
  assertEquals(runtimeNames(files), []);
});

Deno.test("a file of the package is short enough to be read at once, and named in snake case", () => {
  const long = [...texts].filter(([, text]) => text.split("\n").length - 1 > MAX_FILE_LINES).map(([path]) => path);
  assertEquals(long, [], `no more than ${MAX_FILE_LINES} lines`);
  assertEquals([...texts.keys()].filter((path) => !/^(?:[a-z][a-z0-9_]*\/)*[a-z][a-z0-9_]*\.tsx?$/.test(path)), []);
});

Deno.test("a function of the package fits on a screen", () => {
  assertEquals(longFunctions(files, MAX_FUNCTION_LINES), [], `no more than ${MAX_FUNCTION_LINES} lines`);
});

Deno.test("mod.ts pulls in no package and no node: module at run time", async () => {
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

Deno.test("importing the package reads nothing: no file, no variable, no address", async () => {
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

Deno.test("deno.lock holds what the commands need, and nothing of what the tests need besides", () => {
  const { specifiers } = JSON.parse(read("deno.lock"));
  const { imports } = JSON.parse(read("deno.json"));
  const declared = Object.values<string>(imports).map((specifier) => specifier.replace(/@[^@]*$/, ""));
  const names = Object.keys(specifiers).map((specifier) => specifier.replace(/@[^@]*$/, ""));
  assertEquals(names.filter((name) => !declared.includes(name)), []);
  // No name may lead past the layout to a file of the package.
  assert(declared.every((specifier) => /^(?:npm|jsr):/.test(specifier)));
});

Deno.test("no lock ever holds a stand-in for a package of JSR", {
  ignore: !Deno.env.get("JSR_URL")?.startsWith("file:"),
}, () => {
  for (const lock of ["deno.lock", "tests/deno.lock"]) assertEquals(/^ {2}"jsr": \{/m.test(read(lock)), false, lock);
});

function list(directory: string): string[] {
  return [...Deno.readDirSync(new URL(`${directory}/`, rootUrl))].flatMap(({ name, isDirectory }) => {
    const path = `${directory}/${name}`;
    return isDirectory ? list(path) : [path];
  });
}

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
