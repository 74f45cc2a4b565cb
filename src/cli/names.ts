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

/**
 * Puts a directory before a detail that begins with the name of a document in it, or of a member of that.
 *
 * @param detail The detail of an answer.
 * @param reads The names that are looked for in the store.
 * @param directory The directory of its documents, where known.
 * @returns The detail.
 */
export function inDirectory(detail: string, reads: readonly string[], directory: string | undefined): string {
  const begins = reads.some((name) => [" ", "#"].some((end) => detail.startsWith(`${name.split("#")[0]}${end}`)));
  return directory !== undefined && begins ? `${directory.replace(/\/$/, "")}/${detail}` : detail;
}

/** Returns the members that a locator reads: those of a template, or itself. */
export function membersOf(locator: string): readonly string[] {
  return locator.includes("{") ? [...locator.matchAll(/\{([^{}]+)\}/g)].map(([, member]) => member!) : [locator];
}
