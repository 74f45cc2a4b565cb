import type { Clock, WritableFiles } from "../chain/host.ts";
import { denied, invalid, isRefusal, type Refusal, unavailable } from "../chain/outcome.ts";
import { FileLocks } from "./file_lock.ts";
import { flushDirectory, ignoring, placeOf } from "./file_operations.ts";
import { nodeInfo } from "./files.ts";
import { type NodeFs, nodeFs } from "./globals.ts";
import { readExact } from "./read_exact.ts";
import { replaceFile, Rivals } from "./replace_file.ts";

/**
 * Returns the machine's own files, for reading and writing.
 *
 * @param clock Measures how long the owner of a lock is waited for.
 * @param declared How the chain declares the directory, for refusals.
 * @returns The files; `undefined` on a runtime without any.
 */
export function runtimeDisk(clock: Clock, declared: string): WritableFiles | undefined {
  const fs = nodeFs();
  if (!fs) return undefined;
  const locks = new FileLocks(fs, clock);
  const rivals = new Rivals(clock);
  const orRefusal = <T>(run: () => T): T | Refusal => {
    try {
      return run();
    } catch (error) {
      return isRefusal(error) ? error : refusalOf(error, declared);
    }
  };
  return {
    info: (path) => orRefusal(() => ignoring("ENOENT", () => nodeInfo(fs.lstatSync(path)))),
    realPath: (path) => orRefusal(() => ignoring("ENOENT", () => fs.realpathSync(path))),
    text: (path) => orRefusal(() => readExact(fs, path)),
    makeDirectory: (path) => orRefusal(() => makeDirectory(fs, path)),
    replace: (path, change) => orRefusal(() => replaceFile(fs, path, change, rivals)),
    lock: (path, access) => orRefusal(() => locks.take(path, access)),
  };
}

function makeDirectory(fs: NodeFs, path: string): void {
  fs.mkdirSync(path, { recursive: true, mode: 0o700 });
  // Hint: Deno may lack the permission to read the parent directory.
  try {
    flushDirectory(fs, placeOf(path).directory);
  } catch { /* the directory exists, and the flush of the document is not affected */ }
}

// Hint: the code decides, since messages quote paths.
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
