import { assertEquals } from "@std/assert";
import {
  coreDependencies,
  fileCycles,
  folderCycles,
  longFiles,
  longFunctions,
  missingOnNode20,
  type Package,
  runtimeImports,
  runtimeNames,
  unplacedFiles,
  wrongImports,
} from "./layout.ts";
import { readAllFacts } from "./source_facts.ts";

function parse(files: Readonly<Record<string, string>>): Package {
  return readAllFacts(new Map(Object.entries(files)));
}

/** Every way to import a file of the engine, which the chain may not do. */
const FORBIDDEN: Readonly<Record<string, string>> = {
  "a value": `import { compile } from "../engine/plan.ts";`,
  "a type": `import type { Plan } from "../engine/plan.ts";`,
  "a type in several lines":
    `import type {\n  Plan,\n  // a comment; with "quotes"\n  Source,\n} from "../engine/plan.ts";`,
  "an inline type": `import { type Plan } from "../engine/plan.ts";`,
  "an inline type among others in several lines": `import {\n  other,\n  type Plan,\n} from '../engine/plan.ts';`,
  "a default and a namespace": `import plan, * as all from "../engine/plan.ts";`,
  "a namespace of types": `import type * as plan from "../engine/plan.ts";`,
  "a type in an import expression": `export type Of<T> = import("../engine/plan.ts").Plan<T>;`,
  "the type of a module": `declare const plan: typeof import("../engine/plan.ts");`,
  "a re-exported value": `export { compile } from "../engine/plan.ts";`,
  "a re-exported type": `export type { Plan } from "../engine/plan.ts";`,
  "an inline re-exported type": `export { type Plan } from "../engine/plan.ts";`,
  "a re-exported module": `export * from "../engine/plan.ts";`,
  "a re-exported namespace": `export * as plan from "../engine/plan.ts";`,
  "a side effect": `import "../engine/plan.ts";`,
  "a module that is loaded later": `export const later = () => import("../engine/plan.ts");`,
  "a module with attributes": `import plan from "../engine/plan.ts" with { type: "text" };`,
  "a module that is required": `import plan = require("../engine/plan.ts");`,
  "a reference": `/// <reference path="../engine/plan.ts" />`,
};

for (const [how, text] of Object.entries(FORBIDDEN)) {
  Deno.test(`the layout test fails when the chain imports the engine by ${how}`, () => {
    assertEquals(wrongImports(parse({ "src/core/chain/chain.ts": text })), [
      "src/core/chain/chain.ts → src/core/engine/plan.ts",
    ]);
  });
}

Deno.test("the layout test counts the lines of a file, but no blank ones and no doc comments", () => {
  const text = `/**
 * A module.
 *
 * @module
 */
import { one } from "./one.ts";

// Hint: this counts, and so does the next line.
/** How many. */ export const many = "/** not a comment */";

/** What there is. */
export interface All {
  /** One of them. */
  readonly one: typeof one;
}
/** Two. */
/** Three. */
`;
  assertEquals(longFiles(parse({ "src/core/chain/chain.ts": text }), 5), ["src/core/chain/chain.ts (6)"]);
  assertEquals(longFiles(parse({ "src/core/chain/chain.ts": text }), 6), []);
});

Deno.test("the layout test does not mistake a comment or a string for an import", () => {
  const text = `
    // import type { Plan } from "../engine/plan.ts";
    /** import type { Plan } from "../engine/plan.ts"; */
    export const text = 'import "../engine/plan.ts"' + \`
import "../engine/plan.ts";
\`;`;
  assertEquals(wrongImports(parse({ "src/core/chain/chain.ts": text })), []);
});

/** What a file of each folder may import and, after the bar, what it may not. */
const TABLE: Readonly<Record<string, string>> = {
  "core/chain/a.ts": "core/chain | core/runtime core/source core/engine stores/env.ts report mod.ts",
  "core/runtime/a.ts": "core/chain core/runtime | core/source core/engine stores/env.ts",
  "core/source/a.ts": "core/chain core/source | core/runtime core/engine stores/env.ts",
  "core/engine/a.ts": "core/chain core/runtime core/source core/engine | stores/env.ts stores/sts share report testing",
  "stores/file.ts": "core/chain core/runtime core/source | core/engine stores/env.ts stores/oauth2 share",
  "stores/oauth2/oauth2.ts": "core/chain core/runtime core/source stores/oauth2 | core/engine stores/env.ts stores/sts",
  "share/redis.ts": "core/chain core/engine share | stores/env.ts report",
  "report/check.ts": "core/chain core/engine report | stores/file.ts route bootstrap mod.ts",
  "bootstrap/ensure.ts": "core/engine bootstrap | stores/file.ts report",
  "otel/mod.ts": "core/engine otel | report stores/env.ts",
  "clients/aws.ts": "core/chain clients | stores/sts report bootstrap",
  "route/page.ts": "core/engine report route | stores/env.ts bootstrap cli",
  "testing/test_host.ts": "core/chain core/engine stores/env.ts stores/oauth2 testing | report cli",
  "cli/run.ts":
    "core/engine stores/env.ts stores/sts share report bootstrap otel clients route testing cli ../mod.ts | ../tests",
};

for (const [importer, row] of Object.entries(TABLE)) {
  Deno.test(`the layout test knows what ${importer} may import`, () => {
    const [may = [], mayNot = []] = row.split(" | ").map((names) => names.split(" ").map((name) => file(name)));
    const climb = "../".repeat(importer.split("/").length - 1);
    const text = [...may, ...mayNot].map((path) => `import type { A } from "${climb}${path}";`).join("\n");
    const found = wrongImports(parse({ [`src/${importer}`]: text }));
    assertEquals(
      found,
      mayNot.map((path) => `src/${importer} → ${path.startsWith("../") ? path.slice(3) : `src/${path}`}`),
    );
  });
}

function file(name: string): string {
  if (name === "mod.ts") return "../mod.ts";
  return name.endsWith(".ts") ? name : `${name}/b.ts`;
}

Deno.test("the layout test knows what the public surface may re-export", () => {
  const text = `export * from "./src/core/engine/resolver.ts"; export * from "./src/stores/env.ts";
    export type * from "./src/report/mod.ts";`;
  assertEquals(wrongImports(parse({ "mod.ts": text })), ["mod.ts → src/report/mod.ts"]);
});

Deno.test("the layout test fails when a file imports the package by its name, or a path that is computed", () => {
  const text = `import { env } from "@alphaswarm/credentials"; import { sts } from "@alphaswarm/credentials/sts";
    export const load = (path: string) => import(path);`;
  assertEquals(wrongImports(parse({ "src/report/check.ts": text })), [
    "src/report/check.ts → @alphaswarm/credentials",
    "src/report/check.ts → @alphaswarm/credentials/sts",
    "src/report/check.ts → (computed)",
  ]);
  assertEquals(wrongImports(parse({ "src/cli/load_chain.ts": "await import(path);" })), []);
});

Deno.test("the layout test fails on a cycle of type imports", () => {
  const files = parse({
    "src/core/engine/plan.ts": `import type { Walk } from "./walk.ts";`,
    "src/core/engine/walk.ts": `export type Hold = import("./hold.ts").Hold;`,
    "src/core/engine/hold.ts": `import {\n  type Plan,\n} from "./plan.ts"; import "./own.ts";`,
    "src/core/engine/own.ts": `export type { Own } from "./own.ts";`,
    "src/core/engine/resolver.ts": `import type { Plan } from "./plan.ts";`,
  });
  assertEquals(wrongImports(files), []);
  assertEquals(fileCycles(files), [
    "src/core/engine/hold.ts → src/core/engine/plan.ts → src/core/engine/walk.ts → src/core/engine/hold.ts",
    "src/core/engine/own.ts → src/core/engine/own.ts",
  ]);
  assertEquals(folderCycles(files), []);
});

Deno.test("the layout test fails on a cycle of folders whose files are in no cycle", () => {
  const files = parse({
    "src/report/check.ts": `import type { Page } from "../route/page.ts";`,
    "src/route/describe_route.ts": `import type { Report } from "../report/mod.ts";`,
  });
  assertEquals(fileCycles(files), []);
  assertEquals(folderCycles(files), ["report → route → report"]);
});

Deno.test("the layout test finds files of src that are in no folder of the layout", () => {
  const named = ["src/README.md", "src/core/README.md", "src/core/engine/plan.ts", "src/stores/env.ts"];
  const unplaced = ["src/plan.ts", "src/util/text.ts", "src/core/core.ts", "src/core/shapes/token.ts", "src/LICENSE"];
  assertEquals(unplacedFiles([...named, "src/stores/sts/README.md", ...unplaced]), unplaced);
});

Deno.test("the layout test fails when the core imports a package or its types, except types of node: in src/core/runtime", () => {
  const packages = `import { object } from "valibot"; import type { Hono } from "npm:hono";`;
  const node = `type Fs = typeof import("node:fs");`;
  const files = parse({
    "src/core/chain/field.ts": packages,
    "src/core/engine/plan.ts": node,
    "src/core/runtime/disk.ts": `${node} import { open } from "node:fs";`,
    "src/stores/oauth2/oauth2.ts": packages,
  });
  assertEquals(coreDependencies(files), [
    "src/core/chain/field.ts → valibot",
    "src/core/chain/field.ts → npm:hono",
    "src/core/engine/plan.ts → node:fs",
    "src/core/runtime/disk.ts → node:fs",
  ]);
});

Deno.test("the layout test finds every use of a runtime's global in code", () => {
  const files = parse({
    "src/core/runtime/files.ts": "Deno.readTextFileSync(path);",
    "src/cli/terminal.ts": "process.argv;",
    "src/core/engine/plan.ts": `// Deno.env\nexport const text = "process.env";`,
    "src/cli/run.ts": "const { Deno } = globalThis;",
    "src/stores/env.ts": "(globalThis as Runtime).process?.env;",
    "src/stores/file.ts": `export const bun = typeof Bun === "undefined";`,
  });
  assertEquals(runtimeNames(files), ["src/cli/run.ts", "src/stores/env.ts", "src/stores/file.ts"]);
});

Deno.test("the layout test finds a function of any kind that is too long", () => {
  const body = "\n  call();".repeat(3);
  const files = parse({
    "src/cli/run.ts": `/**\n * Runs.\n *\n * A long comment.\n */
function short() {\n}
function run() {${body}\n}
const start = async () => {${body}\n};
class Hold {
  constructor() {${body}\n}
  get look() {${body}\n}
}
use(function () {${body}\n});`,
  });
  assertEquals(longFunctions(files, 5), []);
  assertEquals(longFunctions(files, 4), [
    "src/cli/run.ts: run (5)",
    "src/cli/run.ts: start (5)",
    "src/cli/run.ts: constructor (5)",
    "src/cli/run.ts: look (5)",
    "src/cli/run.ts: the function in line 30 (5)",
  ]);
});

Deno.test("runtimeImports() leaves out files of which only types are imported", () => {
  const files = parse({
    "src/core/engine/resolver.ts": `import { walk } from "./walk.ts"; import type { Hold } from "./hold.ts";`,
    "src/core/engine/walk.ts": `export { type Plan } from "./plan.ts";`,
    "src/core/engine/plan.ts": "",
    "src/core/engine/hold.ts": "",
  });
  assertEquals([...runtimeImports(files, "src/core/engine/resolver.ts")], [
    "src/core/engine/walk.ts",
    "src/core/engine/plan.ts",
  ]);
});

Deno.test("the layout test finds what Node 20 lacks, and not what is merely called alike", () => {
  const text = `
    Map.groupBy([], String); Object.groupBy([], String); Promise.withResolvers(); Promise.try(run); Array.fromAsync([]);
    Iterator.from([]); new Map().values().map(String); known.keys().toArray(); one.union(other); a.b.isSubsetOf(c);
    new Set([1]).difference(other); bytes.toBase64(); Uint8Array.fromHex("00");
    // Map.groupBy
    v.union([]); Object.values(a).map(String); [...map.values()].map(String); map.keys().next(); groupBy(list); "Map.groupBy";`;
  assertEquals(missingOnNode20(parse({ "src/cli/a.ts": text })).map((found) => found.replace("src/cli/a.ts: ", "")), [
    "Map.groupBy",
    "Object.groupBy",
    "Promise.withResolvers",
    "Promise.try",
    "Array.fromAsync",
    "Iterator.from",
    "values().map",
    "keys().toArray",
    "one.union",
    "b.isSubsetOf",
    ".difference",
    "bytes.toBase64",
    "Uint8Array.fromHex",
  ]);
});
