import { invalid, isRefusal, type Refusal } from "../chain/outcome.ts";
import type { Permissions } from "../chain/store_spec.ts";

// Hint: only a shell expands `~` and `$HOME`, and only a URL object is taken for a URL.
/** Says what is wrong with a path in a chain, if anything; `shown` is what the path is called. */
export function pathProblem(path: unknown, shown = ""): string | undefined {
  const begin = typeof path === "string" && /^\s*(~|\$|file:|$)/i.exec(path)?.[1];
  if (begin === "") return shown ? `${shown} is blank: expected a path` : "Expected a path";
  if (begin) {
    return `${
      shown ? `${shown} b` : "B"
    }egins with "${begin}": expected an absolute path, a URL object or fromEnv("HOME")`;
  }
}

/** Returns the path that an option of a store gives as a path or as a file URL; `shown` is what it is called in details. */
export function pathOption(option: string, value: string | URL, shown = option): string | Refusal {
  const problem = pathProblem(value, shown);
  if (problem) return invalid(problem);
  if (typeof value === "string") return value;
  try {
    // Hint: an encoded separator or NUL would make it another path, so it is replaced by what cannot be decoded.
    const path = decodeURIComponent(value.pathname.replace(/^\/(?=[a-z]:)|(%)(00|2f|5c)/gi, "$1$1"));
    if (value.protocol === "file:") return (value.host && `//${value.host}`) + path;
  } catch { /* its percent-encoding is not that of a path */ }
  return invalid(`${option} is not a file URL: expected a path, or a URL that begins with file:`);
}

// Hint: reports show `$NAME` instead of what a variable holds.
/** Returns the permission to read what an option of a store gives. */
export function readPermission(option: string, value: string | URL): Permissions {
  const path = typeof value === "string" ? value : pathOption(option, value);
  return isRefusal(path) ? {} : { read: [path] };
}

/** Splits the path of a file into its directory and its name, in which a backslash is a character except on Windows. */
export function splitPath(path: string, onWindows: boolean): { readonly directory: string; readonly name: string } {
  const at = Math.max(path.lastIndexOf("/"), onWindows ? path.lastIndexOf("\\") : -1);
  return { directory: at < 0 ? "." : path.slice(0, at) || "/", name: path.slice(at + 1) };
}

/** Whether a path starts at the root of a file system. */
export function isAbsolute(path: string): boolean {
  return /^([a-z]:)?[\\/]/i.test(path);
}

/** Whether a name could lead out of the directory that it is read in; on Windows a colon is part of a drive or a stream. */
export function escapes(name: string, onWindows = false): boolean {
  return /^[\\/]|\0|(^|[\\/])\.\.([\\/]|$)/.test(name) || onWindows && name.includes(":");
}

// Hint: it must go on with a separator, or a sibling directory that begins with the same name would be inside.
/** Whether a real path is within a directory. */
export function isWithin(root: string, path: string): boolean {
  return path.startsWith(root) && /^[\\/]/.test(path.slice(root.replace(/[\\/]$/, "").length));
}

/** Returns the refusal of a name that leads out of its directory, by itself or by a link. */
export function outside(name: string, by = ""): Refusal {
  return invalid(`${name} leads outside its directory${by}: expected a path within it`);
}
