import type { Files } from "../core/chain/host.ts";
import { isSet } from "../core/source/mapping.ts";
import type { Access } from "../core/engine/access.ts";
import { runtimeFiles } from "../core/runtime/files.ts";
import { isAbsolute } from "../core/source/file_path.ts";
import type { StorePlan } from "../core/source/source.ts";
import type { Finding } from "./finding.ts";
import { currentText, permissionsOf, type Substitute } from "./store_options.ts";

/**
 * Finds the stores that are on and whose directory does not exist, for example because the program was started
 * elsewhere.
 */
export function missingDirectories({ plan, ambient, open }: Access): readonly Finding[] {
  const { files } = runtimeFiles(ambient);
  if (!files) return [];
  const sources = [...plan.credentials.values()].flatMap((credential) => credential.sources);
  return plan.stores.filter(({ name }) => open(name).state === "on").flatMap((store) => {
    const reads = sources.filter((source) => source.store === store).flatMap(({ reader }) => reader.reads);
    if (reads.length === 0) return [];
    const named: Substitute = ({ variable, fallback }) =>
      fallback !== undefined && !isSet(variable, ambient.variable) ? fallback : `$${variable}`;
    const { read: declared = [] } = permissionsOf(store, reads, named);
    const { read = [] } = permissionsOf(store, reads, currentText(ambient));
    return read.map((path, at) => ({
      path: directoryOf(store, path),
      declared: directoryOf(store, declared[at] ?? path),
    }))
      .filter(({ path }) => path !== "" && files.realPath(path) === undefined)
      .map((directory): Finding => ({
        rule: "missing_directory",
        path: `stores.${store.name}`,
        message: describeMissing(directory, files),
      }));
  });
}

/** Returns the directory that a store reads, given a path that it reads: that path, or the directory of that file. */
function directoryOf({ shape, options }: StorePlan, path: string): string {
  if (shape.name === "document" || "directory" in options) return path;
  if (/^\$\w+$/.test(path)) return `of ${path}`;
  return path.replace(/[\\/]?[^\\/]*$/, "");
}

interface Directory {
  readonly path: string;
  /** The path as the chain has it, with a variable's name instead of its value. */
  readonly declared: string;
}

function describeMissing({ path, declared }: Directory, files: Files): string {
  if (isAbsolute(path)) return `The directory ${declared} does not exist: create it, or correct the path`;
  const started = files.realPath(".");
  const isVariable = /^(of )?\$/.test(declared);
  const isKnown = typeof started === "string";
  const whole = isVariable || !isKnown ? declared : join(started, declared);
  const start = isVariable && isKnown ? ` (${started})` : "";
  return `The directory ${whole} does not exist: a relative path starts in the working directory${start}, so give an ` +
    "absolute path or a file URL, or create the directory";
}

function join(directory: string, path: string): string {
  return `${directory.replace(/[\\/]$/, "")}/${path.replace(/^\.\//, "")}`;
}
