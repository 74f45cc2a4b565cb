import { denied, isRefusal, unavailable } from "../outcome.ts";
import { codeOf, type Disk, flushDirectory, remove, textOf, unless } from "./disk.ts";
import type { Place } from "./place.ts";

/** How old a temporary file is that no living writer needs, in milliseconds. */
const ABANDONED = 60_000;
/** What a file system says that knows no hard links. */
const UNLINKABLE = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"];

/** Who may read what is written. */
export interface Ownership {
  readonly mode: number;
  readonly group: number | undefined;
}

/** A change of a document's text. */
export interface Commit {
  /** What it was made from; nothing where there was no document. */
  readonly before: string | undefined;
  readonly after: string;
  /** Whether a document that others made meanwhile must not be replaced, come what may. */
  readonly exclusive: boolean;
  readonly ownership: Ownership;
}

/**
 * Replaces a document at once and for good: a reader sees the old one or the new one whole, also after a crash.
 *
 * @returns Whether it did; `false` where another change came first.
 */
export function commit(fs: Disk, place: Place, change: Commit): boolean {
  const temporary = writeTemporary(fs, place, change.after, change.ownership);
  try {
    sweep(fs, place, temporary);
    const won = change.exclusive && change.before === undefined
      ? link(fs, temporary, place.path)
      : replace(fs, place, temporary, change);
    if (won) flushDirectory(fs, place.directory);
    return won;
  } finally {
    remove(fs, temporary);
  }
}

/** Writes a whole file beside a document, under a name that readers don't know. */
export function writeTemporary(fs: Disk, place: Place, text: string, { mode, group }: Ownership): string {
  const path = besides(place, `${crypto.randomUUID()}.tmp`);
  const file = fs.openSync(path, "wx", 0o600);
  try {
    try {
      if (group !== undefined) give(fs, path, group);
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

/** The path of a file that stands beside a document. */
export function besides({ directory, base }: Place, suffix: string): string {
  return `${directory}/.${base}.${suffix}`;
}

/** Gives a file a second name unless that is taken, and says whether it did. */
export function link(fs: Disk, from: string, to: string): boolean {
  try {
    fs.linkSync(from, to);
    return true;
  } catch (error) {
    const code = codeOf(error) ?? "";
    if (code === "EEXIST") return false;
    throw UNLINKABLE.includes(code) ? unavailable("its file system has no hard links") : error;
  }
}

/**
 * Renames by way of one name that all writers share. What stands there is whole, and whoever's it is, only it can become
 * the document: so of two writers at once one finds that it lost, and neither's change is undone unseen.
 */
function replace(fs: Disk, place: Place, temporary: string, { before, after, exclusive }: Commit): boolean {
  const next = besides(place, "next");
  remove(fs, next);
  const staged = stage(fs, temporary, next, exclusive);
  if (staged === undefined) return false;
  if (textOf(fs, place.path) !== before) {
    remove(fs, staged);
    return false;
  }
  unless("ENOENT", () => fs.renameSync(staged, place.path));
  return textOf(fs, place.path) === after;
}

// Hint: where a file can have one name only, a plain rename still is whole, and merely not exclusive.
function stage(fs: Disk, temporary: string, next: string, exclusive: boolean): string | undefined {
  try {
    return link(fs, temporary, next) ? next : undefined;
  } catch (error) {
    if (exclusive || !isRefusal(error)) throw error;
    return temporary;
  }
}

function give(fs: Disk, path: string, group: number): void {
  try {
    fs.chownSync(path, fs.statSync(path).uid, group);
  } catch (error) {
    if (codeOf(error) !== "EPERM") throw error;
    throw denied(`the document cannot be given to group ${group}`);
  }
}

/** Removes what killed writers left. Ages are told by the file system's own clock. */
function sweep(fs: Disk, place: Place, temporary: string): void {
  const now = fs.statSync(temporary).mtimeMs;
  const prefix = `.${place.base}.`;
  for (const name of fs.readdirSync(place.directory)) {
    if (!name.startsWith(prefix) || !name.endsWith(".tmp")) continue;
    const path = `${place.directory}/${name}`;
    try {
      if (now - fs.lstatSync(path).mtimeMs > ABANDONED) remove(fs, path);
    } catch (error) {
      if (!["ENOENT", "EACCES", "EPERM"].includes(codeOf(error) ?? "")) throw error;
    }
  }
}
