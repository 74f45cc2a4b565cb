import { dirname, join } from "node:path/posix";
import ts from "npm:typescript@^5.9.3";
import { rootUrl } from "../closed_network/root.ts";
import { packageOf } from "./manifest.ts";

const OPTIONS: ts.CompilerOptions = {
  isolatedDeclarations: true,
  module: ts.ModuleKind.ESNext,
  target: ts.ScriptTarget.ESNext,
};

// Hint: a project's own `lib` need not have it.
const DISPOSABLE = '/// <reference lib="esnext.disposable" />\n';

/** A declaration file of the package. */
export interface DeclarationFile {
  readonly text: string;
  /** The packages that it imports from. */
  readonly packages: readonly string[];
}

/**
 * Writes a declaration file for each source that a user's compiler reaches from an entry point, as it is written there:
 * without a type checker, so nothing of it is inferred, and whatever version of TypeScript reads it sees the same.
 *
 * @param entries The sources of the entry points, as paths from the repository's root.
 * @returns The files, by path in the package.
 * @throws {Error} If a type is not written down.
 */
export function writeDeclarations(entries: readonly string[]): ReadonlyMap<string, DeclarationFile> {
  const reached = new Set(entries);
  const files = new Map<string, DeclarationFile>();
  for (const path of reached) {
    const text = declarationsOf(path);
    const packages: string[] = [];
    const { importedFiles } = ts.preProcessFile(text, true, true);
    for (const { fileName } of importedFiles) {
      if (fileName.startsWith(".")) reached.add(join(dirname(path), fileName));
      else packages.push(packageOf(fileName));
    }
    const lib = /\bDisposable\b/.test(text) ? DISPOSABLE : "";
    files.set(path.replace(/\.ts$/, ".d.ts"), { text: lib + withoutExtensions(text, importedFiles), packages });
  }
  return files;
}

function declarationsOf(path: string): string {
  const text = Deno.readTextFileSync(new URL(path, rootUrl));
  const { outputText, diagnostics } = ts.transpileDeclaration(text, {
    fileName: path,
    compilerOptions: OPTIONS,
    reportDiagnostics: true,
  });
  for (const { file, start, messageText } of diagnostics ?? []) {
    const line = file!.getLineAndCharacterOfPosition(start!).line + 1;
    throw new Error(`Cannot declare ${path}:${line}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`);
  }
  return outputText;
}

/** Makes every import of a TypeScript file one of the JavaScript file that it stands beside. */
function withoutExtensions(text: string, imported: readonly ts.FileReference[]): string {
  let result = "";
  let at = 0;
  for (const { fileName, pos, end } of [...imported].sort((a, b) => a.pos - b.pos)) {
    result += text.slice(at, pos) + text.slice(pos, end).replace(fileName, fileName.replace(/^(\..*)\.ts$/, "$1.js"));
    at = end;
  }
  return result + text.slice(at);
}
