/** A store or a credential of a chain. */
export interface Part {
  readonly section: "stores" | "credentials";
  readonly name: string;
}

/**
 * Reads the path of a finding or a problem.
 *
 * @param path Such as `credentials["polaris:oauth"].from.vault`.
 * @returns The part of the chain that it begins with; nothing where it is of the whole chain.
 */
export function partOf(path: string): Part | undefined {
  const [, section, plain, quoted] = /^(stores|credentials)(?:\.([^.[]+)|\["([^]*?)"\])/.exec(path) ?? [];
  const name = plain ?? quoted;
  return name === undefined ? undefined : { section: section as Part["section"], name };
}

/**
 * Finds where a part of a chain is declared, in the text of its module.
 *
 * @param text The text.
 * @param part The part.
 * @returns The number of the line, from 1; 1 where the text does not have its name, since a function made it.
 */
export function lineOf(text: string, part: Part | undefined): number {
  if (!part) return 1;
  // Hint: lines that are comments keep their length, so that the position of what is found stays the same.
  const code = text.replaceAll(/^[ \t]*(?:\/\/|\/?\*).*$/gm, (line) => " ".repeat(line.length));
  const name = `(?:${[part.name, JSON.stringify(part.name).slice(1, -1)].map(escaped).join("|")})`;
  const literal = `(["'\`])${name}\\1`;
  const start = Math.max(code.search(new RegExp(`\\b${part.section}\\s*:`)), 0);
  const property = new RegExp(`(?:${literal}|(?<![\\w$.])${name})(?=\\s*[:,}])`, "g");
  property.lastIndex = start;
  const at = property.exec(code)?.index ?? code.search(new RegExp(literal));
  return code.slice(0, Math.max(at, 0)).split("\n").length;
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\\/]/g, "\\$&");
}
