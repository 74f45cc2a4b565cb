import { andThen, isThenable, type MaybePromise } from "../chain/eventually.ts";
import { type Files, type HostParts, MAX_FILE_BYTES, type PathInfo } from "../chain/host.ts";
import { denied, invalid, type Refusal, unavailable } from "../chain/outcome.ts";
import type { Surroundings } from "../chain/store_spec.ts";
import { lookAt, nodeFs, onWindows, workingDirectory } from "./globals.ts";

/**
 * The runtime's files, for `uses` of a store that reads files. Where the host has files of its own, those are read. A FIFO
 * that takes a file's place between `info` and `text` is not waited for on Node and Bun; on Deno it blocks the process.
 *
 * @example
 * ```ts
 * import { defineStore, runtimeFiles, variables } from "@alphaswarm/credentials";
 *
 * const lines = defineStore({
 *   kind: "lines",
 *   shape: variables,
 *   local: true,
 *   readsFiles: true,
 *   uses: [runtimeFiles],
 *   open: ({ directory }: { directory: string }, { files }) => files && ((name) => files.text(`${directory}/${name}`)),
 * });
 * const store = lines({ priority: 150, directory: "/run/lines" });
 * ```
 * @category Stores
 */
export function runtimeFiles(host: HostParts): Pick<Surroundings, "files" | "asyncFiles"> {
  const { files, asyncFiles } = host;
  return { ...syncFiles(host), asyncFiles: files === false ? undefined : asyncFiles ?? (files || asyncNodeFiles()) };
}

/** The runtime's files, for a store that reads them only synchronously. */
export function syncFiles({ files }: HostParts): Pick<Surroundings, "files"> {
  return { files: files === false ? undefined : files ?? denoFiles() ?? nodeFiles() };
}

/** A runtime's file system, which throws its errors. */
interface System<S> {
  readonly lstat: (path: string) => MaybePromise<S>;
  readonly realPath: (path: string) => MaybePromise<string>;
  readonly open: (path: string) => MaybePromise<OpenFile<S>>;
  readonly infoOf: (stats: S) => PathInfo;
}

interface OpenFile<S> {
  stat(): MaybePromise<S>;
  read(into: Uint8Array): MaybePromise<number | null | { readonly bytesRead: number }>;
  close(): MaybePromise<void>;
}

// Hint: on Deno, importing `node:fs` costs 20 ms of start-up.
function denoFiles(): Files | undefined {
  const { lstatSync, realPathSync, openSync } = lookAt(({ Deno }) => Deno) ?? {};
  return lstatSync && realPathSync && openSync && filesOf<Deno.FileInfo>({
    lstat: lstatSync,
    realPath: realPathSync,
    open: (path) => {
      const file = openSync(path);
      return { stat: () => file.statSync(), read: (into) => file.readSync(into), close: () => file.close() };
    },
    infoOf: (stats) => pathInfo(stats, stats.isFile, stats.isSymlink),
  });
}

// Hint: some runtimes have only a part of Node's file system.
function nodeFiles(): Files | undefined {
  const fs = nodeFs();
  return fs && lookAt(() =>
    filesOf<NodeStats>({
      lstat: fs.lstatSync,
      realPath: fs.realpathSync.native,
      open: (path) => {
        const file = fs.openSync(path, nonBlocking(fs));
        return {
          stat: () => fs.fstatSync(file),
          read: (into) => fs.readSync(file, into),
          close: () => fs.closeSync(file),
        };
      },
      infoOf: nodeInfo,
    })
  );
}

function asyncNodeFiles(): Files | undefined {
  const fs = nodeFs();
  return fs && lookAt(() =>
    filesOf<NodeStats>({
      lstat: fs.promises.lstat,
      realPath: fs.promises.realpath,
      open: (path) => fs.promises.open(path, nonBlocking(fs)),
      infoOf: nodeInfo,
    })
  );
}

// Hint: opening a FIFO that was put in a file's place would wait for its writer.
/** Returns the flag with which opening a file never waits, where the system has one. */
export function nonBlocking({ constants }: { readonly constants: { readonly O_NONBLOCK?: number } }): number {
  return constants.O_NONBLOCK ?? 0;
}

interface StatNumbers {
  readonly size: number;
  readonly mode: number | null;
  readonly dev: number;
  readonly ino: number | null;
}

// Hint: the types of Node are not to be had for everyone who uses those of `runtimeFiles`.
interface NodeStats extends StatNumbers {
  isFile(): boolean;
  isSymbolicLink(): boolean;
}

export function nodeInfo(stats: NodeStats): PathInfo {
  return pathInfo(stats, stats.isFile(), stats.isSymbolicLink());
}

function pathInfo({ size, mode, dev, ino }: StatNumbers, isFile: boolean, isLink: boolean): PathInfo {
  const type = isFile ? "file" : isLink ? "link" : "other";
  return { type, size, ...(mode === null ? {} : { mode }), ...(ino && { id: `${dev}:${ino}` }) };
}

function filesOf<S>({ lstat, realPath, open, infoOf }: System<S>): Files {
  const textOf = (file: OpenFile<S>, seen: PathInfo | undefined) =>
    andThen(file.stat(), (stats): MaybePromise<string | undefined | Refusal> => {
      const { type, id } = infoOf(stats);
      if (seen && seen.id !== id) return undefined;
      return type === "file" ? readOn(file) : invalid(NOT_A_FILE);
    });
  return {
    info: (path) => attempt(() => andThen(lstat(path), infoOf)),
    realPath: (path) => attempt(() => realPath(path)),
    text: (path, seen) =>
      attempt(() =>
        andThen(
          open(path),
          (file) => andThen(attempt(() => textOf(file, seen)), (text) => andThen(file.close(), () => text)),
        )
      ),
  };
}

// Hint: the bytes are counted, since a file may grow while it is read.
/** Returns the rest of an open file's text. */
export function readOn(
  file: Pick<OpenFile<unknown>, "read">,
  into: Uint8Array = new Uint8Array(16_384),
  decoder: TextDecoder = new TextDecoder(),
  text = "",
  size = 0,
): MaybePromise<string | Refusal> {
  return andThen(file.read(into), (result) => {
    const count = typeof result === "object" ? result?.bytesRead : result;
    if (!count) return text + decoder.decode();
    if (size + count > MAX_FILE_BYTES) return invalid(`the file is larger than ${MAX_FILE_BYTES / 1024} KiB`);
    const more = decoder.decode(into.subarray(0, count), { stream: true });
    return readOn(file, into, decoder, text + more, size + count);
  });
}

function attempt<T>(run: () => MaybePromise<T>): MaybePromise<T | undefined | Refusal> {
  try {
    const answer = run();
    return isThenable(answer) ? answer.then((value): T | undefined | Refusal => value, fileRefusal) : answer;
  } catch (error) {
    return fileRefusal(error);
  }
}

const NOT_A_FILE = "its path does not lead to a file";

/** Returns a path from the root, or the path itself if the working directory may not be read. */
function wholePath(path: string): string {
  if (/^([a-z]:)?[\\/]/i.test(path)) return path;
  const directory = workingDirectory();
  return directory === undefined ? path : `${directory.replace(/[\\/]$/, "")}/${path}`;
}

/** What the runtime's paths are like, for a reader of a directory. */
export const runtimePaths: { readonly whole: (path: string) => string; readonly onWindows: () => boolean } = {
  whole: wholePath,
  onWindows,
};

// Hint: the code or the name decides, since messages quote paths.
/** Returns what an error of a file system means; nothing where no file is there. */
function fileRefusal(error: unknown): undefined | Refusal {
  const { code, name } = error as { code?: string; name?: string };
  if (code === "ENOENT" || name === "NotFound") return undefined;
  if (name === "NotCapable") return denied("needs --allow-read");
  if (code === "ERR_ACCESS_DENIED") return denied("needs --allow-fs-read");
  if (["EACCES", "EPERM"].includes(code ?? "")) return denied("no permission to read the file");
  if (["ENOTDIR", "ELOOP", "ENAMETOOLONG", "EISDIR"].includes(code ?? "")) {
    return invalid(NOT_A_FILE);
  }
  return unavailable(`the file system failed${code ? ` (${code})` : ""}`);
}
