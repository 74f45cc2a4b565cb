import { fileURLToPath } from "node:url";
import { bundleProgram } from "../support/bundle_program.ts";
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

/** The bundle that measures rows, each in a process of its own. */
export interface Entry extends Disposable {
  /** @throws {Error} If the row fails, with what it said. */
  measure(runtime: Runtime, row: string, quick: boolean): Promise<Figures>;
}

/**
 * Bundles what measures rows.
 *
 * @param modules The directory in which the peers are installed: the bundle is in it, so that each runtime finds them.
 */
export async function bundleEntry(modules: string): Promise<Entry> {
  const path = `${modules}/../entry-${crypto.randomUUID()}.mjs`;
  await bundleProgram({ entryPoints: [fileURLToPath(new URL("entry.ts", import.meta.url))] }, path);
  return {
    measure: (runtime, row, quick) => measureOn(runtime, [path, row, quick ? "quick" : "full"]),
    [Symbol.dispose]: () => Deno.removeSync(path),
  };
}

async function measureOn({ name, path, args }: Runtime, script: readonly string[]): Promise<Figures> {
  const { success, stdout, stderr } = await new Deno.Command(path, { args: [...args, ...script], stdin: "null" })
    .output();
  if (success) return JSON.parse(new TextDecoder().decode(stdout));
  throw new Error(`Cannot measure "${script[1]}" on ${name}:\n${new TextDecoder().decode(stderr).trim()}`);
}
