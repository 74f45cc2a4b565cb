import { andThen, type MaybePromise } from "../chain/eventually.ts";
import { type Files, MAX_FILE_BYTES, type NoFollow, type PathInfo } from "../chain/host.ts";
import { MAX_FILE_TRIES } from "../chain/limits.ts";
import { denied, invalid, isBrokenText, isRefusal, type Refusal, unavailable } from "../chain/outcome.ts";
import { isAbsolute, isWithin, outside } from "./file_path.ts";

/** The text of a file; `undefined` if there is no file. */
export type Text = string | undefined | Refusal;

/** The generation of a directory that one context reads. */
export interface Root {
  readonly path: string;
  /** The path that led to it. */
  readonly link?: string;
  /** Why its real path is not known. */
  readonly refusal?: Refusal;
  /** Whether a file in it is likely to be a link or absent, so that `info` comes before opening it. */
  readonly lookFirst?: boolean;
}

/** Reads a file in a directory once. */
export function readOnce(files: Files, root: Root, name: string, shown: string): MaybePromise<Text> {
  const path = `${root.path}/${name}`;
  if (/[\\/]/.test(name)) return followWithin(files, root, path, shown);
  return readAt(files, path, shown, () => followWithin(files, root, path, shown), root.lookFirst);
}

/** Reads the regular file at a path, or what a link that is there leads to. */
function readAt(
  files: Files,
  path: string,
  name: string,
  follow: () => MaybePromise<Text>,
  lookFirst = false,
): MaybePromise<Text> {
  const look = () =>
    andThen(files.info(path), (seen) => {
      if (seen === undefined || isRefusal(seen)) return seen;
      return seen.type === "link" ? follow() : readRegular(files, path, seen, name);
    });
  const { noFollow, insteadOf } = files.text as NoFollow;
  if (lookFirst || !noFollow || files.info !== insteadOf) return look();
  return andThen(noFollow(path), (text) => typeof text === "object" ? look() : text && checked(text, name));
}

function followWithin(files: Files, { path: root, refusal }: Root, path: string, name: string): MaybePromise<Text> {
  return refusal ?? andThen(files.realPath(path), (real): MaybePromise<Text> => {
    if (real === undefined || isRefusal(real)) return real;
    if (!isWithin(root, real)) return outside(name, " by a link");
    return andThen(files.info(real), (seen): MaybePromise<Text> => {
      if (seen === undefined) return changing(name);
      if (isRefusal(seen)) return seen;
      return onlyIf(
        // Hint: a directory on the way may have been replaced by a link that leads outside.
        () =>
          andThen(
            files.realPath(real),
            (path) =>
              path === real &&
              andThen(files.info(real), (info) => !!info && !isRefusal(info) && info.id === seen.id),
          ),
        readRegular(files, real, seen, name),
        name,
      );
    });
  });
}

/** The real paths that a context has read, by the paths that led there. */
export type RealPaths = Map<string, string>;

/**
 * Reads the text of the file at an absolute path, and drops one line break at its end.
 *
 * @param files Reads files.
 * @param path The path.
 * @param shown What details call it.
 * @param others What the same context read before: if one of them leads elsewhere now, they may be of two generations.
 */
export function readAbsolute(files: Files, path: string, shown: string, others: RealPaths): MaybePromise<Text> {
  if (!isAbsolute(path)) {
    return invalid(`${shown} is not an absolute path${path.startsWith("~") ? ': only a shell expands "~"' : ""}`);
  }
  const read = () =>
    andThen(files.realPath(path), (real): MaybePromise<Text> => {
      if (real === undefined || isRefusal(real)) return real;
      others.set(path, real);
      const text = readAt(files, real, shown, () => changing(shown));
      return onlyIf(
        () => areSame(files, [...others].filter(([each]) => each !== path)),
        andThen(text, (text) => text ?? changing(shown)),
        shown,
      );
    });
  return andThen(
    readStable(read),
    (text) => isRefusal(text) ? explained(text, shown, `$${shown}`) : text && withoutLineBreak(text),
  );
}

function areSame(files: Files, [first, ...others]: readonly (readonly [string, string])[]): MaybePromise<boolean> {
  if (!first) return true;
  return andThen(files.realPath(first[0]), (real) => real === first[1] && areSame(files, others));
}

/** Drops a byte order mark, and one line break at the end of a text, which editors and `echo` add. */
export function withoutLineBreak(text: string): string {
  return text.replace(/^\uFEFF|\r?\n$/g, "");
}

/** Reads again at once what was replaced while it was read. */
export function readStable(read: () => MaybePromise<Text>, tries = MAX_FILE_TRIES): MaybePromise<Text> {
  return andThen(read(), (text) => isRefusal(text) && text.transient && tries > 1 ? readStable(read, tries - 1) : text);
}

/** Returns a text that was read, if something holds afterwards. */
function onlyIf(holds: () => MaybePromise<boolean>, read: MaybePromise<Text>, name: string): MaybePromise<Text> {
  return andThen(
    read,
    (text) => typeof text === "string" ? andThen(holds(), (sound) => sound ? text : changing(name)) : text,
  );
}

function readRegular(files: Files, path: string, seen: PathInfo, name: string): MaybePromise<Text> {
  if (seen.type !== "file") return invalid(`${name} is not a regular file`);
  if (seen.size > MAX_FILE_BYTES) return invalid(`${name} is larger than ${MAX_FILE_BYTES / 1024} KiB`);
  return andThen(files.text(path, seen), (text) => {
    if (text === undefined) return changing(name);
    return typeof text === "string" ? checked(text, name) : text;
  });
}

// Hint: decoders replace invalid UTF-8, which would silently change the secret, and UTF-16 has NULs.
function checked(text: string, name: string): string | Refusal {
  return isBrokenText(text) ? invalid(`${name} is not valid UTF-8 text`, { transient: true }) : text;
}

/** Refuses, for now, what another process is changing. */
export function changing(what: string): Refusal {
  return unavailable(`${what} kept changing while it was read`, { transient: true });
}

/** Returns a refusal whose detail names the file, as the chain declares it. */
export function explained(refusal: Refusal, name: string, declared: string): Refusal {
  if (refusal.detail.startsWith(name)) return refusal;
  if (refusal.detail.startsWith("needs --allow-")) return denied(`${name} ${refusal.detail}=${declared}`);
  return { ...refusal, detail: `${name}: ${refusal.detail}` };
}
