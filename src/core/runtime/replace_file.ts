import type { Clock, FileAccess, FileChange } from "../chain/host.ts";
import { denied, isRefusal, unavailable } from "../chain/outcome.ts";
import {
  codeOf,
  flushDirectory,
  ignoring,
  isAt,
  type Place,
  placeOf,
  remove,
  siblingPath,
  withFile,
} from "./file_operations.ts";
import type { NodeFs } from "./globals.ts";
import { readExact } from "./read_exact.ts";

/** What distinguishes a file from the next one at its path. */
type FileIdentity = Pick<import("node:fs").Stats, "ino" | "mtimeMs">;

/** The age at which a temporary file counts as left by a killed writer. */
const ABANDONED_MS = 60_000;
/** How long the file that is renamed next must stay the same for its writer to count as killed. */
const STUCK_MS = 200;
/** The errors of a file system without hard links. */
const NO_LINKS = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"];

// Hint: measured by this process's clock, since a file system's clock may count seconds, and a flush may take one.
/** Watches the file that other writers are about to rename, on behalf of one writer. */
export class Rivals {
  readonly #clock: Clock;
  #seen = "";
  #since = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether the writer of the file with these stats was killed before it renamed it. */
  isStuck({ ino, mtimeMs }: FileIdentity): boolean {
    const now = this.#clock.now();
    const file = `${ino}:${mtimeMs}`;
    if (file !== this.#seen || now < this.#since) {
      this.#seen = file;
      this.#since = now;
    }
    return now - this.#since >= STUCK_MS;
  }
}

/**
 * Replaces the file at a real path atomically and durably: a reader sees all of the old one or all of the new one, even
 * after a crash.
 *
 * @returns Whether it did; `false` if another change came first.
 */
export function replaceFile(fs: NodeFs, path: string, change: FileChange, rivals: Rivals): boolean {
  const place = placeOf(path);
  const temporary = writeTemporary(fs, place, change.after, change);
  if (temporary === undefined) return false;
  try {
    removeAbandoned(fs, place, temporary);
    const won = change.exclusive && change.before === undefined
      ? link(fs, temporary, path)
      : replace(fs, path, temporary, change, rivals);
    if (won) flushDirectory(fs, place.directory);
    return won;
  } finally {
    remove(fs, temporary);
  }
}

/**
 * Writes a whole file beside another one, under a name that no reader knows.
 *
 * @returns Its path; `undefined` if the directory was replaced meanwhile, in which case no text is written.
 */
export function writeTemporary(
  fs: NodeFs,
  place: Place,
  text: string,
  { mode, group }: FileAccess,
): string | undefined {
  const path = siblingPath(place, `${crypto.randomUUID()}.tmp`);
  try {
    const isThere = withFile(fs, path, "wx", (file) => {
      // Hint: checked first, since the text must not be written outside the directory.
      if (!isAt(fs, file, path)) return false;
      if (group !== undefined) changeGroup(fs, file, group);
      fs.fchmodSync(file, mode);
      fs.writeFileSync(file, text);
      fs.fsyncSync(file);
      return true;
    });
    if (isThere) return path;
  } catch (error) {
    remove(fs, path);
    throw error;
  }
  remove(fs, path);
}

/** Gives a file a second name unless that is taken; returns whether it did so. */
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
 * Renames by way of one name that all writers share. Only the file with that name can become the document, and only one
 * writer at a time has its file there, so no change is lost unnoticed.
 */
function replace(
  fs: NodeFs,
  path: string,
  temporary: string,
  { before, after, exclusive }: FileChange,
  rivals: Rivals,
): boolean {
  const next = siblingPath(placeOf(path), "next");
  const other = ignoring("ENOENT", () => fs.lstatSync(next));
  if (other && rivals.isStuck(other)) removeStuck(fs, path, next, other);
  const staged = stage(fs, temporary, next, exclusive);
  if (staged === undefined) return false;
  if (readExact(fs, path) !== before) {
    remove(fs, staged);
    return false;
  }
  ignoring("ENOENT", () => fs.renameSync(staged, path));
  return readExact(fs, path) === after;
}

// Hint: it is moved aside first, since another writer may have put its own file there meanwhile.
/** Removes what a killed writer left, if that is still there. */
function removeStuck(fs: NodeFs, path: string, next: string, { ino, mtimeMs }: FileIdentity): void {
  const aside = siblingPath(placeOf(path), `${crypto.randomUUID()}.tmp`);
  ignoring("ENOENT", () => fs.renameSync(next, aside));
  const moved = ignoring("ENOENT", () => fs.lstatSync(aside));
  if (!moved) return;
  if (moved.ino !== ino || moved.mtimeMs !== mtimeMs) link(fs, aside, next);
  remove(fs, aside);
}

// Hint: without hard links, a plain rename is still atomic, only not exclusive.
function stage(fs: NodeFs, temporary: string, next: string, exclusive: boolean): string | undefined {
  try {
    return link(fs, temporary, next) ? next : undefined;
  } catch (error) {
    if (exclusive || !isRefusal(error)) throw error;
    return temporary;
  }
}

function changeGroup(fs: NodeFs, file: number, group: number): void {
  try {
    fs.fchownSync(file, fs.fstatSync(file).uid, group);
  } catch (error) {
    if (codeOf(error) !== "EPERM") throw error;
    throw denied(`no permission to give the document to group ${group}`);
  }
}

// Hint: ages are measured by the clock of the file system.
/** Removes the temporary files of writers that were killed. */
function removeAbandoned(fs: NodeFs, { directory, base }: Place, temporary: string): void {
  const now = fs.statSync(temporary).mtimeMs;
  const prefix = `.${base}.`;
  for (const name of fs.readdirSync(directory)) {
    if (!name.startsWith(prefix) || !name.endsWith(".tmp")) continue;
    const path = `${directory}/${name}`;
    try {
      if (now - fs.lstatSync(path).mtimeMs > ABANDONED_MS) remove(fs, path);
    } catch (error) {
      if (!["ENOENT", "EACCES", "EPERM"].includes(codeOf(error) ?? "")) throw error;
    }
  }
}
