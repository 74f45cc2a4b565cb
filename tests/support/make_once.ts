import { dirname } from "node:path";

/**
 * Makes a directory, unless it is there. Of concurrent callers, in any process, one fills it while the others wait, and it is
 * complete once it is there.
 *
 * @param directory The path.
 * @param fill Writes its contents to another path.
 */
export async function makeOnce(directory: string, fill: (partial: string) => Promise<void>): Promise<void> {
  if (exists(directory)) return;
  const parent = dirname(directory);
  Deno.mkdirSync(parent, { recursive: true });
  // Hint: a lock on the directory itself leaves no file, and ends with a process that is killed.
  using lock = Deno.openSync(parent);
  await lock.lock(true);
  if (exists(directory)) return;
  const partial = Deno.makeTempDirSync({ dir: parent, prefix: "partial-" });
  try {
    await fill(partial);
    Deno.renameSync(partial, directory);
  } catch (error) {
    Deno.removeSync(partial, { recursive: true });
    throw error;
  }
}

/** Returns the name of a directory whose contents follow from a text. */
export async function digest(text: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(hash).toHex().slice(0, 16);
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
