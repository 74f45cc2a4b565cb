import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** What a module imports. */
interface ModuleImport {
  /** The specifier, as it is written. */
  readonly specifier: string;
  /** The URL to which it leads. */
  readonly url: string;
}

/** Lists what a module imports, and what the files that it imports by path import. */
export function importsOf(moduleUrl: string, seen: Set<string> = new Set()): readonly ModuleImport[] {
  if (seen.has(moduleUrl)) return [];
  seen.add(moduleUrl);
  const specifiers = [...sourceOf(moduleUrl).matchAll(/\b(?:from|import)\s*\(?\s*(["'])([^"'\n]+)\1/g)];
  return specifiers.flatMap(([, , specifier]) => {
    const url = URL.canParse(specifier!, moduleUrl) ? new URL(specifier!, moduleUrl).href : "";
    const below = /^(file:|\.*\/)/.test(specifier!) ? importsOf(url, seen) : [];
    return [{ specifier: specifier!, url }, ...below];
  });
}

function sourceOf(url: string): string {
  try {
    return readFileSync(fileURLToPath(url), "utf8");
  } catch {
    return ""; // it does not exist, or may not be read
  }
}
