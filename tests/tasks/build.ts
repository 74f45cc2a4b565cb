/**
 * Builds the npm package into a directory, which is emptied first if it is the default one: `deno task build [DIRECTORY]`.
 *
 * @module
 */
import { openNetwork } from "../support/closed_network/network.ts";
import { root } from "../support/closed_network/root.ts";
import { buildPackage, hasStandIn } from "../support/packaging/build_package.ts";

const DEFAULT = `${root}.cache/build`;

const [directory = DEFAULT] = Deno.args;
Deno.mkdirSync(directory, { recursive: true });
if (directory === DEFAULT) {
  Deno.removeSync(directory, { recursive: true });
} else if ([...Deno.readDirSync(directory)].length > 0) {
  console.error(`Cannot build into ${directory}: it is not empty`);
  Deno.exit(1);
}
using network = await openNetwork();
const built = await buildPackage(network, directory);
const standIn = hasStandIn(built) ? ", with a stand-in for @std/dotenv: not for a release" : "";
console.log(`${Deno.realPathSync(directory)}\n${Object.keys(built.modules).length} modules${standIn}`);
