import type { Network } from "../support/closed_network/network.ts";
import { announced } from "../support/progress.ts";
import { TextLineStream } from "../support/servers/text_lines.ts";
import { withoutColour } from "../support/without_colour.ts";

/** What to do if something could not be downloaded. */
const HOW_TO_GO_ON = `No test was started. Run the task once where the npm registry can be reached, or name a reachable
one in NPM_CONFIG_REGISTRY or .npmrc. Downloads are kept in Deno's cache and in .cache: then no network is needed.`;

/**
 * Downloads the npm packages that the tests import, and prints how much that was, or what could not be obtained and
 * what to do.
 *
 * @param network How Deno is started here.
 * @returns Whether all of them are there.
 */
export function download(network: Network): Promise<boolean> {
  return announced("Dependencies", "downloading those that are not there", () => cacheTests(network));
}

/**
 * Installs the runtimes and builds the package that many tests use, or prints what could not be obtained and what to do.
 *
 * @param network How Deno is started here.
 * @returns Whether all of that is there.
 */
export async function prepare(network: Network): Promise<boolean> {
  const { success } = await network.command(["run", "--allow-all", "tests/tasks/prepare.ts"]).spawn().status;
  if (!success) console.error(HOW_TO_GO_ON);
  return success;
}

async function cacheTests(network: Network): Promise<boolean> {
  const began = Date.now();
  const child = network.command(["cache", "tests/"], { stdout: "null", stderr: "piped" }).spawn();
  const lines = await Array.fromAsync(child.stderr.pipeThrough(new TextLineStream()));
  if (!(await child.status).success) {
    const { error, from } = readFailure(lines);
    console.error(`Dependencies: ${error}${from ? `, from ${from}` : ""}\n${HOW_TO_GO_ON}`);
    return false;
  }
  const downloads = lines.filter((line) => line.includes("Download")).length;
  if (downloads === 0) {
    console.log("Dependencies: all there");
    return true;
  }
  const seconds = Math.round((Date.now() - began) / 1_000);
  const bytes = bytesSince(await npmCache(network), began);
  console.log(`Dependencies: ${downloads} downloads, ${Math.round(bytes / 1e6)} MB on disk, in ${seconds} s`);
  return true;
}

/** Returns what Deno could not do, and the address that it asked, if there is one. */
function readFailure(lines: readonly string[]): { readonly error: string; readonly from?: string | undefined } {
  const plain = lines.map(withoutColour);
  const error = plain.find((line) => line.startsWith("error: "))?.slice("error: ".length) ?? plain.join("\n");
  return { error, from: /for url \(([^)]+)\)/.exec(plain.join("\n"))?.[1] };
}

async function npmCache(network: Network): Promise<string> {
  const { stdout } = await network.command(["info", "--json"]).output();
  return JSON.parse(new TextDecoder().decode(stdout)).npmCache;
}

/** Returns the size of the files in a directory that were written since a time. */
function bytesSince(directory: string, time: number): number {
  let bytes = 0;
  for (const { name, isDirectory } of Deno.readDirSync(directory)) {
    const path = `${directory}/${name}`;
    if (isDirectory) bytes += bytesSince(path, time);
    else {
      const { size, mtime } = Deno.lstatSync(path);
      if (mtime !== null && mtime.getTime() >= time) bytes += size;
    }
  }
  return bytes;
}
