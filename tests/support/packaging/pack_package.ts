/** A package as npm publishes it. */
export interface Packed {
  /** The path of the tarball. */
  readonly tarball: string;
  /** Its size, in bytes. */
  readonly size: number;
  /** The number of files in it. */
  readonly files: number;
}

/**
 * Packs a package with npm.
 *
 * @param directory The package.
 * @param destination The directory to write the tarball to.
 * @returns What was packed.
 * @throws {Error} If npm fails.
 */
export async function packPackage(directory: string, destination: string): Promise<Packed> {
  const { success, stdout } = await new Deno.Command("npm", {
    args: ["pack", "--json", "--ignore-scripts", "--loglevel=error", "--pack-destination", destination],
    cwd: directory,
    stdin: "null",
    stderr: "inherit",
  }).output();
  if (!success) throw new Error("Cannot pack the package: npm pack failed");
  const [{ filename, size, entryCount }] = JSON.parse(new TextDecoder().decode(stdout));
  return { tarball: `${destination}/${filename}`, size, files: entryCount };
}
