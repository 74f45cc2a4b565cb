import { fileURLToPath } from "node:url";
import { bundleProgram as bundle } from "../bundle_program.ts";
import { installRuntimes } from "../runtimes/install.ts";

/** A program of `programs/`, bundled for the runtimes that cannot run TypeScript. */
export interface BundledProgram extends Disposable {
  /** The bundle. */
  readonly path: string;
  /** The source file. */
  readonly source: string;
  /** The `node_modules` folder of the runtimes and the package's dependencies. */
  readonly modules: string;
}

/** Bundles a program as the bundler of a user would. */
export async function bundleProgram(name: string): Promise<BundledProgram> {
  const modules = await installRuntimes();
  const directory = Deno.makeTempDirSync();
  const source = fileURLToPath(new URL(`programs/${name}.ts`, import.meta.url));
  const path = `${directory}/${name}.mjs`;
  const alias = { "npm:aws4fetch@^1.0.20": "aws4fetch" };
  await bundle({ entryPoints: [source], nodePaths: [modules], mainFields: ["module", "main"], alias }, path);
  return { path, source, modules, [Symbol.dispose]: () => Deno.removeSync(directory, { recursive: true }) };
}
