import { dirname, join } from "node:path/posix";
import ts from "npm:typescript@^5.9.3";

/** The target of an import whose path is computed. */
export const COMPUTED = "(computed)";

/** An import in a file, in any syntax. */
export interface Import {
  /** The imported file as a path from the repository's root, the bare name of a package, or {@linkcode COMPUTED}. */
  readonly target: string;
  /** Whether it is not a relative path, and so not a file of the package. */
  readonly external: boolean;
  /** Whether the whole statement imports types, and so is gone at run time. */
  readonly type: boolean;
}

/** A function of a file. */
export interface FunctionFacts {
  readonly name: string;
  readonly lines: number;
}

/** What the checks of the layout need to know about a file. */
export interface SourceFacts {
  readonly imports: readonly Import[];
  readonly functions: readonly FunctionFacts[];
  /** How many lines it has, without blank ones and those of doc comments. */
  readonly lines: number;
  /** Every identifier in the code, without those in comments and strings. */
  readonly identifiers: ReadonlySet<string>;
  /** Every access to a member: `a.b`, and `a().b` of what a call without arguments returns, with the last name before it. */
  readonly members: ReadonlySet<string>;
}

/**
 * Parses a file with the TypeScript compiler.
 *
 * @param path The path from the repository's folder.
 * @param text The file's text.
 * @returns The imports, functions, identifiers, members and lines.
 */
export function readFacts(path: string, text: string): SourceFacts {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const imports: Import[] = source.referencedFiles.map(({ fileName }) => ({
    target: join(dirname(path), fileName),
    external: false,
    type: true,
  }));
  const functions: FunctionFacts[] = [];
  const identifiers = new Set<string>();
  const members = new Set<string>();
  const docs = new Map<number, number>();
  const visit = (node: ts.Node): void => {
    const imported = readImport(node, path);
    if (imported) imports.push(imported);
    if (ts.isIdentifier(node)) identifiers.add(node.text);
    if (ts.isPropertyAccessExpression(node)) members.add(`${ownerOf(node.expression)}.${node.name.text}`);
    if (ts.isFunctionLike(node) && "body" in node && node.body) functions.push(readFunction(node, source));
    for (const { pos, end } of ts.getLeadingCommentRanges(text, node.pos) ?? []) {
      if (text.startsWith("/**", pos)) docs.set(pos, end);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return { imports, functions, identifiers, members, lines: countLines(text, docs) };
}

/**
 * Parses files.
 *
 * @param files The files' texts, by path from the repository's folder.
 * @returns What the checks need, by the same paths.
 */
export function readAllFacts(files: ReadonlyMap<string, string>): ReadonlyMap<string, SourceFacts> {
  return new Map([...files].map(([path, text]) => [path, readFacts(path, text)]));
}

/** Counts the lines that have something in them other than these comments, which are given by their start and end. */
function countLines(text: string, comments: ReadonlyMap<number, number>): number {
  const rest = [...comments].sort(([one], [other]) => other - one)
    .reduce((text, [start, end]) => text.slice(0, start) + text.slice(end), text);
  return rest.split("\n").filter((line) => line.trim() !== "").length;
}

function readImport(node: ts.Node, path: string): Import | undefined {
  if (ts.isImportDeclaration(node)) return resolved(node.moduleSpecifier, node.importClause?.isTypeOnly ?? false, path);
  if (ts.isExportDeclaration(node) && node.moduleSpecifier) {
    return resolved(node.moduleSpecifier, node.isTypeOnly, path);
  }
  if (ts.isImportTypeNode(node)) {
    return resolved(ts.isLiteralTypeNode(node.argument) ? node.argument.literal : node.argument, true, path);
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    return resolved(node.arguments[0], false, path);
  }
  if (ts.isExternalModuleReference(node)) return resolved(node.expression, false, path);
}

function resolved(specifier: ts.Node | undefined, type: boolean, path: string): Import {
  if (!specifier || !ts.isStringLiteralLike(specifier)) return { target: COMPUTED, external: true, type };
  const { text } = specifier;
  if (!text.startsWith(".")) return { target: text, external: true, type };
  return { target: join(dirname(path), text), external: false, type };
}

function ownerOf(node: ts.Expression): string {
  if (ts.isCallExpression(node)) return node.arguments.length === 0 ? `${ownerOf(node.expression)}()` : "";
  if (ts.isPropertyAccessExpression(node)) return node.name.text;
  return ts.isIdentifier(node) ? node.text : "";
}

function readFunction(node: ts.SignatureDeclaration, source: ts.SourceFile): FunctionFacts {
  const line = (position: number) => source.getLineAndCharacterOfPosition(position).line;
  const first = line(node.getStart(source));
  const named = node.name ?? (ts.isVariableDeclaration(node.parent) ? node.parent.name : undefined);
  const name = ts.isConstructorDeclaration(node) ? "constructor" : named?.getText(source);
  return { name: name ?? `the function in line ${first + 1}`, lines: line(node.getEnd()) - first + 1 };
}
