/**
 * Formats declared names, with the members of one document grouped and templates replaced by their members.
 *
 * @param names The names, such as `state.json#user`, `state.json#password` or `NEO4J_USER`.
 * @param directory The directory of the documents, where known.
 * @returns The text, such as `data/state.json: user, password` or `NEO4J_USER`.
 */
export function groupNames(names: readonly string[], directory?: string): string {
  const documents = new Map<string, string[]>();
  for (const name of names) {
    const at = name.indexOf("#");
    const document = at < 0 ? "" : name.slice(0, at);
    documents.set(document, [...documents.get(document) ?? [], ...at < 0 ? [name] : membersOf(name.slice(at + 1))]);
  }
  const prefix = directory === undefined ? "" : `${directory.replace(/\/$/, "")}/`;
  const groups = [...documents].map(([document, members]) =>
    document === "" ? members.join(", ") : `${prefix}${document}: ${members.join(", ")}`
  );
  return groups.join("; ");
}

function membersOf(locator: string): readonly string[] {
  return locator.includes("{") ? [...locator.matchAll(/\{([^{}]+)\}/g)].map(([, member]) => member!) : [locator];
}
