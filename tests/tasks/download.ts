import type { Network } from "../support/closed_network/network.ts";
import { announced } from "../support/progress.ts";
import { TextLineStream } from "../support/servers/text_lines.ts";

/**
 * Downloads the npm packages that the tests import, and prints how much that was. What cannot be got is left to what
 * needs it.
 *
 * @param network How Deno is started here.
 */
export function download(network: Network): Promise<void> {
  return announced("Dependencies", "downloading those that are not there", () => cacheTests(network));
}

async function cacheTests(network: Network): Promise<void> {
  const began = Date.now();
  const child = network.command(["cache", "tests/"], { stdout: "null", stderr: "piped" }).spawn();
  const lines = await Array.fromAsync(child.stderr.pipeThrough(new TextLineStream()));
  if (!(await child.status).success) console.error(lines.join("\n"));
  const downloads = lines.filter((line) => line.includes("Download")).length;
  if (downloads === 0) return console.log("Dependencies: all there");
  const seconds = Math.round((Date.now() - began) / 1_000);
  const bytes = bytesSince(await npmCache(network), began);
  console.log(`Dependencies: ${downloads} downloads, ${Math.round(bytes / 1e6)} MB on disk, in ${seconds} s`);
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
