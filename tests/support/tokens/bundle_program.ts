import * as esbuild from "npm:esbuild@^0.28.2";
import { fileURLToPath } from "node:url";
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
  try {
    await esbuild.build({
      entryPoints: [source],
      outfile: path,
      bundle: true,
      format: "esm",
      platform: "neutral",
      mainFields: ["module", "main"],
      external: ["node:*"],
      nodePaths: [modules],
      alias: { "npm:aws4fetch@^1.0.20": "aws4fetch" },
      target: "es2022",
      logLevel: "error",
    });
  } finally {
    await esbuild.stop();
  }
  return { path, source, modules, [Symbol.dispose]: () => Deno.removeSync(directory, { recursive: true }) };
}
