/**
 * Declared names in few words: the members of one document stand together, and a template is the members in it.
 *
 * @param names For example `state.json#user`, `state.json#password`, `NEO4J_USER`.
 * @param directory Where the documents are, where that is known.
 * @returns For example `data/state.json: user, password`, or `NEO4J_USER`.
 */
export function groupNames(names: readonly string[], directory?: string): string {
  const documents = new Map<string, string[]>();
  for (const name of names) {
    const at = name.indexOf("#");
    const document = at < 0 ? "" : name.slice(0, at);
    documents.set(document, [...documents.get(document) ?? [], ...at < 0 ? [name] : membersOf(name.slice(at + 1))]);
  }
  const within = directory === undefined ? "" : `${directory.replace(/\/$/, "")}/`;
  const groups = [...documents].map(([document, members]) =>
    document === "" ? members.join(", ") : `${within}${document}: ${members.join(", ")}`
  );
  return groups.join("; ");
}

function membersOf(locator: string): readonly string[] {
  return locator.includes("{") ? [...locator.matchAll(/\{([^{}]+)\}/g)].map(([, member]) => member!) : [locator];
}
