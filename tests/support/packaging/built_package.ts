import { fileURLToPath } from "node:url";
import { readJsrModules } from "../closed_network/jsr_modules.ts";
import { type Network, openNetwork } from "../closed_network/network.ts";
import { root, rootUrl } from "../closed_network/root.ts";
import { digest, makeOnce } from "../make_once.ts";
import { installOnce, lockedVersion } from "../runtimes/install.ts";
import { buildPackage, type Built } from "./build_package.ts";
import { BUNDLED } from "./bundle_modules.ts";
import { readManifest } from "./manifest.ts";
import { packPackage } from "./pack_package.ts";

const CACHE = fileURLToPath(new URL(".cache/package", rootUrl));
/** What a build follows from: the sources, what is shipped beside them, and what builds. */
const INPUTS = [
  "mod.ts",
  "src",
  "README.md",
  "LICENSE",
  "deno.json",
  "deno.lock",
  "tests/deno.lock",
  "tests/support/closed_network/jsr_modules.ts",
  "tests/support/make_once.ts",
  "tests/support/packaging",
  "tests/support/runtimes/install.ts",
  "tests/support/schema_files.ts",
];
const KEPT_MS = 24 * 60 * 60 * 1000;

/** The package as it is published, and as it is installed. */
export interface InstalledPackage {
  readonly built: Built;
  /** The path of the tarball that `npm pack` made. */
  readonly tarball: string;
  /** A `node_modules` folder, without a trailing slash: the tarball's files, and links to the dependencies. */
  readonly modules: string;
  /** The names of the dependencies. */
  readonly dependencies: readonly string[];
}

let installed: Promise<InstalledPackage> | undefined;

/**
 * Returns the directory of the built package, where its dependencies are resolved. It is built once for all processes, and
 * again if a source has changed.
 *
 * @returns The path, without a trailing slash.
 */
export async function builtPackage(): Promise<string> {
  return `${(await installedPackage()).modules}/${readManifest().name}`;
}

/** Builds, packs and installs the package, unless an earlier run did with the same sources. */
export function installedPackage(): Promise<InstalledPackage> {
  return installed ??= install();
}

async function install(): Promise<InstalledPackage> {
  using network = await openNetwork();
  const { root: dotenv, texts } = await readJsrModules(network, BUNDLED.dotenv);
  const directory = `${CACHE}/${await digest(JSON.stringify([dotenv, [...texts], INPUTS.map(read)]))}`;
  await makeOnce(directory, (partial) => make(network, partial));
  const now = new Date();
  Deno.utimeSync(directory, now, now);
  removeUnused(now);
  const known: Omit<InstalledPackage, "modules"> = JSON.parse(Deno.readTextFileSync(`${directory}/built.json`));
  return { ...known, tarball: `${directory}/${known.tarball}`, modules: `${directory}/node_modules` };
}

async function make(network: Network, directory: string): Promise<void> {
  const { name } = readManifest();
  const [source, modules] = [`${directory}/package`, `${directory}/node_modules`];
  const built = await buildPackage(network, source);
  const { tarball } = await packPackage(source, directory);
  Deno.mkdirSync(`${modules}/${name}`, { recursive: true });
  const { success } = await new Deno.Command("tar", {
    args: ["-xzf", tarball, "-C", `${modules}/${name}`, "--strip-components=1"],
  }).output();
  if (!success) throw new Error("Cannot install the package: tar failed");
  const manifest = JSON.parse(Deno.readTextFileSync(`${source}/package.json`));
  const dependencies = Object.keys(manifest.dependencies);
  linkPackages(await installOnce("dependencies", lockedVersions(dependencies)), dependencies, modules);
  Deno.removeSync(source, { recursive: true });
  const known = { built, tarball: tarball.slice(directory.length + 1), dependencies };
  Deno.writeTextFileSync(`${directory}/built.json`, JSON.stringify(known));
}

/**
 * Links packages into a `node_modules` folder.
 *
 * @param from The folder in which they are installed.
 * @param names Their names.
 * @param modules The folder.
 */
export function linkPackages(from: string, names: readonly string[], modules: string): void {
  for (const name of names) {
    Deno.mkdirSync(`${modules}/${name}`.replace(/\/[^/]*$/, ""), { recursive: true });
    Deno.symlinkSync(Deno.realPathSync(`${from}/${name}`), `${modules}/${name}`);
  }
}

function lockedVersions(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, lockedVersion(name)]));
}

/** Removes what no process has used for a day. */
function removeUnused(now: Date): void {
  for (const { name } of Deno.readDirSync(CACHE)) {
    const path = `${CACHE}/${name}`;
    try {
      if (now.getTime() - Deno.statSync(path).mtime!.getTime() > KEPT_MS) Deno.removeSync(path, { recursive: true });
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}

/** Returns the paths and texts of an input. */
function read(path: string): unknown {
  if (!Deno.statSync(root + path).isDirectory) return [path, Deno.readTextFileSync(root + path)];
  const names = [...Deno.readDirSync(root + path)].map(({ name }) => `${path}/${name}`);
  return names.sort().map(read);
}
