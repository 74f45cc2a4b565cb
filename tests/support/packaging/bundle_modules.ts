import * as esbuild from "npm:esbuild@^0.28.2";
import { dirname, relative } from "node:path";
import { type GetManualChunk, type ManualChunkMeta, type OutputChunk, type Plugin, rollup } from "npm:rollup@^4.68.8";
import type { JsrModules } from "../closed_network/jsr_modules.ts";
import { root } from "../closed_network/root.ts";
import { installOnce, lockedVersion } from "../runtimes/install.ts";
import { type Manifest, packageOf } from "./manifest.ts";
import { markPure } from "./mark_pure.ts";

/** A JavaScript module of the package. */
export interface Module {
  readonly code: string;
  /** The sources whose code is in it: paths from the repository's root, URLs of JSR, and names of npm packages. */
  readonly sources: readonly string[];
  /** The packages that it imports from, on loading or later. */
  readonly packages: readonly string[];
}

// Hint: a package on JSR is not on npm, and the ES module of jsonc-parser is one that Node cannot load.
/** What becomes part of the package, instead of a dependency of it: the name of what is imported, and its package. */
export const BUNDLED = { dotenv: "@std/dotenv/parse", jsonc: "jsonc-parser" } as const;

/** The module that is also a program. */
export const CLI = "cli.js";

const REPORT = `${root}src/report/`;
const SHEBANG = "#!/usr/bin/env node";
const LICENSES = "// With code of other packages, whose licences are in THIRD_PARTY_LICENSES.md.";

/**
 * Bundles the sources: one module for each folder of the layout, with what it uses of the packages in `BUNDLED`; one for
 * each entry point, thin if others use its folder too; and one for what is imported later. So no code is in two
 * modules.
 *
 * @param manifest The repository's manifest.
 * @param dotenv The module of `@std/dotenv` that is bundled.
 * @returns The modules, by path in the package.
 * @throws {Error} If something cannot be bundled as it is meant to be.
 */
export async function bundleModules(manifest: Manifest, dotenv: JsrModules): Promise<ReadonlyMap<string, Module>> {
  const entries = Object.entries(manifest.exports);
  const bundle = await rollup({
    input: Object.fromEntries(entries.map(([entry, path]) => [entryName(entry), root + path.slice(2)])),
    plugins: [bundled(dotenv, await bundleJsonc()), typescript],
    external: (id) => id.startsWith("node:") || isDependency(manifest, id),
    // Hint: a module is imported only for its exports, as `sideEffects` in the manifest says.
    treeshake: { moduleSideEffects: false },
    onLog(_, { message }) {
      throw new Error(`Cannot bundle the package: ${message}`);
    },
  });
  try {
    const { output } = await bundle.generate({
      format: "es",
      entryFileNames: "[name].js",
      // Hint: all in one directory, since Node looks for a manifest in each, which costs a tenth of the import.
      chunkFileNames: ({ name }) => `${name.replaceAll("/", "_")}.js`,
      manualChunks: moduleNames(manifest, dotenv),
      hoistTransitiveImports: false,
      minifyInternalExports: false,
      banner: ({ fileName, moduleIds }) => {
        if (fileName === CLI) return SHEBANG;
        return moduleIds.every((id) => id.startsWith(root)) ? "" : LICENSES;
      },
    });
    const chunks = output as OutputChunk[];
    const own = new Set(chunks.map(({ fileName }) => fileName));
    return new Map(chunks.map((chunk) => [chunk.fileName, moduleOf(chunk, own)]));
  } finally {
    await bundle.close();
  }
}

/** Returns the name of the module of an entry point. */
export function entryName(entry: string): string {
  return entry === "." ? "mod" : entry.slice(2);
}

/** Says which module a source belongs to; nothing for an entry point that is one by itself. */
function moduleNames({ exports }: Manifest, dotenv: JsrModules): GetManualChunk {
  const folders = Object.values(exports).map((path) => dirname(path.slice(2)));
  return function nameOf(id, meta): string | undefined {
    const { isEntry, importers } = meta.getModuleInfo(id)!;
    if (id === BUNDLED.jsonc) return nameOf(importers[0]!, meta) as string;
    if (dotenv.texts.has(id)) return "src/stores/dotenv";
    const path = relative(root, id);
    const isOneOfMany = isEntry && folders.filter((folder) => folder === dirname(path)).length > 1;
    // Hint: the command line compares the path of its module with that of the program.
    if (path === exports["./cli"]!.slice(2) || isOneOfMany && importers.length === 0) return undefined;
    // Hint: in the module of its folder, what is imported later would be loaded at once.
    if (!isEntry && importers.length === 0) return path.replace(/\.ts$/, "");
    // Hint: in the module of its folder, the describe route would load valibot, which only these need.
    if (id.startsWith(REPORT) && needsValibot(id, meta)) return entryName("./report");
    return /^src\/(?:core|stores)\/[^/]+(?=\/)|^src\/[^/]+/.exec(path)?.[0];
  };
}

/** Whether a source of the reports imports valibot, by itself or by another of them. */
function needsValibot(id: string, meta: ManualChunkMeta): boolean {
  return meta.getModuleInfo(id)!.importedIds.some((imported) =>
    imported === "valibot" || imported.startsWith(REPORT) && needsValibot(imported, meta)
  );
}

function moduleOf({ code, moduleIds, imports, dynamicImports }: OutputChunk, own: ReadonlySet<string>): Module {
  return {
    code,
    sources: moduleIds.map((id) => id.startsWith(root) ? relative(root, id) : id),
    packages: [...imports, ...dynamicImports].filter((id) => !own.has(id) && !id.startsWith("node:")).map(packageOf),
  };
}

const typescript: Plugin = {
  name: "typescript",
  async transform(code, id) {
    if (!id.endsWith(".ts")) return null;
    return (await esbuild.transform(markPure(id, code), { loader: "ts", target: "es2022" })).code;
  },
};

function isDependency({ imports }: Manifest, id: string): boolean {
  const name = packageOf(id);
  return name !== BUNDLED.jsonc && imports[name]?.startsWith("npm:") === true;
}

/** Finds what becomes part of the package. */
function bundled(dotenv: JsrModules, jsonc: string): Plugin {
  return {
    name: "bundled",
    resolveId(id, importer) {
      if (id === BUNDLED.dotenv) return dotenv.root;
      if (importer !== undefined && dotenv.texts.has(importer)) return dotenv.resolve(id, importer);
      return id === BUNDLED.jsonc ? id : null;
    },
    load: (id) => id === BUNDLED.jsonc ? jsonc : dotenv.texts.get(id) ?? null,
  };
}

/** Installs jsonc-parser, unless it is, and returns its directory. */
export async function installJsonc(): Promise<string> {
  const modules = await installOnce("bundled", { [BUNDLED.jsonc]: lockedVersion(BUNDLED.jsonc) });
  return `${modules}/${BUNDLED.jsonc}`;
}

/** Returns the ES module of jsonc-parser as one module. */
async function bundleJsonc(): Promise<string> {
  const { outputFiles } = await esbuild.build({
    entryPoints: [`${await installJsonc()}/lib/esm/main.js`],
    bundle: true,
    format: "esm",
    platform: "neutral",
    target: "es2022",
    write: false,
    logLevel: "error",
  });
  return outputFiles[0]!.text;
}
