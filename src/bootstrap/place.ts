import { invalid } from "../outcome.ts";
import { type Directory, escapes } from "../stores/reading.ts";
import { type Disk, flushDirectory, unless } from "./disk.ts";

/** Where a document is on the disk, once every link is followed. */
export interface Place {
  /** The directory that it is in, which is also where a temporary file can be renamed from. */
  readonly directory: string;
  /** Its own name there. */
  readonly base: string;
  readonly path: string;
}

/**
 * Finds where a document is, or would be; nothing where its directory is missing. A link is followed as far as it stays
 * in the directory.
 */
export function locate(fs: Disk, { path }: Directory, name: string): Place | undefined {
  if (escapes(name)) throw invalid(`${name} leads out of its directory`);
  const root = realPath(fs, path);
  const parent = root === undefined ? undefined : realPath(fs, split(`${root}/${name}`).directory);
  if (root === undefined || parent === undefined) return undefined;
  const place = split(`${parent}/${split(`/${name}`).base}`);
  const found = unless("ENOENT", () => fs.lstatSync(place.path));
  const real = found?.isSymbolicLink() ? realPath(fs, place.path) : place.path;
  if (real === undefined) throw invalid(`${name} is a link that leads nowhere`);
  if (!within(root, real)) throw invalid(`${name} leads out of its directory`);
  if (found && !fs.statSync(real).isFile()) throw invalid(`${name} is no regular file`);
  return split(real);
}

/** Finds where a document is, and makes its directory where that is missing, for nobody else to enter. */
export function settle(fs: Disk, directory: Directory, name: string): Place {
  const there = locate(fs, directory, name);
  if (there) return there;
  const wanted = split(`${directory.path}/${name}`).directory;
  fs.mkdirSync(wanted, { recursive: true, mode: 0o700 });
  // Hint: Deno may not be allowed to read the directory above, and then its own flushing has to do.
  try {
    flushDirectory(fs, split(wanted).directory);
  } catch { /* the directory is there, and the document's own flush is not affected */ }
  const place = locate(fs, directory, name);
  if (place) return place;
  throw invalid(`${name} leads nowhere`);
}

function realPath(fs: Disk, path: string): string | undefined {
  return unless("ENOENT", () => fs.realpathSync(path));
}

function within(root: string, path: string): boolean {
  return path.startsWith(root) && /^[\\/]/.test(path.slice(root.replace(/[\\/]$/, "").length));
}

function split(path: string): Place {
  const [, directory = ".", base = path] = /^(.*)[\\/]([^\\/]*)$/.exec(path) ?? [];
  return { directory: directory || "/", base, path };
}
