import { andThen, type MaybePromise } from "../chain/eventually.ts";
import { type Files, MAX_FILE_BYTES, type PathInfo } from "../chain/host.ts";
import { MAX_FILE_TRIES } from "../chain/limits.ts";
import { denied, invalid, isBrokenText, isRefusal, type Refusal, unavailable } from "../chain/outcome.ts";
import { escapes, isAbsolute, isWithin, outside } from "./file_path.ts";
import type { Notes } from "./reader.ts";

type Text = string | undefined | Refusal;

/** A directory, and how the chain declares it. */
export interface Directory {
  readonly path: string;
  readonly declared: string;
}

/** A directory to read in. */
export interface ReadDirectory extends Directory {
  /** Returns a path from the root, which says where a directory is missing. */
  readonly whole: (path: string) => string;
  /** Whether a colon has a meaning in a path. */
  readonly onWindows: () => boolean;
  /** Whether several files in it may be read, as in a Kubernetes volume, whose link `..data` selects one of its versions. */
  readonly volume?: boolean;
  /** What the one file in it that is read is called in details, where the chain declares that file. */
  readonly file?: string;
}

/** Returns what a file in a directory is called in details. */
export function shownIn({ declared, file }: Pick<ReadDirectory, "declared" | "file">, name: string): string {
  return file ?? `${declared.replace(/[\\/]$/, "")}/${name}`;
}

/** Reads the text of a file in a directory, for a look-up with this context. */
export type ReadIn = (name: string, context: object) => MaybePromise<Text>;

/** The generation of a directory that one context reads. */
interface Root {
  readonly path: string;
  /** The path that led to it. */
  readonly link?: string;
  /** Why its real path is not known. */
  readonly refusal?: Refusal;
}

/**
 * Returns what reads regular files in a directory. All that one context reads is of one generation: a link to the directory
 * is followed once. A link in it is followed if it stays there, as Kubernetes needs; anything else is refused unread.
 */
export function readerIn(files: Files, directory: ReadDirectory): ReadIn {
  const onWindows = directory.onWindows();
  const roots = new WeakMap<object, MaybePromise<Root | undefined>>();
  const readInRoot: ReadIn = (name, context) => {
    if (!roots.has(context)) roots.set(context, rootOf(files, directory));
    return andThen(roots.get(context)!, (root) => {
      if (root) return readBelow(files, root, directory, name);
      (context as Notes).missingDirectory = missing(directory);
      return undefined;
    });
  };
  return (name, context) => {
    if (escapes(name, onWindows)) return outside(name);
    if (directory.volume) return readInRoot(name, context);
    return andThen(readAlone(files, directory, name), (text) => text ?? readInRoot(name, context));
  };
}

// Hint: one regular file is whole and in its directory, wherever a link to the directory leads.
/** Reads the one file in a directory that a context reads; nothing where the real path of the directory must be known. */
function readAlone(files: Files, directory: ReadDirectory, name: string): MaybePromise<Text> {
  const { path, declared } = directory;
  const shown = shownIn(directory, name);
  return andThen(
    readOnce(files, { path, refusal: changing("the directory") }, name, shown),
    (text) => isRefusal(text) ? text.transient ? undefined : explained(text, shown, declared) : text,
  );
}

// Hint: what a variable holds is not shown, but the directory from which a relative path is taken is.
function missing({ path, declared, whole }: ReadDirectory): string {
  return declared.startsWith("$")
    ? `the directory ${declared} does not exist: a relative path starts at ${whole("")}`
    : `the directory ${whole(path)} does not exist`;
}

function rootOf(
  files: Files,
  { path, volume }: Pick<ReadDirectory, "path" | "volume">,
): MaybePromise<Root | undefined> {
  const link = volume ? `${path}/..data` : path;
  return andThen(files.realPath(link), (real): MaybePromise<Root | undefined> => {
    if (typeof real === "string") return { path: real, link };
    return volume ? rootOf(files, { path }) : real && { path, refusal: real };
  });
}

function readBelow(files: Files, root: Root, directory: ReadDirectory, name: string): MaybePromise<Text> {
  const { declared, volume } = directory;
  const shown = shownIn(directory, name);
  return andThen(readStable(() => readOnce(files, root, name, shown)), (text): MaybePromise<Text> => {
    if (isRefusal(text)) return explained(text, shown, declared);
    if (text !== undefined || !root.link) return text;
    return andThen(
      isCurrent(files, root.path, root.link),
      (current) => current ? undefined : changing(`the ${volume ? "volume" : "directory"}`),
    );
  });
}

// Hint: the files of an old generation are removed before its directory.
function isCurrent(files: Files, path: string, link: string): MaybePromise<boolean> {
  return andThen(
    files.info(path),
    (info) => info !== undefined && andThen(files.realPath(link), (real) => real === path),
  );
}

function readOnce(files: Files, root: Root, name: string, shown: string): MaybePromise<Text> {
  const path = `${root.path}/${name}`;
  if (/[\\/]/.test(name)) return followWithin(files, root, path, shown);
  return readAt(files, path, shown, () => followWithin(files, root, path, shown));
}

/** Reads the regular file at a path, or what a link that is there leads to. */
function readAt(files: Files, path: string, name: string, follow: () => MaybePromise<Text>): MaybePromise<Text> {
  const look = () =>
    andThen(files.info(path), (seen) => {
      if (seen === undefined || isRefusal(seen)) return seen;
      return seen.type === "link" ? follow() : readRegular(files, path, seen, name);
    });
  if (!files.opensOnlyFiles) return look();
  return andThen(files.text(path, "file"), (text) => isRefusal(text) ? look() : text && checked(text, name));
}

function followWithin(files: Files, { path: root, refusal }: Root, path: string, name: string): MaybePromise<Text> {
  return refusal ?? andThen(files.realPath(path), (real): MaybePromise<Text> => {
    if (real === undefined || isRefusal(real)) return real;
    if (!isWithin(root, real)) return outside(name, " by a link");
    return andThen(files.info(real), (seen): MaybePromise<Text> => {
      if (seen === undefined) return changing(name);
      if (isRefusal(seen)) return seen;
      return onlyIf(
        // Hint: a folder on the way may have been replaced by a link that leads outside.
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

/** The real paths that a context read, by the paths that led there. */
export type RealPaths = Map<string, string>;

/**
 * Reads the text of the file at an absolute path, without one line break at its end.
 *
 * @param files Reads files.
 * @param path The path.
 * @param shown What it is called in details.
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

/** Drops a byte order mark, and one line break at the end of a text, as editors and `echo` leave one. */
export function withoutLineBreak(text: string): string {
  return text.replace(/^\uFEFF|\r?\n$/g, "");
}

/** Reads again at once what was replaced while it was read. */
function readStable(read: () => MaybePromise<Text>, tries = MAX_FILE_TRIES): MaybePromise<Text> {
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
    return isRefusal(text) ? text : checked(text, name);
  });
}

// Hint: readers replace invalid UTF-8, which would silently be another secret, and UTF-16 has NULs.
function checked(text: string, name: string): string | Refusal {
  return isBrokenText(text) ? invalid(`${name} is not valid UTF-8 text`, { transient: true }) : text;
}

function changing(what: string): Refusal {
  return unavailable(`${what} kept changing while it was read`, { transient: true });
}

function explained(refusal: Refusal, name: string, declared: string): Refusal {
  if (refusal.detail.startsWith(name)) return refusal;
  if (refusal.detail.startsWith("needs --allow-")) return denied(`${name} ${refusal.detail}=${declared}`);
  return { ...refusal, detail: `${name}: ${refusal.detail}` };
}
