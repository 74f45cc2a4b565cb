/**
 * What each exported word adds to a bundle for the edge. `./cli` is left out: it is a program, and has no word to
 * bundle.
 *
 * @module
 */
import * as esbuild from "npm:esbuild@^0.28.2";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { rootUrl } from "./closed_network/root.ts";
import { readManifest } from "./packaging/build_package.ts";
import { installOnce } from "./runtimes/install.ts";

/** Bytes of a bundle after `gzip -9`, by entry point and word. */
export type Sizes = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** Where the sizes are kept that the test compares with. */
export const TABLE: URL = new URL("tests/sizes.json", rootUrl);

const LEFT_OUT = new Set(["./cli"]);

/** What a small edge function imports, measured as one. */
const TOGETHER = ["defineChain", "env", "getResolver", "required"];

/** The most that a word of `mod.ts` may cost, in bytes; a word that is not exported is not measured. */
const CEILINGS: Readonly<Record<string, number>> = {
  ...of(200, "defineChain", "required", "optional", "destination", "setting"),
  ...of(250, "fromEnv", "flag", "whenSet"),
  ...of(300, "denied", "invalid", "unavailable", "ChainError", "CredentialError", "resetResolver", "perCredential"),
  ...of(850, "defineStore"),
  ...of(2_900, "variables"),
  ...of(3_800, "document"),
  ...of(4_800, "token"),
  ...of(3_100, "memory"),
  ...of(3_600, "env"),
  ...of(3_800, "mounted"),
  ...of(4_800, "file"),
  ...of(10_500, "createResolver", "getResolver"),
  ...of(13_200, TOGETHER.join(" + ")),
};

// zlib's versions differ by a few bytes.
const TOLERANCE_BYTES = 16;
const TOLERANCE = 0.01;

/**
 * Bundles every exported word of every entry point by itself, minified. The npm packages that it needs are part of its
 * bundle, in the versions of `deno.lock`. `@std/dotenv` is not: where JSR is out of reach, a stand-in is in its place.
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
      const words = Object.keys(await import(url.href)).sort().map((word) => [word]);
      if (entry === ".") words.push(TOGETHER);
      sizes[entry] = Object.fromEntries(
        await Promise.all(words.map(async (each) => [each.join(" + "), await measure(each, url, modules)])),
      );
    }
    return sizes;
  } finally {
    await esbuild.stop();
  }
}

/** Reads the kept sizes. */
export function readTable(): Sizes {
  return JSON.parse(Deno.readTextFileSync(TABLE));
}

/** Keeps sizes as those to compare with. */
export function writeTable(sizes: Sizes): void {
  Deno.writeTextFileSync(TABLE, JSON.stringify(sizes, null, 2) + "\n");
}

/**
 * Compares sizes with those that were kept.
 *
 * @param kept The sizes to compare with.
 * @param measured The sizes of now.
 * @returns A line for each word that is new, gone, or costs something else by more than the tolerance.
 */
export function compareSizes(kept: Sizes, measured: Sizes): string[] {
  return keys(kept, measured).flatMap((entry) =>
    keys(kept[entry], measured[entry]).flatMap((word) => {
      const change = say(kept[entry]?.[word], measured[entry]?.[word]);
      return change === undefined ? [] : [`${entry} ${word}: ${change}`];
    })
  );
}

/**
 * Tells the most that a word may cost.
 *
 * @param entry The entry point.
 * @param word The word, or those measured as one.
 * @returns The bytes, or nothing for a word without a ceiling.
 */
export function ceilingOf(entry: string, word: string): number | undefined {
  return entry === "." && Object.hasOwn(CEILINGS, word) ? CEILINGS[word] : undefined;
}

/**
 * Finds words that cost more than they may.
 *
 * @param sizes The sizes.
 * @returns A line for each.
 */
export function overCeiling(sizes: Sizes): string[] {
  return Object.entries(sizes).flatMap(([entry, words]) =>
    Object.entries(words).filter(([word, bytes]) => bytes > (ceilingOf(entry, word) ?? Infinity))
      .map(([word, bytes]) => `${entry} ${word}: ${count(bytes)} bytes, at most ${count(ceilingOf(entry, word)!)}`)
  );
}

/** Writes a number of bytes as all lines here do. */
export function count(bytes: number): string {
  return bytes.toLocaleString("en");
}

function of(bytes: number, ...words: readonly string[]): Record<string, number> {
  return Object.fromEntries(words.map((word) => [word, bytes]));
}

async function measure(words: readonly string[], url: URL, modules: string): Promise<number> {
  const { outputFiles } = await esbuild.build({
    stdin: {
      contents: `export { ${words.join(", ")} } from ${JSON.stringify(fileURLToPath(url))};`,
      resolveDir: fileURLToPath(rootUrl),
    },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    conditions: ["import", "worker", "browser"],
    external: ["node:*", "@std/dotenv/*"],
    nodePaths: [modules],
    write: false,
    logLevel: "error",
  });
  return gzipSync(outputFiles[0]!.contents, { level: 9 }).length;
}

/** All that the package depends on, directly or not: a newer version of any would change a size. */
function lockedPackages(): Record<string, string> {
  const { npm } = JSON.parse(Deno.readTextFileSync(new URL("deno.lock", rootUrl)));
  // A peer's version follows the package's own: "valibot@1.5.0_typescript@5.9.3".
  return Object.fromEntries(Object.keys(npm).map((entry) => entry.replace(/_.*$/, "").split(/(?<=.)@/, 2)));
}

function keys(...records: readonly (object | undefined)[]): string[] {
  return [...new Set(records.flatMap((record) => Object.keys(record ?? {})))];
}

function say(kept: number | undefined, measured: number | undefined): string | undefined {
  if (kept === undefined) return `new, ${count(measured!)} bytes`;
  if (measured === undefined) return `gone, ${count(kept)} bytes before`;
  const change = measured - kept;
  if (Math.abs(change) <= Math.max(TOLERANCE_BYTES, kept * TOLERANCE)) return undefined;
  const percent = (Math.abs(change) / kept * 100).toFixed(1);
  return `${percent} % ${change > 0 ? "dearer" : "cheaper"}, ${count(kept)} → ${count(measured)} bytes`;
}
