import { COMPUTED, type Import, type SourceFacts } from "./source_facts.ts";

/** The package's files, by path from the repository's root. */
export type Package = ReadonlyMap<string, SourceFacts>;

/** The package's name, by which no file of the package may import it. */
const PACKAGE = "@alphaswarm/credentials";

/**
 * The folders of the package, and what else each may import, types included. A file of `stores` may import no
 * other store: a folder in `stores` is one store, and so is a file there.
 */
const LAYOUT: Readonly<Record<string, readonly string[]>> = {
  "core/chain": [],
  "core/runtime": ["core/chain"],
  "core/source": ["core/chain"],
  "core/engine": ["core/chain", "core/source", "core/runtime"],
  stores: ["core/chain", "core/source", "core/runtime"],
  "share/entry": ["core"],
  "share/client": ["core", "share/entry"],
  "share/steps": ["core", "share/entry", "share/client"],
  "share/define": ["core", "share/entry", "share/steps", "share/client"],
  "share/engines": ["core", "share/client", "share/define"],
  share: ["core", "share/define", "share/engines"],
  report: ["core"],
  bootstrap: ["core"],
  otel: ["core"],
  clients: ["core"],
  route: ["core", "report"],
  testing: ["core", "stores"],
  cli: ["mod.ts", "core", "stores", "share", "report", "bootstrap", "otel", "clients", "route", "testing"],
  "mod.ts": ["core", "stores"],
};

/** The files that may name a runtime. */
const RUNTIME_FILES = /^src\/(?:core\/runtime\/.*|cli\/terminal\.ts)$/;

/**
 * Finds imports that the layout forbids.
 *
 * @param files The package's files.
 * @returns Each as `importer → imported`.
 */
export function wrongImports(files: Package): string[] {
  return edges(files).filter(([path, imported]) => !mayImport(path, imported)).map(format);
}

/**
 * Finds what the core imports from outside, types included: packages, and modules named by an expression. The
 * files that touch the runtime may import the types of a `node:` module.
 *
 * @param files The package's files.
 * @returns Each as `importer → imported`.
 */
export function coreDependencies(files: Package): string[] {
  return edges(files).filter(([path, { target, external, type }]) =>
    path.startsWith("src/core/") && external &&
    !(type && target.startsWith("node:") && RUNTIME_FILES.test(path))
  ).map(format);
}

/**
 * Finds files of `src` that are in no folder of the layout.
 *
 * @param paths The paths of all files of `src`, including those that are not TypeScript.
 * @returns Their paths.
 */
export function unplacedFiles(paths: readonly string[]): string[] {
  return paths.filter((path) => place(path) === undefined && !/^src\/(?:core\/)?README\.md$/.test(path));
}

/**
 * Finds files that import each other in a cycle, types included.
 *
 * @param files The package's files.
 * @returns A cycle for each such group of files, as `a → b → a`.
 */
export function fileCycles(files: Package): string[] {
  return cycles(graph(files, (path) => files.has(path) ? path : undefined));
}

/**
 * Finds folders of the layout that import each other in a cycle, types included.
 *
 * @param files The package's files.
 * @returns A cycle for each such group of folders, as `a → b → a`.
 */
export function folderCycles(files: Package): string[] {
  const folders = graph(files, place);
  for (const [folder, targets] of folders) targets.delete(folder);
  return cycles(folders);
}

/**
 * Finds files that name a runtime and may not.
 *
 * @param files The package's files.
 * @returns Their paths.
 */
export function runtimeNames(files: Package): string[] {
  return [...files].filter(([path, { identifiers }]) =>
    !RUNTIME_FILES.test(path) && ["Deno", "Bun", "process"].some((name) => identifiers.has(name))
  ).map(([path]) => path);
}

/** What the oldest supported Node lacks: members of globals, of sets under any name, and of iterators. */
const NOT_ON_NODE_20: readonly RegExp[] = [
  /^(?:Map|Object)\.groupBy$/,
  /^Promise\.(?:withResolvers|try)$/,
  /^Array\.fromAsync$/,
  /^RegExp\.escape$/,
  /^Error\.isError$/,
  /^URL\.parse$/,
  /^Iterator\./,
  /\.(?:(?:to|setFrom)(?:Base64|Hex))$/,
  /^Uint8Array\.from(?:Base64|Hex)$/,
  // Hint: a schema of Valibot is a union too.
  /^(?!v\.).*\.(?:union|intersection|difference|symmetricDifference|isSubsetOf|isSupersetOf|isDisjointFrom)$/,
  /^(?:keys|values|entries|matchAll)\(\)\.(?!next$)/,
];

/**
 * Finds what the files use that Node 20 lacks, which the other runtimes have.
 *
 * @param files The package's files.
 * @returns Each as `path: member`.
 */
export function missingOnNode20(files: Package): string[] {
  return [...files].flatMap(([path, { members }]) =>
    [...members].filter((member) => NOT_ON_NODE_20.some((each) => each.test(member)))
      .map((member) => `${path}: ${member}`)
  );
}

/**
 * Finds files with too many lines. Blank lines and doc comments do not count: a file is no harder to read for what it
 * documents.
 *
 * @param files The package's files.
 * @param maxLines How many lines a file may have.
 * @returns Each as `path (lines)`.
 */
export function longFiles(files: Package, maxLines: number): string[] {
  return [...files].filter(([, { lines }]) => lines > maxLines).map(([path, { lines }]) => `${path} (${lines})`);
}

/**
 * Finds functions with too many lines, including nested ones.
 *
 * @param files The package's files.
 * @param maxLines How many lines a function may have.
 * @returns Each as `path: function (lines)`.
 */
export function longFunctions(files: Package, maxLines: number): string[] {
  return [...files].flatMap(([path, { functions }]) =>
    functions.filter(({ lines }) => lines > maxLines).map(({ name, lines }) => `${path}: ${name} (${lines})`)
  );
}

/**
 * Finds everything that a file imports at run time, directly or not.
 *
 * @param files The package's files.
 * @param path The file.
 * @returns The paths of files and the names of packages.
 */
export function runtimeImports(files: Package, path: string): ReadonlySet<string> {
  const reached = new Set([path]);
  for (const each of reached) {
    for (const { target, type } of files.get(each)?.imports ?? []) if (!type) reached.add(target);
  }
  reached.delete(path);
  return reached;
}

function edges(files: Package): [path: string, imported: Import][] {
  return [...files].flatMap(([path, { imports }]) => imports.map((imported): [string, Import] => [path, imported]));
}

function format([path, { target }]: [path: string, imported: Import]): string {
  return `${path} → ${target}`;
}

function mayImport(path: string, { target, external }: Import): boolean {
  const from = place(path);
  if (target === COMPUTED) return from === "cli";
  if (external) return target !== PACKAGE && !target.startsWith(`${PACKAGE}/`);
  const to = place(target);
  if (from === undefined || to === undefined) return false;
  return from === to || (LAYOUT[from] ?? LAYOUT.stores)!.some((name) => to === name || to.startsWith(`${name}/`));
}

/** The part of the layout that a path belongs to: a folder, a store, `mod.ts`, or nothing that the layout names. */
function place(path: string): string | undefined {
  if (path === "mod.ts") return path;
  const [, folder, rest] = /^src\/(core\/[^/]+|[^/]+)\/(.+)$/.exec(path) ?? [];
  if (folder === undefined || rest === undefined) return undefined;
  if (folder === "stores") return `stores/${rest.split("/")[0]}`;
  const inner = `${folder}/${rest.split("/")[0]}`;
  if (Object.hasOwn(LAYOUT, inner)) return inner;
  return Object.hasOwn(LAYOUT, folder) ? folder : undefined;
}

type Graph = ReadonlyMap<string, Set<string>>;

function graph(files: Package, node: (path: string) => string | undefined): Graph {
  const result = new Map<string, Set<string>>();
  for (const [path, { target }] of edges(files)) {
    const [from, to] = [node(path), node(target)];
    if (from !== undefined && to !== undefined) result.set(from, (result.get(from) ?? new Set()).add(to));
  }
  return result;
}

/** A shortest cycle for each group of nodes that lead to each other. */
function cycles(graph: Graph): string[] {
  const reported = new Set<string>();
  return [...graph.keys()].sort().flatMap((start) => {
    const cycle = reported.has(start) ? undefined : shortestPath(graph, start, start);
    if (!cycle) return [];
    // Every node that leads here and back is in the same group, of which one cycle is enough.
    for (const node of graph.keys()) {
      if (shortestPath(graph, start, node) && shortestPath(graph, node, start)) reported.add(node);
    }
    return [[start, ...cycle].join(" → ")];
  });
}

function shortestPath(graph: Graph, from: string, to: string): string[] | undefined {
  const paths = new Map([...graph.get(from) ?? []].map((node) => [node, [node]]));
  for (const [node, path] of paths) {
    if (node === to) return path;
    for (const next of graph.get(node) ?? []) if (!paths.has(next)) paths.set(next, [...path, next]);
  }
}
