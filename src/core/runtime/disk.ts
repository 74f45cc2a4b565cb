import { denied, invalid, isRefusal, type Refusal, unavailable } from "../chain/outcome.ts";
import { nonBlocking } from "./files.ts";
import type { NodeFs } from "./globals.ts";

/** Returns the code of a file system's error. */
export function codeOf(error: unknown): string | undefined {
  return (error as { code?: string }).code;
}

/** Returns the text of a regular file, or nothing. */
export function textOf(fs: NodeFs, path: string): string | undefined {
  return ignoring("ENOENT", () => {
    const file = fs.openSync(path, nonBlocking(fs));
    try {
      if (fs.fstatSync(file).isFile()) return fs.readFileSync(file, "utf8");
    } finally {
      fs.closeSync(file);
    }
    throw invalid(`${path.replace(/^.*[\\/]/, "")} is not a regular file`);
  });
}

/** Removes a file that may be gone. */
export function remove(fs: NodeFs, path: string): void {
  ignoring("ENOENT", () => fs.unlinkSync(path));
}

/** Runs something; a failure with this code is ignored, and returns nothing. */
export function ignoring<T>(code: string, run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (codeOf(error) !== code) throw error;
  }
}

/** Flushes a directory, so that what was renamed in it survives a crash; not every system can. */
export function flushDirectory(fs: NodeFs, path: string): void {
  try {
    const directory = fs.openSync(path, "r");
    try {
      fs.fsyncSync(directory);
    } finally {
      fs.closeSync(directory);
    }
  } catch (error) {
    if (!["EISDIR", "EPERM", "EINVAL", "ENOTSUP"].includes(codeOf(error) ?? "")) throw error;
  }
}

// Hint: the code decides, since messages quote paths.
/** Runs something in a directory; an error of the file system becomes a refusal. */
export function guarded<T>(declared: string, run: () => T): T | Refusal {
  try {
    return run();
  } catch (error) {
    return isRefusal(error) ? error : refusalOf(error, declared);
  }
}

function refusalOf(error: unknown, declared: string): Refusal {
  const { code = "", name } = error as { code?: string; name?: string };
  if (name === "NotCapable" || code === "ERR_ACCESS_DENIED") {
    return denied(`needs --allow-read=${declared} and --allow-write=${declared}`);
  }
  if (["EACCES", "EPERM"].includes(code)) return denied(`no permission to read and write in ${declared}`);
  if (code === "EROFS") return denied(`${declared} is on a read-only file system`);
  if (["ENOSPC", "EDQUOT", "EFBIG"].includes(code)) return unavailable(`no space is left for ${declared}`);
  if (code === "ENOENT") return unavailable(`${declared} does not exist`);
  if (["ENOTDIR", "EEXIST"].includes(code)) return invalid(`${declared} is not a directory`);
  if (["ELOOP", "ENAMETOOLONG", "EISDIR"].includes(code)) return invalid(`${declared} does not lead to a file`);
  return unavailable(`the file system of ${declared} failed${code ? ` (${code})` : ""}`);
}
