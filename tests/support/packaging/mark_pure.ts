import ts from "npm:typescript@^5.9.3";

/**
 * Marks the calls with which the variables of a module are initialised, so that a bundler leaves out those that are not
 * used. In the module of a folder there are more of them than a user has words for.
 *
 * @param path The module's path.
 * @param text Its text.
 * @returns The text with the marks.
 */
export function markPure(path: string, text: string): string {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const calls = new Set<number>();
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node)) return;
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) calls.add(node.getStart(source));
    ts.forEachChild(node, visit);
  };
  for (const statement of source.statements) if (ts.isVariableStatement(statement)) visit(statement);
  const starts = [0, ...[...calls].sort((a, b) => a - b)];
  return starts.map((start, at) => text.slice(start, starts[at + 1])).join("/* @__PURE__ */ ");
}
