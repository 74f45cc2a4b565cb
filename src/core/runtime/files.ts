import { isThenable, type MaybePromise } from "../chain/eventually.ts";
import type { Files, HostParts, PathInfo } from "../chain/host.ts";
import { denied, invalid, type Refusal, unavailable } from "../chain/outcome.ts";
import type { Surroundings } from "../chain/store_spec.ts";
import { nodeFs, runtime } from "./globals.ts";

type NodeStats = import("node:fs").Stats;

/**
 * The runtime's files, for `uses` of a store that reads files. Where the host has files of its own, those are read.
 *
 * @example
 * ```ts
 * import { defineStore, runtimeFiles, variables } from "@alphaswarm/credentials";
 *
 * const lines = defineStore({
 *   kind: "lines",
 *   shape: variables,
 *   local: true,
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

// Hint: on Deno, importing `node:fs` costs 20 ms of start-up.
function denoFiles(): Files | undefined {
  const deno = runtime.Deno;
  return deno && {
    info: attempt((path) => {
      const { isFile, isSymlink, size, mode } = deno.lstatSync(path);
      return { type: isFile ? "file" : isSymlink ? "link" : "other", size, ...(mode === null ? {} : { mode }) };
    }),
    realPath: attempt(deno.realPathSync),
    text: attempt((path) => deno.readTextFileSync(path)),
  };
}

function nodeFiles(): Files | undefined {
  const fs = nodeFs();
  return fs && {
    info: attempt((path) => infoOf(fs.lstatSync(path))),
    realPath: attempt((path) => fs.realpathSync(path)),
    text: attempt((path) => fs.readFileSync(path, "utf8")),
  };
}

function asyncNodeFiles(): Files | undefined {
  const fs = nodeFs()?.promises;
  return fs && {
    info: attempt((path) => fs.lstat(path).then(infoOf)),
    realPath: attempt((path) => fs.realpath(path)),
    text: attempt((path) => fs.readFile(path, "utf8")),
  };
}

function infoOf(stats: NodeStats): PathInfo {
  const type = stats.isFile() ? "file" : stats.isSymbolicLink() ? "link" : "other";
  return { type, size: stats.size, mode: stats.mode };
}

function attempt<T>(read: (path: string) => MaybePromise<T>): (path: string) => MaybePromise<T | undefined | Refusal> {
  return (path) => {
    try {
      const answer = read(path);
      return isThenable(answer) ? answer.then((value): T | undefined | Refusal => value, fileRefusal) : answer;
    } catch (error) {
      return fileRefusal(error);
    }
  };
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
