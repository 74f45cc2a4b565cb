import { invalid, isRefusal, type Refusal } from "../chain/outcome.ts";
import type { Permissions } from "../chain/store_spec.ts";

/** Returns the path that an option of a store gives as a path or as a file URL. */
export function pathOption(option: string, value: string | URL): string | Refusal {
  if (typeof value === "string") return value;
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

/** Whether a name could lead out of the directory that it is read in. */
export function escapes(name: string): boolean {
  return /^([a-z]:|[\\/])/i.test(name) || name.split(/[\\/]/).includes("..") || name.includes("\0");
}

// Hint: at a separator, so that a sibling directory with the same beginning is outside.
/** Whether a real path is within a directory. */
export function isWithin(root: string, path: string): boolean {
  return path.startsWith(root) && /^[\\/]/.test(path.slice(root.replace(/[\\/]$/, "").length));
}

/** Returns the refusal of a name that leads out of its directory. */
export function outside(name: string): Refusal {
  return invalid(`${name} leads outside its directory: expected a path within it`);
}
