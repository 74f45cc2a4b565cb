import type { NodeFs } from "./globals.ts";

/** A file's directory, in which another file can be renamed to it, and its name. */
export interface Place {
  readonly directory: string;
  readonly base: string;
}

/** Returns the directory and the name of a path. */
export function placeOf(path: string): Place {
  const [, directory = ".", base = path] = /^(.*)[\\/]([^\\/]*)$/.exec(path) ?? [];
  return { directory: directory || "/", base };
}

/** Returns the path of a file beside another one, under a name that no reader knows. */
export function siblingPath({ directory, base }: Place, suffix: string): string {
  return `${directory}/.${base}.${suffix}`;
}

/** Returns the code of a file system's error. */
export function codeOf(error: unknown): string | undefined {
  return (error as { code?: string }).code;
}

/** Runs a function; returns `undefined` if it fails with this code. */
export function ignoring<T>(code: string, run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (codeOf(error) !== code) throw error;
  }
}

/** Removes a file that may be gone. */
export function remove(fs: NodeFs, path: string): void {
  ignoring("ENOENT", () => fs.unlinkSync(path));
}

/** Runs a function with an open file, and closes the file. */
export function withFile<T>(fs: NodeFs, path: string, flags: string | number, run: (file: number) => T): T {
  const file = fs.openSync(path, flags, 0o600);
  try {
    return run(file);
  } finally {
    fs.closeSync(file);
  }
}

/** Flushes a directory, so that what was renamed in it survives a crash; not every system can. */
export function flushDirectory(fs: NodeFs, path: string): void {
  try {
    withFile(fs, path, "r", (directory) => fs.fsyncSync(directory));
  } catch (error) {
    if (!["EISDIR", "EPERM", "EINVAL", "ENOTSUP"].includes(codeOf(error) ?? "")) throw error;
  }
}

// Hint: since its path was looked up, the directory may have been replaced by a link that leads elsewhere.
/** Whether an open file is the one that is now at a real path. */
export function isAt(fs: NodeFs, file: number, path: string): boolean {
  const { directory } = placeOf(path);
  const there = ignoring("ENOENT", () => fs.lstatSync(path, { bigint: true }));
  const { dev, ino } = fs.fstatSync(file, { bigint: true });
  return there?.dev === dev && there.ino === ino && ignoring("ENOENT", () => fs.realpathSync(directory)) === directory;
}
