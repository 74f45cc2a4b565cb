import { root } from "./closed_network/root.ts";

const NOT_OURS = new Set([".git", ".cache", "coverage", "data", "node_modules"]);

/** Lists the files below a directory of the repository, as git would have them. */
export function filesBelow(directory = ""): readonly string[] {
  return [...Deno.readDirSync(root + directory)].flatMap(({ name, isDirectory }) => {
    if (NOT_OURS.has(name)) return [];
    return isDirectory ? filesBelow(`${directory}${name}/`) : [directory + name];
  });
}

/** Lists the Markdown pages of the repository, by their paths in it. */
export function markdownPages(): readonly string[] {
  return filesBelow().filter((path) => path.endsWith(".md")).sort();
}
