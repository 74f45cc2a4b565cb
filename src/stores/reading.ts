import { andThen, type MaybePromise } from "../eventually.ts";
import type { Files, PathInfo } from "../host.ts";
import { denied, invalid, isRefusal, type Refusal } from "../outcome.ts";

/** The largest file that is read, in bytes. */
export const LARGEST = 1024 * 1024;

type Text = string | undefined | Refusal;

/** A directory to read in, and how the chain writes it. */
export interface Directory {
  readonly path: string;
  readonly declared: string;
}

/** Whether a name could lead out of the directory that it is read in. */
export function escapes(name: string): boolean {
  return /^([a-z]:|[\\/])/i.test(name) || name.split(/[\\/]/).includes("..") || name.includes("\0");
}

/**
 * The text of a regular file in a directory: links are followed as long as they stay in it (Kubernetes needs them), and
 * anything else is refused unread, since a synchronous read of a FIFO would freeze the process.
 */
export function readWithin(files: Files, directory: Directory, name: string): MaybePromise<Text> {
  if (escapes(name)) return invalid(`${name} leads out of its directory`);
  const path = `${directory.path}/${name}`;
  const text = andThen(files.info(path), (info) => {
    if (info === undefined || isRefusal(info)) return info;
    if (info.type === "link" || /[\\/]/.test(name)) return followWithin(files, directory, path, name);
    return readRegular(files, path, info, name);
  });
  return andThen(text, (answer) => isRefusal(answer) ? explained(answer, name, directory.declared) : answer);
}

/** The text of the file that an absolute path leads to, less one line break at its end. */
export function readAbsolute(files: Files, path: string, shown: string): MaybePromise<Text> {
  if (!/^([a-z]:)?[\\/]/i.test(path)) return invalid(`${shown} is not an absolute path`);
  const text = andThen(
    files.realPath(path),
    (real) => real === undefined || isRefusal(real) ? real : readReal(files, real, shown),
  );
  return andThen(
    text,
    (answer) =>
      isRefusal(answer)
        ? explained(answer, shown, `$${shown}`)
        : answer === undefined
        ? undefined
        : lessLineBreak(answer),
  );
}

/** A text less one line break at its end, as editors and `echo` leave one. */
export function lessLineBreak(text: string): string {
  return text.replace(/\r?\n$/, "");
}

function followWithin(files: Files, directory: Directory, path: string, name: string): MaybePromise<Text> {
  return andThen(
    files.realPath(directory.path),
    (root) =>
      root === undefined || isRefusal(root) ? root : andThen(files.realPath(path), (real): MaybePromise<Text> => {
        if (real === undefined || isRefusal(real)) return real;
        const inside = real.startsWith(root) && /^[\\/]/.test(real.slice(root.replace(/[\\/]$/, "").length));
        return inside ? readReal(files, real, name) : invalid(`${name} leads out of its directory`);
      }),
  );
}

function readReal(files: Files, real: string, name: string): MaybePromise<Text> {
  return andThen(
    files.info(real),
    (info) => info === undefined || isRefusal(info) ? info : readRegular(files, real, info, name),
  );
}

function readRegular(files: Files, path: string, { type, size }: PathInfo, name: string): MaybePromise<Text> {
  if (type !== "file") return invalid(`${name} is no regular file`);
  if (size > LARGEST) return invalid(`${name} is larger than ${LARGEST / 1024} KiB`);
  // Hint: readers replace what is no UTF-8, which would silently be another secret.
  return andThen(
    files.text(path),
    (text) => typeof text === "string" && text.includes("\uFFFD") ? invalid(`${name} is no UTF-8 text`) : text,
  );
}

function explained(refusal: Refusal, name: string, declared: string): Refusal {
  if (refusal.detail.startsWith(name)) return refusal;
  if (refusal.detail === "needs --allow-read") return denied(`${name} needs --allow-read=${declared}`);
  return { ...refusal, detail: `${name}: ${refusal.detail}` };
}
