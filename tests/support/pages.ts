import { rootUrl } from "./closed_network/root.ts";

/** A block of code of a page. */
export interface PageBlock {
  /** The title that it stands below, without its `#`. */
  readonly title: string;
  /** Its language, and what follows it in the line: `ts ignore`; empty where there is none. */
  readonly info: string;
  /** Its code. */
  readonly code: string;
}

/** Lists the Markdown pages of the repository, by their paths in it. */
export function markdownPages(): readonly string[] {
  return ["README.md", ...[".github", "src", "tests"].flatMap((directory) => [...markdownIn(directory)])].sort();
}

function* markdownIn(directory: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(new URL(directory, rootUrl))) {
    const path = `${directory}/${name}`;
    if (isDirectory) yield* markdownIn(path);
    else if (name.endsWith(".md")) yield path;
  }
}

/**
 * Reads the blocks of code of a page.
 *
 * @param page The page's path in the repository.
 * @returns The blocks, in their order.
 */
export function pageBlocks(page: string): readonly PageBlock[] {
  const text = Deno.readTextFileSync(new URL(page, rootUrl));
  let title = "";
  return [...text.matchAll(/^#+ (.*)$|^( *)```(.*)\n([\s\S]*?)^\2```$/gm)].flatMap(([, heading, , info, code]) => {
    if (heading !== undefined) title = heading;
    return code === undefined ? [] : [{ title, info: info!, code }];
  });
}
