import { andThen, type MaybePromise } from "../chain/eventually.ts";
import type { Files } from "../chain/host.ts";
import { isRefusal, type Refusal } from "../chain/outcome.ts";
import { escapes, outside } from "./file_path.ts";
import { changing, explained, readOnce, readStable, type Root, type Text } from "./read_file.ts";
import type { Notes } from "./reader.ts";

/** A directory, and how the chain declares it. */
export interface Directory {
  readonly path: string;
  readonly declared: string;
}

/** A directory to read in. */
export interface ReadDirectory extends Directory {
  /** Makes a path absolute, to say where a directory is missing. */
  readonly whole: (path: string) => string;
  /** Whether a colon has a meaning in a path. */
  readonly onWindows: () => boolean;
  /** Whether several files in it may be read, as in a Kubernetes volume, whose link `..data` selects one of its versions. */
  readonly volume?: boolean;
  /** What details call the only file that is read in it, if the chain declares that file. */
  readonly file?: string;
}

/** Returns what details call a file in a directory. */
export function shownIn({ declared, file }: Pick<ReadDirectory, "declared" | "file">, name: string): string {
  return file ?? `${declared.replace(/[\\/]$/, "")}/${name}`;
}

/** Reads the text of a file in a directory, for a look-up with this context. */
export type ReadIn = (name: string, context: object) => MaybePromise<Text>;

/**
 * Returns a function that reads regular files in a directory: one for each context, or several of a volume. Those are
 * of one generation, since the link to the volume is followed once. A link in the directory is followed if it stays
 * there, as Kubernetes needs; anything else is refused unread.
 */
export function readerIn(files: Files, directory: ReadDirectory): ReadIn {
  const onWindows = directory.onWindows();
  const roots = new WeakMap<object, MaybePromise<Root | undefined>>();
  // Hint: what was a link or absent last time probably is again, so opening it first would be wasted.
  let lookFirst = false;
  const inRoot = (context: object, read: (root: Root) => MaybePromise<Text>) => {
    if (!roots.has(context)) roots.set(context, rootOf(files, directory));
    return andThen(roots.get(context)!, (root) => {
      if (root) return read(root);
      (context as Notes).missingDirectory = missing(directory);
      return undefined;
    });
  };
  return (name, context) => {
    if (escapes(name, onWindows)) return outside(name);
    if (directory.volume) return inRoot(context, (root) => readBelow(files, root, directory, name));
    return andThen(readAlone(files, directory, name, lookFirst), (text) => {
      lookFirst = typeof text !== "string";
      if (typeof text === "string" || text && !text.transient) return text;
      // Hint: if no link led to the directory, it is no old generation, and the file is really absent.
      const isGone = (root: Root) => text === undefined && root.path === directory.whole(directory.path);
      return inRoot(context, (root) => isGone(root) ? undefined : readBelow(files, root, directory, name));
    });
  };
}

/** Why a link cannot be followed yet. */
const NOT_LOOKED_UP: Refusal = /* @__PURE__ */ changing("the directory");

// Hint: one regular file is whole and in its directory, wherever a link to the directory leads.
/**
 * Reads the only file in a directory that a context reads; refuses it for now if the directory's real path is needed.
 */
function readAlone(
  files: Files,
  directory: ReadDirectory,
  name: string,
  lookFirst: boolean,
): MaybePromise<Text> {
  const { path, declared } = directory;
  const shown = shownIn(directory, name);
  const text = readOnce(files, { path, refusal: NOT_LOOKED_UP, lookFirst }, name, shown);
  return andThen(text, (text) => typeof text === "object" ? explained(text, shown, declared) : text);
}

// Hint: what a variable holds is not shown; the directory that a relative path starts at is.
function missing({ path, declared, whole }: ReadDirectory): string {
  return declared.startsWith("$")
    ? `the directory ${declared} does not exist: a relative path starts at ${whole("")}`
    : `the directory ${whole(path)} does not exist`;
}

function rootOf(
  files: Files,
  directory: ReadDirectory,
  link = directory.volume ? `${directory.path}/..data` : directory.path,
): MaybePromise<Root | undefined> {
  const { path, volume } = directory;
  return andThen(files.realPath(link), (real): MaybePromise<Root | undefined> => {
    if (typeof real === "string") return { path: real, link, lookFirst: !volume };
    return link !== path ? rootOf(files, directory, path) : real && { path, refusal: real };
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
