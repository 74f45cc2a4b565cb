import type { Files, PathInfo } from "../core/chain/host.ts";
import { invalid, isRefusal, type Refusal } from "../core/chain/outcome.ts";

/**
 * What is at a path: a string is a regular file with that text, whose size in bytes `size` overrides; `link` is a symbolic
 * link to another path; `special` is neither a file nor a link, such as a FIFO; a refusal is the result of reading it.
 *
 * @category Testing
 */
export type TestFile =
  | string
  | { readonly text: string; readonly size: number }
  | { readonly link: string }
  | { readonly special: true }
  | Refusal;

/** Files by path. Relative paths start at `/`; a directory exists if something is in it. @category Testing */
export type TestDisk = Record<string, TestFile | undefined>;

/** How many symbolic links are followed before they count as a cycle. */
const MAX_LINKS = 40;

/** Creates synchronous access to files in memory. The record may be changed at any time. */
export function testFiles(disk: TestDisk): Files {
  return {
    info: (path) => {
      const at = resolve(disk, path, false);
      return typeof at === "string" ? infoOf(disk, at) : at;
    },
    realPath: (path) => {
      const at = resolve(disk, path, true);
      if (typeof at !== "string") return at;
      return entryAt(disk, at) !== undefined || isDirectory(disk, at) ? at : undefined;
    },
    text: (path) => {
      const at = resolve(disk, path, true);
      if (typeof at !== "string") return at;
      const entry = entryAt(disk, at);
      if (typeof entry === "string" || entry === undefined || isRefusal(entry)) return entry;
      return "text" in entry ? entry.text : invalid("its path does not lead to a file");
    },
  };
}

/** Creates asynchronous access to files in memory. */
export function asyncTestFiles(disk: TestDisk): Files {
  const files = testFiles(disk);
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

function resolve(disk: TestDisk, path: string, followLast: boolean): string | Refusal {
  let rest = parts(path);
  let at: string[] = [];
  for (let links = 0; rest.length > 0;) {
    const name = rest.shift()!;
    if (name === "..") at.pop();
    else at.push(name);
    const entry = rest.length > 0 || followLast ? entryAt(disk, `/${at.join("/")}`) : undefined;
    if (typeof entry !== "object" || isRefusal(entry) || !("link" in entry)) continue;
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
  const path = Object.keys(disk).find((each) => `/${parts(each).join("/")}` === at);
  return path === undefined ? undefined : disk[path];
}

function isDirectory(disk: TestDisk, at: string): boolean {
  const prefix = at === "/" ? at : `${at}/`;
  return Object.keys(disk).some((each) => disk[each] !== undefined && `/${parts(each).join("/")}`.startsWith(prefix));
}
