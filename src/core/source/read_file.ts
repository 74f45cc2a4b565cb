import { andThen, type MaybePromise } from "../chain/eventually.ts";
import type { Files, PathInfo } from "../chain/host.ts";
import { denied, invalid, isRefusal, type Refusal } from "../chain/outcome.ts";

/** The size of the largest file that is read. */
export const MAX_FILE_BYTES = 1_048_576;

type Text = string | undefined | Refusal;

/** A directory to read in, and how the chain declares it. */
export interface Directory {
  readonly path: string;
  readonly declared: string;
}

/** Whether a name could lead out of the directory that it is read in. */
export function escapes(name: string): boolean {
  return /^([a-z]:|[\\/])/i.test(name) || name.split(/[\\/]/).includes("..") || name.includes("\0");
}

/**
 * Reads the text of a regular file in a directory. A link is followed as long as it stays in the directory (Kubernetes
 * needs that). Anything else is refused unread: a synchronous read of a FIFO would block the process.
 */
export function readWithin(files: Files, directory: Directory, name: string): MaybePromise<Text> {
  if (escapes(name)) return invalid(`${name} leads outside its directory: expected a path within it`);
  const path = `${directory.path}/${name}`;
  const text = andThen(files.info(path), (info) => {
    if (info === undefined || isRefusal(info)) return info;
    if (info.type === "link" || /[\\/]/.test(name)) return followWithin(files, directory, path, name);
    return readRegular(files, path, info, name);
  });
  return andThen(text, (answer) => isRefusal(answer) ? explained(answer, name, directory.declared) : answer);
}

/** Reads the text of the file at an absolute path, without one line break at its end. */
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
        : withoutLineBreak(answer),
  );
}

/** Drops one line break at the end of a text, as editors and `echo` leave one. */
export function withoutLineBreak(text: string): string {
  return text.replace(/\r?\n$/, "");
}

function followWithin(files: Files, directory: Directory, path: string, name: string): MaybePromise<Text> {
  return andThen(
    files.realPath(directory.path),
    (root) =>
      root === undefined || isRefusal(root) ? root : andThen(files.realPath(path), (real): MaybePromise<Text> => {
        if (real === undefined || isRefusal(real)) return real;
        return isWithin(root, real)
          ? readReal(files, real, name)
          : invalid(`${name} leads outside its directory: expected a path within it`);
      }),
  );
}

// Hint: at a separator, so that a sibling directory with the same beginning is outside.
/** Whether a real path is within a directory. */
export function isWithin(root: string, path: string): boolean {
  return path.startsWith(root) && /^[\\/]/.test(path.slice(root.replace(/[\\/]$/, "").length));
}

function readReal(files: Files, real: string, name: string): MaybePromise<Text> {
  return andThen(
    files.info(real),
    (info) => info === undefined || isRefusal(info) ? info : readRegular(files, real, info, name),
  );
}

function readRegular(files: Files, path: string, { type, size }: PathInfo, name: string): MaybePromise<Text> {
  if (type !== "file") return invalid(`${name} is not a regular file`);
  if (size > MAX_FILE_BYTES) return invalid(`${name} is larger than ${MAX_FILE_BYTES / 1024} KiB`);
  // Hint: readers replace invalid UTF-8, which would silently be another secret.
  return andThen(
    files.text(path),
    (text) => typeof text === "string" && text.includes("\uFFFD") ? invalid(`${name} is not valid UTF-8 text`) : text,
  );
}

function explained(refusal: Refusal, name: string, declared: string): Refusal {
  if (refusal.detail.startsWith(name)) return refusal;
  if (refusal.detail === "needs --allow-read") return denied(`${name} needs --allow-read=${declared}`);
  return { ...refusal, detail: `${name}: ${refusal.detail}` };
}

/** Parses a JSON document; one that is cut off may be in the middle of being written. */
export function parseDocument(name: string, text: string): unknown {
  const json = text.replace(/^\uFEFF/, "");
  try {
    return JSON.parse(json);
  } catch (error) {
    const what = json.trim() === "" ? "is empty" : `is not valid JSON${position(json, error)}`;
    return invalid(`${name} ${what}: expected a JSON object`, { transient: true });
  }
}

// Hint: only the position is taken from the message, and only from its end, since the rest quotes the text.
function position(text: string, error: unknown): string {
  const { message } = error as Error;
  const at = /end of JSON input$/.test(message)
    ? text.length
    : Number(/position (\d+)(?: \([^)]*\))?$/.exec(message)?.[1]);
  if (!(at <= text.length)) return "";
  const before = text.slice(0, at).split("\n");
  return ` at line ${before.length}, column ${before.at(-1)!.length + 1}`;
}
