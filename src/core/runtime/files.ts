import { andThen, isThenable, type MaybePromise } from "../chain/eventually.ts";
import { type Files, type HostParts, MAX_FILE_BYTES, type PathInfo } from "../chain/host.ts";
import { denied, invalid, type Refusal, unavailable } from "../chain/outcome.ts";
import type { Surroundings } from "../chain/store_spec.ts";
import { type NodeFs, nodeFs, runtime, workingDirectory } from "./globals.ts";

type NodeStats = import("node:fs").Stats;

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
export function runtimeFiles({ files, asyncFiles }: HostParts): Pick<Surroundings, "files" | "asyncFiles"> {
  if (files === false) return { files: undefined, asyncFiles: undefined };
  return {
    files: files ?? denoFiles() ?? nodeFiles(),
    asyncFiles: asyncFiles ?? files ?? asyncNodeFiles(),
  };
}

/** A runtime's file system. What fails is thrown. */
interface System {
  look(path: string): MaybePromise<PathInfo>;
  realPath(path: string): MaybePromise<string>;
  open(path: string): MaybePromise<OpenFile>;
}

interface OpenFile {
  look(): MaybePromise<PathInfo>;
  read(into: Uint8Array): MaybePromise<number | null>;
  close(): MaybePromise<void>;
}

// Hint: on Deno, importing `node:fs` costs 20 ms of start-up.
function denoFiles(): Files | undefined {
  const deno = runtime.Deno;
  const infoOf = ({ isFile, isSymlink, size, mode, dev, ino }: Deno.FileInfo): PathInfo => ({
    type: isFile ? "file" : isSymlink ? "link" : "other",
    size,
    ...(mode === null ? {} : { mode }),
    ...(ino && { id: `${dev}:${ino}` }),
  });
  return deno && filesOf({
    look: (path) => infoOf(deno.lstatSync(path)),
    realPath: deno.realPathSync,
    open: (path) => {
      const file = deno.openSync(path);
      return { look: () => infoOf(file.statSync()), read: (into) => file.readSync(into), close: () => file.close() };
    },
  });
}

function nodeFiles(): Files | undefined {
  const fs = nodeFs();
  return fs && filesOf({
    look: (path) => infoOf(fs.lstatSync(path)),
    realPath: fs.realpathSync.native,
    open: (path) => {
      const file = fs.openSync(path, unblocked(fs));
      return {
        look: () => infoOf(fs.fstatSync(file)),
        read: (into) => fs.readSync(file, into),
        close: () => fs.closeSync(file),
      };
    },
  });
}

function asyncNodeFiles(): Files | undefined {
  const fs = nodeFs();
  return fs && filesOf({
    look: (path) => fs.promises.lstat(path).then(infoOf),
    realPath: (path) => fs.promises.realpath(path),
    open: (path) =>
      fs.promises.open(path, unblocked(fs)).then((file) => ({
        look: () => file.stat().then(infoOf),
        read: (into) => file.read(into).then(({ bytesRead }) => bytesRead),
        close: () => file.close(),
      })),
  });
}

// Hint: opening a FIFO that was put in a file's place would wait for its writer.
function unblocked({ constants }: NodeFs): number {
  return constants.O_NONBLOCK ?? 0;
}

function infoOf(stats: NodeStats): PathInfo {
  const { size, mode, dev, ino } = stats;
  const type = stats.isFile() ? "file" : stats.isSymbolicLink() ? "link" : "other";
  return { type, size, mode, ...(ino && { id: `${dev}:${ino}` }) };
}

function filesOf(system: System): Files {
  return {
    info: (path) => attempt(() => system.look(path)),
    realPath: (path) => attempt(() => system.realPath(path)),
    text: (path, seen) =>
      attempt(() =>
        andThen(
          system.open(path),
          (file) => andThen(attempt(() => textOf(file, seen)), (text) => andThen(file.close(), () => text)),
        )
      ),
    cwd: () => attempt(workingDirectory),
  };
}

function textOf(file: OpenFile, seen: PathInfo | undefined): MaybePromise<string | undefined | Refusal> {
  return andThen(file.look(), ({ type, size, id }): MaybePromise<string | undefined | Refusal> => {
    if (seen && seen.id !== id) return undefined;
    if (type !== "file") return invalid("its path does not lead to a file");
    return readOn(file, new Uint8Array(Math.min(size, MAX_FILE_BYTES) + 1), 0);
  });
}

// Hint: the bytes are counted, since a file may grow while it is read.
function readOn(file: OpenFile, bytes: Uint8Array<ArrayBuffer>, from: number): MaybePromise<string | Refusal> {
  return andThen(file.read(bytes.subarray(from)), (count): MaybePromise<string | Refusal> => {
    if (!count) return new TextDecoder().decode(bytes.subarray(0, from));
    const size = from + count;
    if (size > MAX_FILE_BYTES) return invalid(`the file is larger than ${MAX_FILE_BYTES / 1024} KiB`);
    if (size < bytes.length) return readOn(file, bytes, size);
    const more = new Uint8Array(MAX_FILE_BYTES + 1);
    more.set(bytes);
    return readOn(file, more, size);
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

// Hint: the code or the name decides, since messages quote paths.
/** Returns what an error of a file system means; nothing where no file is there. */
function fileRefusal(error: unknown): undefined | Refusal {
  const { code, name } = error as { code?: string; name?: string };
  if (code === "ENOENT" || name === "NotFound") return undefined;
  if (name === "NotCapable") return denied("needs --allow-read");
  if (["EACCES", "EPERM", "ERR_ACCESS_DENIED"].includes(code ?? "")) return denied("no permission to read the file");
  if (["ENOTDIR", "ELOOP", "ENAMETOOLONG", "EISDIR"].includes(code ?? "")) {
    return invalid("its path does not lead to a file");
  }
  return unavailable(`the file system failed${code ? ` (${code})` : ""}`);
}
