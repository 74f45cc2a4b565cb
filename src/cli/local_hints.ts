import { relative } from "node:path";
import { workingDirectory } from "../core/runtime/globals.ts";
import type { ChainDescription } from "../core/engine/describe.ts";
import { byStore, type Directories } from "../report/guidance/directories.ts";
import { type Hints, hintsOf } from "../report/guidance/hints.ts";

/** Returns the hints about a chain in this process, with paths as they are typed in the working directory. */
export function localHints(resolver: object, description: ChainDescription): Hints {
  const hints = hintsOf(resolver, description);
  return { ...hints, directories: typedPaths(hints.directories) };
}

/** Shortens the paths that are in the working directory. */
export function typedPaths(directories: Directories): Directories {
  const from = workingDirectory();
  return byStore(Object.entries(directories).map(([store, path]) => [store, from ? typedPath(path, from) : path]));
}

function typedPath(path: string, from: string): string {
  const typed = path.startsWith(from) ? relative(from, path) : "";
  return typed === "" || typed.startsWith("..") ? path : typed;
}
