import * as esbuild from "npm:esbuild@^0.28.2";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { rootUrl } from "../closed_network/root.ts";

/**
 * Builds the package as JSR's npm registry serves it: one JavaScript module for each TypeScript module, and a manifest
 * with the same entry points.
 *
 * @param directory The directory to write it to.
 */
export async function buildPackage(directory: string): Promise<void> {
  const { name, version, exports, publish } = readManifest();
  const root = fileURLToPath(rootUrl);
  const sources = publish.include.flatMap((path) => list(`${root}${path}`)).filter((path) => path.endsWith(".ts"));
  for (const path of sources) {
    const { code } = await esbuild.transform(Deno.readTextFileSync(path), { loader: "ts", target: "es2022" });
    const target = `${directory}/${relative(root, path).replace(/\.ts$/, ".js")}`;
    Deno.mkdirSync(target.replace(/\/[^/]*$/, ""), { recursive: true });
    Deno.writeTextFileSync(target, code.replace(/(\bfrom\s*|\bimport\(?\s*)"(\.[^"]*)\.ts"/g, '$1"$2.js"'));
  }
  const manifest = {
    name,
    version,
    type: "module",
    exports: Object.fromEntries(
      Object.entries(exports).map(([entry, path]) => [entry, path.replace(/\.ts$/, ".js")]),
    ),
  };
  Deno.writeTextFileSync(`${directory}/package.json`, JSON.stringify(manifest));
}

/** The part of the repository's manifest that is used. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, string>>;
  readonly publish: { readonly include: readonly string[] };
}

/** Reads the repository's manifest. */
export function readManifest(): Manifest {
  return JSON.parse(Deno.readTextFileSync(new URL("deno.json", rootUrl)));
}

function list(path: string): string[] {
  if (!Deno.statSync(path).isDirectory) return [path];
  return [...Deno.readDirSync(path)].flatMap(({ name }) => list(`${path}/${name}`));
}
