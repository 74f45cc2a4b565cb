import type { Files, PathInfo, WritableFiles } from "../core/chain/host.ts";
import { invalid, isRefusal, type Refusal } from "../core/chain/outcome.ts";

/**
 * What is at a path: a string is a regular file with that text, whose size in bytes `size` overrides; `link` is a symbolic
 * link to another path; `special` is neither a file nor a link, such as a FIFO; a refusal is what reading it returns.
 *
 * @example What can be at a path
 * ```ts
 * import { denied } from "@alphaswarm/credentials";
 * import { type TestFile, testHost } from "@alphaswarm/credentials/testing";
 *
 * const files: Record<string, TestFile> = {
 *   "state/db.json": '{ "user": "reader" }',
 *   "state/latest.json": { link: "/state/db.json" },
 *   "state/huge.json": { text: "{}", size: 1e9 },
 *   "state/fifo": { special: true },
 *   "state/root.json": denied("no permission"),
 * };
 * console.log(Object.keys(testHost({ files }).disk).length); // 5
 * ```
 * @category Testing
 */
export type TestFile =
  | string
  | { readonly text: string; readonly size: number }
  | { readonly link: string }
  | { readonly special: true }
  | Refusal;

/**
 * Files by path. A relative path starts at `/`; if it has a directory, it is also found by a longer path that ends with
 * it, such as that of a file URL. A directory exists if something is in it.
 *
 * @example A file is rotated
 * ```ts
 * import { createResolver, defineChain, file, required } from "@alphaswarm/credentials";
 * import { type TestDisk, testHost } from "@alphaswarm/credentials/testing";
 *
 * const files: TestDisk = { "state/db.json": '{ "user": "blue" }' };
 * const host = testHost({ files });
 * const chain = defineChain({
 *   stores: { file: file({ priority: 100, directory: "state" }) },
 *   credentials: {
 *     "db:user": { fields: { user: required() }, from: { file: "db.json" } },
 *   },
 * });
 * const resolver = createResolver(chain, host);
 * console.log((await resolver.resolve("db:user")).get("user")); // "blue"
 * files["state/db.json"] = '{ "user": "green" }';
 * await host.clock.advance(1_000); // a file is looked at again after a second
 * console.log((await resolver.resolve("db:user")).get("user")); // "green"
 * ```
 * @category Testing
 */
export type TestDisk = Record<string, TestFile | undefined>;

/** How many symbolic links are followed before they count as a cycle. */
const MAX_LINKS = 40;

/** Creates synchronous access to files in memory, which may change at any time; adds the keys it reads to `asked`. */
export function testFiles(disk: TestDisk, asked: Set<string> = new Set()): WritableFiles {
  const written = new Map<string, { readonly text: TestFile | undefined; readonly mode: number }>();
  const locked = new Set<string>();
  const modeOf = (at: string) => {
    const known = written.get(at);
    return known && known.text === entryAt(disk, at) ? { mode: known.mode } : {};
  };
  return {
    info: (path) => {
      const at = resolve(disk, path, false);
      if (typeof at !== "string") return at;
      const info = infoOf(disk, at);
      return info && { ...info, ...modeOf(at) };
    },
    realPath: (path) => {
      const at = resolve(disk, path, true, asked);
      if (typeof at !== "string") return at;
      return entryAt(disk, at) !== undefined || isDirectory(disk, at) ? at : undefined;
    },
    text: (path) => {
      const at = resolve(disk, path, true, asked);
      const key = typeof at === "string" && keyAt(disk, at);
      if (key) asked.add(key);
      return textAt(disk, path);
    },
    makeDirectory: () => {},
    replace: (path, { before, after, mode }) => {
      const text = textAt(disk, path);
      if (isRefusal(text)) return text;
      if (text !== before) return false;
      disk[keyOf(disk, path)] = after;
      written.set(absolute(path), { text: after, mode });
      return true;
    },
    lock: (path) => {
      if (locked.has(path)) return undefined;
      locked.add(path);
      return { release: () => void locked.delete(path) };
    },
  };
}

function textAt(disk: TestDisk, path: string): string | undefined | Refusal {
  const at = resolve(disk, path, true);
  if (typeof at !== "string") return at;
  const entry = entryAt(disk, at);
  if (typeof entry === "string" || entry === undefined || isRefusal(entry)) return entry;
  return "text" in entry ? entry.text : invalid("its path does not lead to a file");
}

/** Creates asynchronous access to files in memory. */
export function asyncTestFiles(disk: TestDisk, asked: Set<string>): Files {
  const files = testFiles(disk, asked);
  return {
    info: (path) => Promise.resolve().then(() => files.info(path)),
    realPath: (path) => Promise.resolve().then(() => files.realPath(path)),
    text: (path) => Promise.resolve().then(() => files.text(path)),
  };
}

function infoOf(disk: TestDisk, at: string): PathInfo | undefined {
  const entry = entryAt(disk, at);
  if (entry === undefined) return isDirectory(disk, at) ? { type: "other", size: 0 } : undefined;
  if (typeof entry === "string") return { type: "file", size: new TextEncoder().encode(entry).length };
  if (isRefusal(entry)) return { type: "file", size: 0 };
  if ("link" in entry) return { type: "link", size: entry.link.length };
  return "size" in entry ? { type: "file", size: entry.size } : { type: "other", size: 0 };
}

/** Resolves the links in a path; adds the keys of those that it follows to `followed`. */
function resolve(disk: TestDisk, path: string, followLast: boolean, followed?: Set<string>): string | Refusal {
  let rest = parts(path);
  let at: string[] = [];
  for (let links = 0; rest.length > 0;) {
    const name = rest.shift()!;
    if (name === "..") at.pop();
    else at.push(name);
    const entry = rest.length > 0 || followLast ? entryAt(disk, `/${at.join("/")}`) : undefined;
    if (typeof entry !== "object" || isRefusal(entry) || !("link" in entry)) continue;
    followed?.add(keyAt(disk, `/${at.join("/")}`)!);
    if (++links > MAX_LINKS) return invalid("its path does not lead to a file");
    at = entry.link.startsWith("/") ? [] : at.slice(0, -1);
    rest = [...parts(entry.link), ...rest];
  }
  return `/${at.join("/")}`;
}

function parts(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}

function entryAt(disk: TestDisk, at: string): TestFile | undefined {
  const path = keyAt(disk, at);
  return path === undefined ? undefined : disk[path];
}

/** Returns the key of a file: its path, or the longest key with which its path ends. */
function keyAt(disk: TestDisk, at: string): string | undefined {
  const keys = Object.keys(disk);
  return keys.find((each) => absolute(each) === at) ?? longest(keys.filter((each) => {
    return directoriesOf(each).length > 1 && at.endsWith(absolute(each));
  }));
}

function absolute(key: string): string {
  return `/${parts(key).join("/")}`;
}

/** Returns the directories that a relative key names, from none to the whole key. */
function directoriesOf(key: string): string[] {
  if (key.startsWith("/")) return [];
  const names = parts(key);
  return names.map((_, length) => names.slice(0, length).join("/"));
}

function longest(names: readonly string[]): string | undefined {
  return names.toSorted((one, other) => other.length - one.length)[0];
}

/** Returns the name of a file in the record: a new one is relative if those in its directory are. */
function keyOf(disk: TestDisk, path: string): string {
  const at = absolute(path);
  const slash = at.lastIndexOf("/");
  const ends = Object.keys(disk).flatMap(directoriesOf).filter((each) => isAtEnd(at.slice(0, slash), each));
  const directory = longest(ends);
  return keyAt(disk, at) ?? (directory === undefined ? path : `${directory}${at.slice(slash)}`.replace(/^\//, ""));
}

/** Whether the path of a directory ends with these names; the empty name is only at the end of the root. */
function isAtEnd(path: string, names: string): boolean {
  return names ? path.endsWith(`/${names}`) : !path;
}

function isDirectory(disk: TestDisk, at: string): boolean {
  const path = at === "/" ? "" : at;
  return Object.keys(disk).some((each) =>
    disk[each] !== undefined &&
    (absolute(each).startsWith(`${path}/`) || directoriesOf(each).some((names) => isAtEnd(path, names)))
  );
}
