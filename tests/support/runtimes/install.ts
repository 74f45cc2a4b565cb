import { fileURLToPath } from "node:url";
import { rootUrl } from "../closed_network/root.ts";
import { digest, makeOnce } from "../make_once.ts";

const PLATFORM = `${Deno.build.os}-${Deno.build.arch === "aarch64" ? "arm64" : "x64"}`;

/** The versions of the runtimes, by the name of their npm package. */
export const versions = {
  bun: "1.4.5",
  "edge-runtime": "4.0.1",
  "node-20": "20.20.2",
  "node-22": "22.23.3",
  "node-24": "24.21.0",
  "node-26": "26.10.0",
  workerd: "1.20261117.1",
} as const;

/** One of the Nodes. */
export type Node = Extract<keyof typeof versions, `node-${string}`>;

/** Every line of Node that is supported, and 20 as long as the machine of the gate has it. */
export const nodes: readonly Node[] = ["node-20", "node-22", "node-24", "node-26"];

/** The package's dependencies at run time, which are installed in the versions of `deno.lock`. */
export const LIBRARIES: readonly string[] = [
  "@hono/node-server",
  "@valibot/to-json-schema",
  "aws4fetch",
  "cli-table3",
  "fast-xml-parser",
  "hono",
  "jsonc-parser",
  "oauth4webapi",
  "valibot",
];

// Hint: by default npm tries an unreachable registry for over a minute, and each file of tests would wait for that.
const NPM_INSTALL = [
  "install",
  "--no-audit",
  "--no-fund",
  "--no-package-lock",
  "--no-update-notifier",
  "--loglevel=error",
  "--fetch-retry-mintimeout=1000",
  "--fetch-retry-maxtimeout=2000",
  "--fetch-timeout=60000",
];

/**
 * Installs the runtimes and the package's dependencies with npm, unless an earlier run did.
 *
 * @returns Their `node_modules` folder, without a trailing slash.
 * @throws {Error} If npm fails.
 */
export function installRuntimes(): Promise<string> {
  return installOnce("runtimes", { ...runtimes(), ...libraries() });
}

/**
 * Installs packages with npm into a folder of the cache, unless an earlier run did.
 *
 * @param use Their purpose, which is the name of the folder in the cache.
 * @param dependencies The packages, by name, with their versions.
 * @returns Their `node_modules` folder, without a trailing slash.
 * @throws {Error} If npm fails.
 */
export async function installOnce(use: string, dependencies: Readonly<Record<string, string>>): Promise<string> {
  const manifest = JSON.stringify({ private: true, dependencies }, null, 2);
  const directory = `${fileURLToPath(new URL(`.cache/${use}/`, rootUrl))}${await digest(manifest)}`;
  await makeOnce(directory, (partial) => npmInstall(partial, manifest));
  return `${directory}/node_modules`;
}

/**
 * Installs the dependencies of a manifest with npm.
 *
 * @param directory The directory to install them in.
 * @param manifest The text of its `package.json`.
 * @param env More environment variables of npm.
 * @throws {Error} If npm fails, with what it said.
 */
export async function npmInstall(
  directory: string,
  manifest: string,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  Deno.writeTextFileSync(`${directory}/package.json`, manifest);
  const { success, stderr } = await new Deno.Command("npm", { args: NPM_INSTALL, cwd: directory, env, stdin: "null" })
    .output();
  if (success) return;
  const names = Object.keys(JSON.parse(manifest).dependencies).join(", ");
  throw new Error(`Cannot install ${names}: ${new TextDecoder().decode(stderr).trim()}`);
}

function runtimes(): Record<string, string> {
  return { ...versions, ...Object.fromEntries(nodes.map((name) => [name, `npm:node-${PLATFORM}@${versions[name]}`])) };
}

function libraries(): Record<string, string> {
  const { imports } = readJson<{ imports: Record<string, string> }>("deno.json");
  return Object.fromEntries(LIBRARIES.filter((name) => name in imports).map((name) => [name, lockedVersion(name)]));
}

/** Returns the version of an npm package in `deno.lock`. */
export function lockedVersion(name: string): string {
  const { npm } = readJson<{ npm: Record<string, unknown> }>("deno.lock");
  const entry = Object.keys(npm).find((entry) => entry.startsWith(`${name}@`));
  if (entry === undefined) throw new Error(`Cannot find "${name}" in deno.lock`);
  // A peer's version follows the package's own: "1.8.0_valibot@1.5.0".
  return entry.slice(name.length + 1).replace(/_.*$/, "");
}

function readJson<T>(path: string): T {
  return JSON.parse(Deno.readTextFileSync(new URL(path, rootUrl)));
}
