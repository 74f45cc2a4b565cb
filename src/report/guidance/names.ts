import { locatorParts } from "../../core/source/locator.ts";

/** Members of one document, or names that are in none. */
interface NameGroup {
  /** The document, with its directory if that is known. */
  readonly document?: string;
  readonly members: readonly string[];
}

/**
 * Groups declared names by their document, with templates replaced by their members.
 *
 * @param names The names, such as `state.json#user`, `state.json#password` or `NEO4J_USER`.
 * @param directory The directory of the documents, if known.
 * @returns The groups, such as `user` and `password` of `data/state.json`.
 */
export function groupsOf(names: readonly string[], directory?: string): readonly NameGroup[] {
  const documents = new Map<string, string[]>();
  for (const name of names) {
    const at = name.indexOf("#");
    const document = at < 0 ? "" : name.slice(0, at);
    documents.set(document, [...documents.get(document) ?? [], ...membersOf(name)]);
  }
  return [...documents].map(([document, members]) =>
    document === "" ? { members } : { document: pathIn(directory, document), members }
  );
}

/** Formats declared names, such as `data/state.json: user, password` or `NEO4J_USER`. */
export function groupNames(names: readonly string[], directory?: string): string {
  return groupsOf(names, directory).map(({ document, members }) =>
    document === undefined ? members.join(", ") : `${document}: ${members.join(", ")}`
  ).join("; ");
}

/** Returns the members of its document that a name stands for; for a name without a document, the name itself. */
export function membersOf(name: string): readonly string[] {
  const at = name.indexOf("#");
  return at < 0 ? [name] : locatorParts(name.slice(at + 1));
}

/**
 * Puts a directory before a detail that begins with the name of a document in it, or of a member of the document.
 *
 * @param detail The detail of an answer.
 * @param reads The names that are looked for in the store.
 * @param directory The directory of its documents, if known.
 * @returns The detail.
 */
export function inDirectory(detail: string, reads: readonly string[], directory: string | undefined): string {
  const begins = reads.some((name) => [" ", "#"].some((end) => detail.startsWith(`${name.split("#")[0]}${end}`)));
  return begins ? pathIn(directory, detail) : detail;
}

function pathIn(directory: string | undefined, path: string): string {
  return directory === undefined ? path : `${directory.replace(/\/$/, "")}/${path}`;
}
