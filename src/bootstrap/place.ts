import { invalid } from "../core/chain/outcome.ts";
import { flushDirectory, ignoring } from "../core/runtime/disk.ts";
import type { NodeFs } from "../core/runtime/globals.ts";
import { escapes, isWithin, outside } from "../core/source/file_path.ts";
import type { Directory } from "../core/source/read_file.ts";

/** Where a document is on the disk, with every link followed. */
export interface Place {
  /** Its directory, from which a temporary file can be renamed to it. */
  readonly directory: string;
  /** Its name in the directory. */
  readonly base: string;
  readonly path: string;
}

/**
 * Returns where a document is, or would be; nothing where its directory is missing. A link is followed as long as it
 * stays in the directory.
 */
export function locate(fs: NodeFs, { path }: Directory, name: string): Place | undefined {
  if (escapes(name)) throw outside(name);
  const root = realPath(fs, path);
  const parent = root === undefined ? undefined : realPath(fs, split(`${root}/${name}`).directory);
  if (root === undefined || parent === undefined) return undefined;
  const place = split(`${parent}/${split(`/${name}`).base}`);
  const found = ignoring("ENOENT", () => fs.lstatSync(place.path));
  const real = found?.isSymbolicLink() ? realPath(fs, place.path) : place.path;
  if (real === undefined) throw invalid(`${name} is a link to a file that does not exist`);
  if (!isWithin(root, real)) throw outside(name);
  if (found && !fs.statSync(real).isFile()) throw invalid(`${name} is not a regular file`);
  return split(real);
}

/** Returns where a document is; creates its directory where that is missing, with access for its owner alone. */
export function locateOrCreate(fs: NodeFs, directory: Directory, name: string): Place {
  const there = locate(fs, directory, name);
  if (there) return there;
  const wanted = split(`${directory.path}/${name}`).directory;
  fs.mkdirSync(wanted, { recursive: true, mode: 0o700 });
  // Hint: Deno may lack the permission to read the parent directory.
  try {
    flushDirectory(fs, split(wanted).directory);
  } catch { /* the directory exists, and the flush of the document is not affected */ }
  const place = locate(fs, directory, name);
  if (place) return place;
  throw invalid(`${name} is in a directory that cannot be found`);
}

function realPath(fs: NodeFs, path: string): string | undefined {
  return ignoring("ENOENT", () => fs.realpathSync(path));
}

function split(path: string): Place {
  const [, directory = ".", base = path] = /^(.*)[\\/]([^\\/]*)$/.exec(path) ?? [];
  return { directory: directory || "/", base, path };
}
