import * as esbuild from "npm:esbuild@^0.28.2";
import { gzipSync } from "node:zlib";

/** Where a bundle finds what it imports. */
export interface Resolution {
  /** The directory that the imports start from. */
  readonly resolveDir: string;
  /** Further `node_modules` directories. */
  readonly nodePaths?: string[];
  /** What is left out in addition to Node's built-in modules. */
  readonly external?: readonly string[];
}

/**
 * Bundles and minifies a module for the edge.
 *
 * @param contents The text of the module.
 * @param resolution Where it finds what it imports.
 * @returns The size of the bundle in bytes after `gzip -9`.
 */
export async function edgeBundleSize(contents: string, resolution: Resolution): Promise<number> {
  const { resolveDir, nodePaths = [], external = [] } = resolution;
  const { outputFiles } = await esbuild.build({
    stdin: { contents, resolveDir },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    conditions: ["import", "worker", "browser"],
    external: ["node:*", ...external],
    nodePaths,
    write: false,
    logLevel: "error",
  });
  return gzipSync(outputFiles[0]!.contents, { level: 9 }).length;
}

/** Ends the process that bundles. */
export function stopBundling(): Promise<void> {
  return esbuild.stop();
}
