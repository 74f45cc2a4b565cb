import { openNetwork } from "../closed_network/network.ts";
import { buildPackage, hasStandIn } from "./build_package.ts";
import { readManifest } from "./manifest.ts";
import { type Packed, packPackage } from "./pack_package.ts";

/**
 * Builds and packs the package as it is published.
 *
 * @param destination The directory to write the tarball to.
 * @returns What was packed.
 * @throws {Error} If a stand-in for `@std/dotenv` would be published.
 */
export async function packRelease(destination: string): Promise<Packed> {
  // Hint: a publisher takes what is there, so a refusal leaves nothing of an earlier run.
  removeTarball(destination);
  using network = await openNetwork();
  const directory = Deno.makeTempDirSync({ prefix: "release_" });
  try {
    if (hasStandIn(await buildPackage(network, directory))) {
      throw new Error(
        "Cannot release the package: @std/dotenv is a stand-in, from a file: " +
          "run this where JSR can be reached, and without JSR_URL",
      );
    }
    Deno.mkdirSync(destination, { recursive: true });
    return await packPackage(directory, destination);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

function removeTarball(destination: string): void {
  const { name, version } = readManifest();
  try {
    Deno.removeSync(`${destination}/${name.slice(1).replace("/", "-")}-${version}.tgz`);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
