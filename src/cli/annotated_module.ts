import { readFileSync, realpathSync } from "node:fs";
import { relative, resolve } from "node:path";
import { ambient } from "../core/runtime/ambient.ts";
import { workingDirectory } from "../core/runtime/globals.ts";
import { lineFinder } from "./chain_lines.ts";
import { configPath } from "./config_path.ts";

/** The chain's module, as annotations name it. */
export interface AnnotatedModule {
  /** Its path in the workspace; `undefined` if it does not exist and may be a secret that was pasted in its place. */
  readonly file: string | undefined;
  /** Finds the line of a part of the chain, from 1. */
  readonly lineOf: ReturnType<typeof lineFinder>;
}

/** Reads the chain's module for annotations. */
export function annotatedModule(config: string): AnnotatedModule {
  const path = resolve(workingDirectory() ?? "", config);
  try {
    return { file: pathInWorkspace(path), lineOf: lineFinder(readFileSync(path, "utf8")) };
  } catch {
    return { file: isNamed(config) ? pathInWorkspace(path) : undefined, lineOf: () => 1 };
  }
}

/** Returns the place in the workspace that a message names, where code threw an error or cannot be parsed. */
export function placeIn(message: string): { readonly file: string; readonly line: number } | undefined {
  const [, path, line] = / at (\S.*?):(\d+)(?::\d+)?$/m.exec(message) ?? [];
  if (path === undefined) return undefined;
  const file = pathInWorkspace(resolve(workingDirectory() ?? "", path));
  return isOutside(file) || /(^|\/)node_modules\//.test(file) ? undefined : { file, line: Number(line) };
}

/** Returns a variable of the runner; `undefined` if it is not set, or may not be read. */
export function runnerVariable(name: string): string | undefined {
  const value = ambient().variable(name);
  return typeof value === "string" && value !== "" ? value : undefined;
}

// Hint: the workspace may be a link, while the working directory never is.
function pathInWorkspace(path: string): string {
  const workspace = runnerVariable("GITHUB_WORKSPACE") ?? workingDirectory() ?? "";
  const paths = [workspace, realPath(workspace)].map((each) => relative(each, path).replaceAll("\\", "/"));
  return paths.find((each) => !isOutside(each)) ?? paths[0]!;
}

function isOutside(file: string): boolean {
  return /^\.\.(\/|$)/.test(file);
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path; // it does not exist, or may not be read
  }
}

function isNamed(config: string): boolean {
  try {
    return configPath(config, "load").isNamed;
  } catch {
    return false;
  }
}
