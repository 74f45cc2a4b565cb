import { nodeFs } from "./globals.ts";

/** A program that was found, and the `PATH` to give it, if any. */
export interface FoundProgram {
  readonly program: string;
  readonly path: string | undefined;
}

/**
 * Finds a program by its absolute path, or by its name in the absolute entries of `PATH`. Any other entry, such as an
 * empty one, depends on the working directory, where anybody may have put a program of that name.
 *
 * @param name The path or the name.
 * @param path The variable `PATH`.
 * @param isWindows Whether this is Windows.
 * @returns What to start, or `undefined` if it cannot be in `PATH`. Except on Windows, the system itself looks a name
 * up in `PATH`.
 */
export function findProgram(name: string, path: string = "", isWindows: boolean): FoundProgram | undefined {
  const delimiter = isWindows ? ";" : ":";
  const entries = path.split(delimiter).filter((entry) => isAbsolute(entry, isWindows));
  // Hint: programs take an empty `PATH` for the working directory too.
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
