import { invalid, isRefusal, type Refusal } from "../chain/outcome.ts";
import type { Permissions } from "../chain/store_spec.ts";

const HOME = 'egins with "~", which only a shell expands: expected an absolute path, or fromEnv("HOME")';

/** Says what is wrong with a path in a chain; nothing where it may be one. */
export function pathProblem(path: unknown): string | undefined {
  return String(path).startsWith("~") ? `B${HOME}` : undefined;
}

/** Returns the path that an option of a store gives as a path or as a file URL; `shown` is what it is called in details. */
export function pathOption(option: string, value: string | URL, shown = option): string | Refusal {
  if (typeof value === "string") return pathProblem(value) ? invalid(`${shown} b${HOME}`) : value;
  try {
    const path = decodeURIComponent(value.pathname).replace(/^\/(?=[a-z]:)/i, "");
    if (value.protocol === "file:") return value.host ? `//${value.host}${path}` : path;
  } catch { /* its percent-encoding is not UTF-8 */ }
  return invalid(`${option} is not a file URL: expected a path, or a URL that begins with file:`);
}

/** Returns the permission to read what an option of a store gives. */
export function readPermission(option: string, value: string | URL): Permissions {
  const path = pathOption(option, value);
  return isRefusal(path) ? {} : { read: [path] };
}

/** Whether a path starts at the root of a file system. */
export function isAbsolute(path: string): boolean {
  return /^([a-z]:)?[\\/]/i.test(path);
}

/** Whether a name could lead out of the directory that it is read in; on Windows a colon is part of a drive or a stream. */
export function escapes(name: string, onWindows = false): boolean {
  return /^[\\/]|\0/.test(name) || onWindows && name.includes(":") || name.split(/[\\/]/).includes("..");
}

// Hint: at a separator, so that a sibling directory with the same beginning is outside.
/** Whether a real path is within a directory. */
export function isWithin(root: string, path: string): boolean {
  return path.startsWith(root) && /^[\\/]/.test(path.slice(root.replace(/[\\/]$/, "").length));
}

/** Returns the refusal of a name that leads out of its directory, by itself or by a link. */
export function outside(name: string, by = ""): Refusal {
  return invalid(`${name} leads outside its directory${by}: expected a path within it`);
}
