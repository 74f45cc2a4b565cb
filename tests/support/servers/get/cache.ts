import { fileURLToPath } from "node:url";
import { rootUrl } from "../../closed_network/root.ts";

/**
 * Returns the path of something in the cache, where it is kept for later runs.
 *
 * @param name The path in the cache.
 * @returns The absolute path.
 */
export function cached(name: string): string {
  return fileURLToPath(new URL(`.cache/${name}`, rootUrl));
}
