import { denied, isRefusal, unavailable } from "../core/chain/outcome.ts";
import { codeOf, flushDirectory, ignoring, remove, textOf } from "../core/runtime/disk.ts";
import type { NodeFs } from "../core/runtime/globals.ts";
import type { Place } from "./place.ts";

/** The age at which a temporary file was left by a writer that was killed. */
const ABANDONED_MS = 60_000;
/** The errors of a file system without hard links. */
const NO_LINKS = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"];

/** Who may read what is written. */
export interface Ownership {
  readonly mode: number;
  readonly group: number | undefined;
}

/** A change of a document's text. */
export interface Commit {
  /** The text that it was made from; nothing where there was no document. */
  readonly before: string | undefined;
  readonly after: string;
  /** Whether a document that another writer made meanwhile must never be replaced. */
  readonly exclusive: boolean;
  readonly ownership: Ownership;
}

/**
 * Replaces a document atomically and durably: a reader sees the old one or the new one whole, also after a crash.
 *
 * @returns Whether it did; `false` where another change came first.
 */
export function commit(fs: NodeFs, place: Place, change: Commit): boolean {
  const temporary = writeTemporary(fs, place, change.after, change.ownership);
  try {
    removeAbandoned(fs, place, temporary);
    const won = change.exclusive && change.before === undefined
      ? link(fs, temporary, place.path)
      : replace(fs, place, temporary, change);
    if (won) flushDirectory(fs, place.directory);
    return won;
  } finally {
    remove(fs, temporary);
  }
}

/** Writes a whole file beside a document, under a name that no reader knows. */
export function writeTemporary(fs: NodeFs, place: Place, text: string, { mode, group }: Ownership): string {
  const path = siblingPath(place, `${crypto.randomUUID()}.tmp`);
  const file = fs.openSync(path, "wx", 0o600);
  try {
    try {
      if (group !== undefined) changeGroup(fs, path, group);
      fs.chmodSync(path, mode);
      fs.writeFileSync(file, text);
      fs.fsyncSync(file);
    } finally {
      fs.closeSync(file);
    }
  } catch (error) {
    remove(fs, path);
    throw error;
  }
  return path;
}

/** Returns the path of a file beside a document. */
export function siblingPath({ directory, base }: Place, suffix: string): string {
  return `${directory}/.${base}.${suffix}`;
}

/** Gives a file a second name unless that is taken; returns whether it did. */
export function link(fs: NodeFs, from: string, to: string): boolean {
  try {
    fs.linkSync(from, to);
    return true;
  } catch (error) {
    const code = codeOf(error) ?? "";
    if (code === "EEXIST") return false;
    throw NO_LINKS.includes(code) ? unavailable("its file system has no hard links, which ensure needs") : error;
  }
}

/**
 * Renames by way of one name that all writers share. The file there is whole, and only it can become the document: so of
 * two writers at once one finds that it lost, and no change is lost unnoticed.
 */
function replace(fs: NodeFs, place: Place, temporary: string, { before, after, exclusive }: Commit): boolean {
  const next = siblingPath(place, "next");
  remove(fs, next);
  const staged = stage(fs, temporary, next, exclusive);
  if (staged === undefined) return false;
  if (textOf(fs, place.path) !== before) {
    remove(fs, staged);
    return false;
  }
  ignoring("ENOENT", () => fs.renameSync(staged, place.path));
  return textOf(fs, place.path) === after;
}

// Hint: where a file can have only one name, a plain rename is still atomic, and merely not exclusive.
function stage(fs: NodeFs, temporary: string, next: string, exclusive: boolean): string | undefined {
  try {
    return link(fs, temporary, next) ? next : undefined;
  } catch (error) {
    if (exclusive || !isRefusal(error)) throw error;
    return temporary;
  }
}

function changeGroup(fs: NodeFs, path: string, group: number): void {
  try {
    fs.chownSync(path, fs.statSync(path).uid, group);
  } catch (error) {
    if (codeOf(error) !== "EPERM") throw error;
    throw denied(`no permission to give the document to group ${group}`);
  }
}

// Hint: ages are measured by the clock of the file system.
/** Removes the temporary files of writers that were killed. */
function removeAbandoned(fs: NodeFs, place: Place, temporary: string): void {
  const now = fs.statSync(temporary).mtimeMs;
  const prefix = `.${place.base}.`;
  for (const name of fs.readdirSync(place.directory)) {
    if (!name.startsWith(prefix) || !name.endsWith(".tmp")) continue;
    const path = `${place.directory}/${name}`;
    try {
      if (now - fs.lstatSync(path).mtimeMs > ABANDONED_MS) remove(fs, path);
    } catch (error) {
      if (!["ENOENT", "EACCES", "EPERM"].includes(codeOf(error) ?? "")) throw error;
    }
  }
}
