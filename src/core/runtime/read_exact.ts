import { invalid, isBrokenText, isRefusal, unavailable } from "../chain/outcome.ts";
import { ignoring, isAt, placeOf, withFile } from "./file_operations.ts";
import { nonBlocking, readOn } from "./files.ts";
import type { NodeFs } from "./globals.ts";

/** How many times, at most, a file that keeps being replaced is read. */
const MAX_TRIES = 20;

/**
 * Returns the exact text, at most 1 MiB, of the regular file at a real path, or `undefined` if there is none. It reads
 * again if the file is replaced meanwhile, and does not wait for a FIFO.
 */
export function readExact(fs: NodeFs, path: string): string | undefined {
  const { base } = placeOf(path);
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const text = ignoring(
      "ENOENT",
      () => withFile(fs, path, nonBlocking(fs), (file) => readFrom(fs, file, path, base)),
    );
    if (text !== false) return text;
  }
  throw unavailable(`${base} kept changing while it was read`);
}

/** Returns the text of an open file; `false` if another file is at its path now. */
function readFrom(fs: NodeFs, file: number, path: string, base: string): string | false {
  const stats = fs.fstatSync(file);
  if (!stats.isFile()) throw invalid(`${base} is not a regular file`);
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const text = readOn((file, into) => fs.readSync(file, into), file, stats.size, decoder);
  if (!isAt(fs, file, path)) return false;
  if (isRefusal(text)) throw invalid(`${base}: ${text.detail}`);
  if (isBrokenText(text as string)) throw invalid(`${base} is not valid UTF-8 text`);
  return text as string;
}
