import type { WritableFiles } from "../core/chain/host.ts";
import { invalid, isRefusal, type Refusal } from "../core/chain/outcome.ts";
import { onWindows } from "../core/runtime/globals.ts";
import { escapes, isWithin, outside } from "../core/source/file_path.ts";

/**
 * Returns the real path at which a document in a directory is or would be. A link is followed if it stays in the
 * directory.
 *
 * @param files The files.
 * @param directory The path of the directory.
 * @param name The document's name.
 * @param create Whether to create the document's directory if it is missing.
 * @returns The path; `undefined` if its directory is missing.
 * @throws A refusal.
 */
export function locate(files: WritableFiles, directory: string, name: string, create: boolean): string | undefined {
  if (escapes(name, onWindows())) throw outside(name);
  const root = realDirectory(files, directory, create);
  if (root === undefined) return undefined;
  const segments = name.split(isWindows(root) ? /[\\/]/ : "/").filter((segment) => segment !== "" && segment !== ".");
  const base = segments.pop();
  if (base === undefined) throw invalid(`${name} is not the name of a file`);
  let parent = root;
  for (const [at, segment] of segments.entries()) {
    const real = orThrow(files.realPath(`${parent}/${segment}`));
    if (real === undefined) {
      const missing = [parent, ...segments.slice(at)].join("/");
      const made = realDirectory(files, missing, create);
      if (made !== undefined && !isWithin(root, made)) throw outside(name);
      return made && `${made}/${base}`;
    }
    if (!isWithin(root, real)) throw outside(name);
    parent = real;
  }
  return locateIn(files, root, `${parent.replace(/\/$/, "")}/${base}`, name);
}

function locateIn(files: WritableFiles, root: string, path: string, name: string): string {
  const found = orThrow(files.info(path));
  if (found?.type !== "link") {
    if (found && found.type !== "file") throw invalid(`${name} is not a regular file`);
    return path;
  }
  const real = orThrow(files.realPath(path));
  if (real === undefined) throw invalid(`${name} is a link to a file that does not exist`);
  if (!isWithin(root, real)) throw outside(name);
  if (orThrow(files.info(real))?.type !== "file") throw invalid(`${name} is not a regular file`);
  return real;
}

/** Returns the real path of a directory, which is created if necessary. */
function realDirectory(files: WritableFiles, path: string, create: boolean): string | undefined {
  const real = orThrow(files.realPath(path));
  if (real !== undefined || !create) return real;
  orThrow(files.makeDirectory(path));
  // Hint: a host in memory may have no empty directories.
  return orThrow(files.realPath(path)) ?? path;
}

function isWindows(root: string): boolean {
  return /^([a-z]:|\\\\)/i.test(root);
}

function orThrow<T>(answer: T | Refusal): T {
  if (isRefusal(answer)) throw answer;
  return answer;
}
