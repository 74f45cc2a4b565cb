import { rootUrl } from "../closed_network/root.ts";

/**
 * Finds a snippet of a page.
 *
 * @param page The page's path in the repository.
 * @param marker A text that occurs only in that snippet.
 * @returns Its code.
 * @throws {Error} If not exactly one snippet has the marker.
 */
export function pageSnippet(page: string, marker: string): string {
  const text = Deno.readTextFileSync(new URL(page, rootUrl));
  const snippets = [...text.matchAll(/^```ts[^\n]*\n([\s\S]*?)^```$/gm)].map(([, code]) => code!)
    .filter((code) => code.includes(marker));
  if (snippets.length !== 1) throw new Error(`Expected one snippet with "${marker}", found ${snippets.length}`);
  return snippets[0]!;
}
