import type { Network } from "./network.ts";

/** A module of a package from JSR, and all that it imports. */
export interface JsrModules {
  /** The URL of the module. */
  readonly root: string;
  /** The texts, by the URL that each came from: that of a stand-in is a file's. */
  readonly texts: ReadonlyMap<string, string>;
  /** Returns the URL of what a module of it imports. */
  resolve(specifier: string, importer: string): string;
}

/**
 * Reads a module of a package from JSR, as Deno finds it on this network.
 *
 * @param network How Deno finds the packages of JSR.
 * @param name The name by which `deno.json` knows it.
 * @returns The module.
 * @throws {Error} If Deno cannot find it.
 */
export async function readJsrModules(network: Network, name: string): Promise<JsrModules> {
  const { stdout } = await network.command(["info", "--json", name], { stderr: "null" }).output();
  const graph: {
    readonly roots: readonly string[];
    readonly redirects: Readonly<Record<string, string>>;
    readonly modules: readonly { readonly specifier: string; readonly local?: string }[];
  } = JSON.parse(new TextDecoder().decode(stdout));
  const found = (specifier: string) => graph.redirects[specifier] ?? specifier;
  const root = found(graph.roots[0]!);
  const texts = new Map<string, string>();
  for (const { specifier, local } of graph.modules) {
    if (local !== undefined) texts.set(specifier, Deno.readTextFileSync(local));
  }
  if (!texts.has(root)) throw new Error(`Cannot find "${name}"`);
  return {
    root,
    texts,
    resolve: (specifier, importer) => found(specifier.startsWith(".") ? new URL(specifier, importer).href : specifier),
  };
}
