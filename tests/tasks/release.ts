/**
 * Builds and packs the package for npm, and prints the tarball's path: `deno task release [DIRECTORY]`. It publishes
 * nothing.
 *
 * @module
 */
import { root } from "../support/closed_network/root.ts";
import { packRelease } from "../support/packaging/release.ts";

const [directory = `${root}.cache/release`] = Deno.args;
try {
  const { tarball, size, files } = await packRelease(directory);
  console.log(`${tarball}\n${size.toLocaleString("en")} bytes, ${files} files`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  Deno.exitCode = 1;
}
