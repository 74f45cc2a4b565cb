import { dirname } from "node:path";

/**
 * Makes a directory, unless it is there. Concurrent processes each fill one of their own, so it is complete once it is there.
 *
 * @param directory The path.
 * @param fill Writes its contents to another path.
 */
export async function makeOnce(directory: string, fill: (partial: string) => Promise<void>): Promise<void> {
  if (exists(directory)) return;
  const parent = dirname(directory);
  Deno.mkdirSync(parent, { recursive: true });
  const partial = Deno.makeTempDirSync({ dir: parent, prefix: "partial-" });
  try {
    await fill(partial);
    Deno.renameSync(partial, directory);
  } catch (error) {
    Deno.removeSync(partial, { recursive: true });
    // Hint: another process was faster.
    if (!exists(directory)) throw error;
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
