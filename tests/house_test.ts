import { assertEquals, assertGreater } from "@std/assert";
import { dirname, join } from "node:path/posix";
import { root, rootUrl } from "./support/closed_network/root.ts";

const MAX_LINES = 250;

/** An import statement of a file of the package. */
interface Import {
  /** The imported file from the repository's folder, or the bare name of a package. */
  readonly target: string;
  /** Whether it imports types alone, and so is gone at run time. */
  readonly type: boolean;
}

const files: ReadonlyMap<string, string> = new Map(["mod.ts", ...list("src")].map((path) => [path, read(path)]));
const imports: ReadonlyMap<string, readonly Import[]> = new Map(
  [...files].map(([path, text]) => [path, scan(path, text)]),
);

/** The rooms that stand on the resolver, and the only other rooms into which each may look. */
const ROOMS: Record<string, readonly string[]> = {
  report: [],
  bootstrap: [],
  clients: [],
  testing: [],
  route: ["report"],
  cli: ["report", "bootstrap", "clients", "route", "testing"],
};

/** From the bottom up: each of these may reach at run time what stands before it, and nothing that stands after. */
const ORDER = ["outcome", "errors", "reference", "freshness", "chain", "plan", "walk", "hold", "resolver", "registry"];

Deno.test("the package's imports point down, from the registry to the outcome", () => {
  const wrong = ORDER.flatMap((name, index) => {
    const reached = reach(`src/${name}.ts`);
    return ORDER.slice(index + 1).filter((above) => reached.has(`src/${above}.ts`)).map((above) =>
      `${name} → ${above}`
    );
  });
  assertEquals(wrong, []);
});

Deno.test("the package's files do not import one another in a circle at run time", () => {
  const circular = [...files.keys()].filter((path) => valuesOf(path).some((target) => reach(target).has(path)));
  assertEquals(circular, []);
});

Deno.test("the core imports no store and no room, so that a user pays for what they use", () => {
  const wrong = edges(([path, { target }]) =>
    isCore(path) &&
    (room(target) in ROOMS || (room(target) === "stores" && target !== "src/stores/store.ts"))
  );
  assertEquals(wrong, []);
});

Deno.test("a store imports neither the resolver nor what leads to it, so that one's own can be written the same way", () => {
  const above = ["plan", "walk", "hold", "resolver", "registry", "compiled_resolver"].map((name) => `src/${name}.ts`);
  const wrong = [...files.keys()].filter((path) => room(path) === "stores").flatMap((path) =>
    above.filter((target) => reach(path).has(target)).map((target) => `${path} → ${target}`)
  );
  assertEquals(wrong, []);
});

Deno.test("a room imports no other, but for the command line, and for the route that serves a report", () => {
  const wrong = edges(([path, { target }]) => {
    const [from, to] = [room(path), room(target)];
    return from in ROOMS && to in ROOMS && from !== to && !ROOMS[from]?.includes(to);
  });
  assertEquals(wrong, []);
});

Deno.test("the core has no dependency at run time", () => {
  const wrong = edges(([path, { target, type }]) => isCore(path) && !type && !files.has(target));
  assertEquals(wrong, []);
});

Deno.test("only the host and the terminal name a runtime", () => {
  const named = /\b(?:Deno|Bun|process)\s*(?:\?\.|\.|\[)\s*[\w"'[]|\btypeof\s+(?:Deno|Bun|process)\b/;
  const wrong = [...files].filter(([path, text]) =>
    path !== "src/host.ts" && path !== "src/cli/terminal.ts" && named.test(withoutStrings(withoutComments(text)))
  );
  assertEquals(wrong.map(([path]) => path), []);
});

Deno.test("a file of the package is short enough to be read at once, and named in snake case", () => {
  const long = [...files].filter(([, text]) => text.split("\n").length - 1 > MAX_LINES).map(([path]) => path);
  assertEquals(long, [], `no more than ${MAX_LINES} lines`);
  assertEquals([...files.keys()].filter((path) => !/^(?:[a-z][a-z0-9_]*\/)*[a-z][a-z0-9_]*\.tsx?$/.test(path)), []);
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
});

Deno.test("no lock ever holds a stand-in for a package of JSR", {
  ignore: !Deno.env.get("JSR_URL")?.startsWith("file:"),
}, () => {
  for (const lock of ["deno.lock", "tests/deno.lock"]) assertEquals(/^ {2}"jsr": \{/m.test(read(lock)), false, lock);
});

function list(directory: string): string[] {
  return [...Deno.readDirSync(new URL(`${directory}/`, rootUrl))].flatMap(({ name, isDirectory }) => {
    const path = `${directory}/${name}`;
    return isDirectory ? list(path) : /\.tsx?$/.test(name) ? [path] : [];
  });
}

function read(path: string): string {
  return Deno.readTextFileSync(new URL(path, rootUrl));
}

function scan(path: string, text: string): Import[] {
  const statement =
    /^(?:import|export)\s(type\s)?[^;"'`]*?from "([^"]+)"|^import "([^"]+)"|(\btypeof\s+)?\bimport\("([^"]+)"\)/gm;
  return [...withoutComments(text).matchAll(statement)].map(([, type, from, bare, typeOf, dynamic]) => {
    const specifier = from ?? bare ?? dynamic ?? "";
    const target = specifier.startsWith(".") ? join(dirname(path), specifier) : specifier;
    return { target, type: (type ?? typeOf) !== undefined };
  });
}

function valuesOf(path: string): string[] {
  return (imports.get(path) ?? []).filter(({ type }) => !type).map(({ target }) => target);
}

/** The files that a file imports at run time, directly or through others. */
function reach(path: string): ReadonlySet<string> {
  const reached = new Set(valuesOf(path));
  for (const target of reached) valuesOf(target).forEach((next) => reached.add(next));
  return reached;
}

function edges(matches: (edge: readonly [path: string, imported: Import]) => boolean): string[] {
  return [...imports].flatMap(([path, all]) =>
    all.filter((imported) => matches([path, imported])).map(({ target }) => `${path} → ${target}`)
  );
}

/** The folder beneath `src` in which a file is; a file of `src` itself is in `""`. */
function room(path: string): string {
  return /^src\/(\w+)\//.exec(path)?.[1] ?? "";
}

function isCore(path: string): boolean {
  return path.startsWith("src/") && (room(path) === "" || room(path) === "shapes");
}

function withoutComments(text: string): string {
  return text.replace(/"(?:[^"\\\n]|\\.)*"|\/\*[\s\S]*?\*\/|\/\/.*$/gm, (match) => match.startsWith('"') ? match : "");
}

function withoutStrings(text: string): string {
  return text.replace(/"(?:[^"\\\n]|\\.)*"/g, '""');
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
