/**
 * What each export adds to a bundle for the edge. `./cli` is left out, since it is a program.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { rootUrl } from "./closed_network/root.ts";
import { edgeBundleSize, stopBundling } from "./edge_bundle.ts";
import { compareFigures, type Figures, formatFigure, type Tolerance } from "./figures.ts";
import { readManifest } from "./packaging/manifest.ts";
import { installOnce } from "./runtimes/install.ts";

/** The bytes of a bundle after `gzip -9`, by entry point and export. */
export type Sizes = Figures;

/** The file of the sizes that the test compares with. */
export const SIZES_FILE: URL = new URL("tests/sizes.json", rootUrl);

const LEFT_OUT = new Set(["./cli"]);

/** What a small edge function imports, measured together. */
const TOGETHER = ["defineChain", "env", "getResolver", "required"];

/** The most that an export of `mod.ts` may add, in bytes; a name that is not exported is not measured. */
const MOD_CEILINGS: Readonly<Record<string, number>> = {
  ...ceilings(200, "defineChain", "required", "optional", "destination", "setting"),
  ...ceilings(250, "fromEnv", "flag", "whenSet"),
  ...ceilings(
    300,
    "denied",
    "invalid",
    "unavailable",
    "ChainError",
    "CredentialError",
    "resetResolver",
    "perCredential",
  ),
  ...ceilings(950, "defineStore", "warm"),
  ...ceilings(4_170, "variables"),
  ...ceilings(5_560, "document"),
  ...ceilings(6_900, "token"),
  ...ceilings(4_550, "memory"),
  ...ceilings(6_500, "env"),
  ...ceilings(7_480, "mounted"),
  ...ceilings(9_420, "file"),
  ...ceilings(13_740, "createResolver", "getResolver"),
  ...ceilings(18_990, TOGETHER.join(" + ")),
};

/** The most that an export may add, in bytes, by entry point. */
const CEILINGS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  ".": MOD_CEILINGS,
  "./hono": ceilings(30_900, "describeRoute"),
};

/** What a program has that uses a store of a service: a chain, a resolver, and what such a store is made of. */
const CORE = [
  "defineChain",
  "getResolver",
  "defineStore",
  "token",
  "document",
  "variables",
  "answer",
  "endpoint",
  "httpRefusal",
];

/** What the stores of an entry point use of their one dependency. */
const DEPENDENCIES: Readonly<Record<string, string>> = {
  "./aws": 'export { AwsV4Signer } from "aws4fetch";',
  "./oauth2":
    'export { allowInsecureRequests, ClientSecretPost, customFetch, genericTokenEndpointRequest, modifyAssertion, PrivateKeyJwt } from "oauth4webapi";',
};

// The versions of zlib differ by a few bytes.
const TOLERANCE: Tolerance = { share: 0.01, least: 16 };

/**
 * Bundles every export of every entry point by itself, minified. The npm packages that it needs are part of its
 * bundle, in the versions of `deno.lock`. `@std/dotenv` is left out, since a closed network has only a stand-in for it.
 *
 * @returns The sizes.
 */
export async function measureSizes(): Promise<Sizes> {
  const modules = await installOnce("sizes", lockedPackages());
  const sizes: Record<string, Record<string, number>> = {};
  try {
    for (const [entry, path] of Object.entries(readManifest().exports)) {
      if (LEFT_OUT.has(entry)) continue;
      const url = new URL(path, rootUrl);
      const names = Object.keys(await import(url.href)).sort().map((name) => [name]);
      if (entry === ".") names.push(TOGETHER);
      sizes[entry] = Object.fromEntries(
        await Promise.all(names.map(async (each) => [each.join(" + "), await measure(each, url, modules)])),
      );
    }
    return sizes;
  } finally {
    await stopBundling();
  }
}

/**
 * Returns what an export adds to a bundle that has the core, and what the stores of the network take from it, and the one
 * dependency of its entry point, in bytes.
 *
 * @param entry The entry point.
 * @param name The export.
 * @param readsFiles Whether the bundle also has what the stores of files take from the core.
 */
export async function sizeBeyondCore(entry: string, name: string, readsFiles = false): Promise<number> {
  const { exports } = readManifest();
  const from = (names: readonly string[], path: string) =>
    `export { ${names.join(", ")} } from ${JSON.stringify(fileURLToPath(new URL(path, rootUrl)))};`;
  const core = from(CORE, exports["."]!) + from(["boundedFetch"], "src/core/runtime/bounded_fetch.ts") +
    from(["wrongType"], "src/core/chain/option_types.ts") + from(["hostsOf"], "src/core/chain/endpoint.ts") +
    (readsFiles ? from(["mounted"], exports["."]!) + from(["readAbsolute"], "src/core/source/read_file.ts") : "") +
    (DEPENDENCIES[entry] ?? "");
  const own = from([name], exports[entry]!);
  const where = { resolveDir: fileURLToPath(rootUrl), nodePaths: [await installOnce("sizes", lockedPackages())] };
  try {
    return await edgeBundleSize(core + own, where) - await edgeBundleSize(core, where);
  } finally {
    await stopBundling();
  }
}

/** Reads the kept sizes. */
export function readSizes(): Sizes {
  return JSON.parse(Deno.readTextFileSync(SIZES_FILE));
}

/** Writes the sizes to compare with. */
export function writeSizes(sizes: Sizes): void {
  Deno.writeTextFileSync(SIZES_FILE, JSON.stringify(sizes, null, 2) + "\n");
}

/**
 * Compares sizes with the kept ones.
 *
 * @param kept The sizes to compare with.
 * @param measured The current sizes.
 * @returns A line for each export that is new, gone, or larger or smaller by more than the tolerance.
 */
export function compareSizes(kept: Sizes, measured: Sizes): string[] {
  return compareFigures(kept, measured, "bytes", TOLERANCE);
}

/**
 * Returns the most that an export may add.
 *
 * @param entry The entry point.
 * @param name The export, or those measured together.
 * @returns The bytes, or `undefined` without a ceiling.
 */
export function ceilingOf(entry: string, name: string): number | undefined {
  return CEILINGS[entry]?.[name];
}

/**
 * Finds exports that are larger than their ceiling.
 *
 * @param sizes The sizes.
 * @returns A line for each.
 */
export function overCeiling(sizes: Sizes): string[] {
  return Object.entries(sizes).flatMap(([entry, names]) =>
    Object.entries(names).filter(([name, bytes]) => bytes > (ceilingOf(entry, name) ?? Infinity))
      .map(([name, bytes]) =>
        `${entry} ${name}: ${formatFigure(bytes)} bytes, at most ${formatFigure(ceilingOf(entry, name)!)}`
      )
  );
}

function ceilings(bytes: number, ...names: readonly string[]): Record<string, number> {
  return Object.fromEntries(names.map((name) => [name, bytes]));
}

function measure(names: readonly string[], url: URL, modules: string): Promise<number> {
  const contents = `export { ${names.join(", ")} } from ${JSON.stringify(fileURLToPath(url))};`;
  const resolveDir = fileURLToPath(rootUrl);
  return edgeBundleSize(contents, { resolveDir, nodePaths: [modules], external: ["@std/dotenv/*"] });
}

/** Everything that the package depends on, directly or not: another version of it would change a size. */
function lockedPackages(): Record<string, string> {
  const { npm } = JSON.parse(Deno.readTextFileSync(new URL("deno.lock", rootUrl)));
  // A peer's version follows the package's own: "valibot@1.5.0_typescript@5.9.3".
  return Object.fromEntries(Object.keys(npm).map((entry) => entry.replace(/_.*$/, "").split(/(?<=.)@/, 2)));
}
