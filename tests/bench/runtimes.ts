import * as esbuild from "npm:esbuild@^0.28.2";
import { fileURLToPath } from "node:url";
import { installRuntimes, versions } from "../support/runtimes/install.ts";
import type { RuntimeName } from "./bars.ts";
import type { Figures } from "./measure.ts";

/** A runtime on which rows are measured, and its command. */
export interface Runtime {
  readonly name: RuntimeName;
  readonly version: string;
  readonly path: string;
  readonly args: readonly string[];
}

/** Installs the runtimes. */
export async function listRuntimes(): Promise<Readonly<Record<RuntimeName, Runtime>>> {
  const modules = await installRuntimes();
  const node = (name: "node-20" | "node-24"): Runtime => (
    { name, version: versions[name], path: `${modules}/${name}/bin/node`, args: [] }
  );
  const args = ["run", "--allow-all", "--no-config", "--no-lock", "--node-modules-dir=manual"];
  return {
    deno: { name: "deno", version: Deno.version.deno, path: Deno.execPath(), args },
    bun: { name: "bun", version: versions.bun, path: `${modules}/.bin/bun`, args: ["run", "--no-install"] },
    "node-24": node("node-24"),
    "node-20": node("node-20"),
  };
}

/**
 * Bundles what measures a row.
 *
 * @param modules The directory in which the peers are installed.
 * @returns The path of the bundle, which is in that directory, so that each runtime finds the peers.
 */
export async function bundleEntry(modules: string): Promise<string> {
  const outfile = `${modules}/../entry-${crypto.randomUUID()}.mjs`;
  await esbuild.build({
    entryPoints: [fileURLToPath(new URL("entry.ts", import.meta.url))],
    outfile,
    bundle: true,
    format: "esm",
    platform: "neutral",
    external: ["node:*"],
    target: "es2022",
    logLevel: "error",
  });
  await esbuild.stop();
  return outfile;
}

/**
 * Measures a row in a process of its own.
 *
 * @param entry The path of the bundle.
 * @throws {Error} If the row fails, with what it said.
 */
export async function measureOn(runtime: Runtime, entry: string, row: string, effort: string): Promise<Figures> {
  const { success, stdout, stderr } = await new Deno.Command(runtime.path, {
    args: [...runtime.args, entry, row, effort],
    stdin: "null",
  }).output();
  if (success) return JSON.parse(new TextDecoder().decode(stdout));
  throw new Error(`Cannot measure "${row}" on ${runtime.name}:\n${new TextDecoder().decode(stderr).trim()}`);
}
