import { rootUrl } from "../closed_network/root.ts";

/**
 * Finds a snippet of the README.
 *
 * @param marker A text that is in it alone.
 * @returns Its code.
 * @throws {Error} If there is not exactly one.
 */
export function readmeSnippet(marker: string): string {
  const text = Deno.readTextFileSync(new URL("README.md", rootUrl));
  const found = [...text.matchAll(/^```ts[^\n]*\n([\s\S]*?)^```$/gm)].map(([, code]) => code!)
    .filter((code) => code.includes(marker));
  if (found.length !== 1) throw new Error(`Expected one snippet with "${marker}", found ${found.length}`);
  return found[0]!;
}
