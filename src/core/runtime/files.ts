import { andThen, isThenable, type MaybePromise } from "../chain/eventually.ts";
import { type Files, type HostParts, MAX_FILE_BYTES, type NoFollow, type PathInfo } from "../chain/host.ts";
import { denied, invalid, type Refusal, unavailable } from "../chain/outcome.ts";
import type { Surroundings } from "../chain/store_spec.ts";
import { lookAt, type NodeFs, nodeFs, onWindows, workingDirectory } from "./globals.ts";

type FileHandle = import("node:fs/promises").FileHandle;

/**
 * The runtime's files, for `uses` of a store that reads files. If the host has files of its own, those are read. If a
 * FIFO replaces a file between `info` and `text`, Node and Bun do not wait for it; Deno blocks the process.
 *
 * @example A store that reads one file for each name
 * ```ts
 * import { defineStore, runtimeFiles, variables } from "@alphaswarm/credentials";
 *
 * const lines = defineStore({
 *   kind: "lines",
 *   shape: variables,
 *   local: true,
 *   readsFiles: true,
 *   uses: [runtimeFiles],
 *   open: ({ directory }: { directory: string }, { files }) =>
 *     files && ((name) => files.text(`${directory}/${name}`)),
 * });
 * const store = lines({ priority: 150, directory: "/run/lines" });
 * ```
 * @category Writing a store
 */
export function runtimeFiles(host: HostParts): Pick<Surroundings, "files" | "asyncFiles"> {
  const { files, asyncFiles } = host;
  return { ...syncFiles(host), asyncFiles: files === false ? undefined : asyncFiles ?? (files || asyncNodeFiles()) };
}

/** The runtime's files, for a store that reads them only synchronously. */
export function syncFiles({ files }: HostParts): Pick<Surroundings, "files"> {
  return { files: files === false ? undefined : files ?? denoFiles() ?? nodeFiles() };
}

/** A runtime's file system, whose functions throw its errors; `S` are its stats, `F` its open files. */
interface System<S, F> {
  readonly lstat: (path: string) => MaybePromise<S | undefined>;
  readonly realPath: (path: string) => MaybePromise<string>;
  readonly open: (path: string) => MaybePromise<F>;
  /** Opens what is at a path unless it is a link, if the system can do that. */
  readonly openNoFollow?: ((path: string) => MaybePromise<F>) | undefined;
  readonly stat: (file: F) => MaybePromise<S>;
  readonly read: Read<F>;
  readonly close: (file: F) => MaybePromise<void>;
  readonly infoOf: (stats: S) => PathInfo;
}

/** Reads the next bytes of an open file; returns how many it read. */
type Read<F> = (file: F, into: Uint8Array) => MaybePromise<number | null | { readonly bytesRead: number }>;

// Hint: on Deno, importing `node:fs` costs 20 ms of start-up.
function denoFiles(): Files | undefined {
  const { lstatSync, realPathSync, openSync } = lookAt(({ Deno }) => Deno) ?? {};
  return lstatSync && realPathSync && openSync && filesOf<Deno.FileInfo, Deno.FsFile>({
    lstat: lstatSync,
    realPath: realPathSync,
    open: (path) => openSync(path),
    stat: (file) => file.statSync(),
    read: (file, into) => file.readSync(into),
    close: (file) => file.close(),
    infoOf: (stats) => pathInfo(stats, stats.isFile, stats.isSymlink),
  });
}

// Hint: some runtimes have only a part of Node's file system.
function nodeFiles(): Files | undefined {
  const fs = nodeFs();
  return fs && lookAt(() => {
    // Hint: Windows has no such flag.
    const { O_NOFOLLOW } = fs.constants as Partial<NodeFs["constants"]>;
    const flags = nonBlocking(fs);
    return filesOf<NodeStats, number>({
      lstat: (path) => fs.lstatSync(path, { throwIfNoEntry: false }),
      realPath: fs.realpathSync.native,
      open: (path) => fs.openSync(path, flags),
      openNoFollow: O_NOFOLLOW ? (path) => fs.openSync(path, flags | O_NOFOLLOW) : undefined,
      stat: (file) => fs.fstatSync(file),
      read: (file, into) => fs.readSync(file, into),
      close: (file) => fs.closeSync(file),
      infoOf: nodeInfo,
    });
  });
}

function asyncNodeFiles(): Files | undefined {
  const fs = nodeFs();
  return fs && lookAt(() =>
    filesOf<NodeStats, FileHandle>({
      lstat: fs.promises.lstat,
      realPath: fs.promises.realpath,
      open: (path) => fs.promises.open(path, nonBlocking(fs)),
      stat: (file) => file.stat(),
      read: (file, into) => file.read(into),
      close: (file) => file.close(),
      infoOf: nodeInfo,
    })
  );
}

// Hint: opening a FIFO that replaced the file would otherwise wait for its writer.
/** Returns the flag with which opening a file never waits, or 0 if the system has none. */
export function nonBlocking({ constants }: { readonly constants: { readonly O_NONBLOCK?: number } }): number {
  return constants.O_NONBLOCK ?? 0;
}

interface StatNumbers {
  readonly size: number;
  readonly mode: number | null;
  readonly dev: number;
  readonly ino: number | null;
}

// Hint: declared here, since not every user of `runtimeFiles` has the types of Node.
interface NodeStats extends StatNumbers {
  isFile(): boolean;
  isSymbolicLink(): boolean;
}

export function nodeInfo(stats: NodeStats): PathInfo {
  return pathInfo(stats, stats.isFile(), stats.isSymbolicLink());
}

function pathInfo({ size, mode, dev, ino }: StatNumbers, isFile: boolean, isLink: boolean): PathInfo {
  const type = isFile ? "file" : isLink ? "link" : "other";
  return { type, size, mode: mode ?? undefined, id: ino ? `${dev}:${ino}` : undefined };
}

function filesOf<S, F>(system: System<S, F>): Files {
  const { lstat, realPath, open, openNoFollow, stat, read, close, infoOf } = system;
  const decoder = new TextDecoder();
  let spare: Uint8Array<ArrayBuffer> | undefined;
  // Hint: a read that waits has its own buffer, and no secret stays in the spare one.
  const readAll = (file: F, size: number) => {
    const into = size < SPARE_BYTES && spare || bufferFor(size);
    spare = undefined;
    return andThen(readOn(read, file, size, decoder, into), (text) => {
      if (into.length === SPARE_BYTES) spare = into.fill(0);
      return text;
    });
  };
  const textOf = (file: F, seen: PathInfo | undefined) =>
    andThen(stat(file), (stats): MaybePromise<string | undefined | Refusal> => {
      const { type, id, size } = infoOf(stats);
      if (seen && seen.id !== id) return undefined;
      return type === "file" ? readAll(file, size) : invalid(NOT_A_FILE);
    });
  const textBy = (open: System<S, F>["open"]): Files["text"] => (path, seen) =>
    attempt(() =>
      andThen(
        open(path),
        (file) => andThen(attempt(() => textOf(file, seen)), (text) => andThen(close(file), () => text)),
      )
    );
  const info: Files["info"] = (path) => attempt(() => andThen(lstat(path), (stats) => stats && infoOf(stats)));
  const noFollow = openNoFollow && { noFollow: textBy(openNoFollow), insteadOf: info } satisfies NoFollow;
  return {
    info,
    realPath: (path) => attempt(() => realPath(path)),
    text: Object.assign(textBy(open), noFollow),
  };
}

/** The length of a buffer that is reused. */
const SPARE_BYTES = 4_096;

/** Returns a buffer for a file of this size, with room for one more byte, which shows that the file grew. */
function bufferFor(size: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Math.max(Math.min(size, MAX_FILE_BYTES) + 1, SPARE_BYTES));
}

// Hint: the bytes are counted, since a file may grow while it is read, and those in `/proc` have a size of 0.
/**
 * Returns the text of an open file.
 *
 * @param read Reads the next bytes of it.
 * @param file The file.
 * @param size Its size when it was opened. Reading ends there, without another call of `read`.
 * @param decoder Decodes the text.
 * @param into The buffer for its bytes.
 * @param length How many were read so far.
 */
export function readOn<F>(
  read: Read<F>,
  file: F,
  size: number,
  decoder: TextDecoder,
  into: Uint8Array<ArrayBuffer> = bufferFor(size),
  length: number = 0,
): MaybePromise<string | Refusal> {
  return andThen(read(file, into.subarray(length)), (result) => {
    const end = length + ((typeof result === "object" ? result?.bytesRead : result) || 0);
    if (end > MAX_FILE_BYTES) return invalid(`the file is larger than ${MAX_FILE_BYTES / 1024} KiB`);
    if (end === length || end === size) return decoder.decode(into.subarray(0, end));
    const room = end < into.length ? into : bufferFor(MAX_FILE_BYTES);
    room.set(into);
    return readOn(read, file, size, decoder, room, end);
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

/** Makes a path absolute; returns the path itself if the working directory may not be read. */
function wholePath(path: string): string {
  if (/^([a-z]:)?[\\/]/i.test(path)) return path;
  const directory = workingDirectory();
  return directory === undefined ? path : `${directory.replace(/[\\/]$/, "")}/${path}`;
}

/** How the runtime's paths work, for a reader of a directory. */
export const runtimePaths: { readonly whole: (path: string) => string; readonly onWindows: () => boolean } = {
  whole: wholePath,
  onWindows,
};

// Hint: the code or the name decides, since messages quote paths.
/** Returns what an error of a file system means; `undefined` if there is no file. */
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
