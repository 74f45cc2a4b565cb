import * as esbuild from "npm:esbuild@^0.28.2";
import { fileURLToPath } from "node:url";
import { readJsrModules } from "../closed_network/jsr_modules.ts";
import type { Network } from "../closed_network/network.ts";

/** The bundles, and the one package that npm does not have. */
export interface Bundles {
  /** The path of the module with the checks for Node. */
  readonly system: string;
  /** The path of the module with the checks for workerd. */
  readonly worker: string;
  /** The path of the script with the checks for the Vercel edge runtime. */
  readonly edge: string;
  /** The directories for `NODE_PATH`. */
  readonly packages: readonly string[];
}

/**
 * Bundles the checks as the bundler of a user would, for the runtimes that cannot run TypeScript.
 *
 * @param network How Deno finds the packages of JSR.
 * @param modules The `node_modules` folder with the package's dependencies.
 * @param directory The directory to write them to.
 * @returns The bundles.
 */
export async function bundleChecks(network: Network, modules: string, directory: string): Promise<Bundles> {
  const packages = [await bundleDotenv(network, `${directory}/node_modules`), modules];
  const write = async (entry: string, outfile: string, format: "esm" | "iife", external: string[]): Promise<string> => {
    await esbuild.build({
      entryPoints: [fileURLToPath(new URL(`entries/${entry}.ts`, import.meta.url))],
      outfile,
      format,
      external,
      bundle: true,
      platform: "neutral",
      mainFields: ["module", "main"],
      nodePaths: packages,
      target: "es2022",
      logLevel: "error",
    });
    return outfile;
  };
  try {
    return {
      system: await write("system", `${directory}/system.mjs`, "esm", ["node:*"]),
      worker: await write("worker", `${directory}/worker.mjs`, "esm", []),
      edge: await write("edge", `${directory}/edge.js`, "iife", []),
      packages,
    };
  } finally {
    await esbuild.stop();
  }
}

/**
 * Creates an npm package of `@std/dotenv`, which Bun and Node usually get from JSR's npm registry.
 *
 * @param network How Deno finds the packages of JSR.
 * @param modules The `node_modules` folder in which it is made.
 * @returns The same folder.
 */
export async function bundleDotenv(network: Network, modules: string): Promise<string> {
  const { root, texts } = await readJsrModules(network, "@std/dotenv/parse");
  await esbuild.build({
    stdin: { contents: texts.get(root)!, loader: "ts" },
    outfile: `${modules}/@std/dotenv/parse.js`,
    format: "esm",
    bundle: true,
    platform: "neutral",
    external: ["node:*"],
    logLevel: "error",
  });
  const manifest = { name: "@std/dotenv", type: "module", exports: { "./parse": "./parse.js" } };
  Deno.writeTextFileSync(`${modules}/@std/dotenv/package.json`, JSON.stringify(manifest));
  return modules;
}
