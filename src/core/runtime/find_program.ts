import { nodeFs } from "./globals.ts";

/** A program that was found, and the `PATH` that it gets, if any. */
export interface Found {
  readonly program: string;
  readonly path: string | undefined;
}

/**
 * Finds a program by its absolute path, or by its name in the absolute entries of `PATH`. Anything else in `PATH`, such as an
 * empty entry, would be the working directory, where a program of that name may be anybody's.
 *
 * @param name The path or the name.
 * @param path The variable `PATH`.
 * @param isWindows Whether this is Windows.
 * @returns What to start. Unless it is Windows, the system looks for a name in `PATH`; nothing where it cannot be there.
 */
export function find(name: string, path: string = "", isWindows: boolean): Found | undefined {
  const delimiter = isWindows ? ";" : ":";
  const entries = path.split(delimiter).filter((entry) => isAbsolute(entry, isWindows));
  // Hint: to a program, an empty `PATH` is the working directory too.
  const own = entries.join(delimiter) || undefined;
  if (isAbsolute(name, isWindows)) return { program: name, path: own };
  if (!isWindows) return own === undefined ? undefined : { program: name, path: own };
  // Hint: Windows looks in the working directory first.
  const file = /\.exe$/i.test(name) ? name : `${name}.exe`;
  const fs = nodeFs();
  const program = entries.map((entry) => `${entry}\\${file}`).find((each) => fs?.existsSync(each));
  return program === undefined ? undefined : { program, path: own };
}

function isAbsolute(path: string, isWindows: boolean): boolean {
  return isWindows ? /^([a-z]:[\\/]|\\\\)/i.test(path) : path.startsWith("/");
}
