import { relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { workingDirectory } from "../core/runtime/globals.ts";
import type { AnyChain } from "../core/chain/chain.ts";
import { validateChain } from "../report/validate_chain.ts";
import { UsageError } from "./command.ts";

/** The path of the chain's module without `--config`. */
export const DEFAULT_CONFIG = "./chain.config.ts";

/**
 * Loads a chain from the default export of a module.
 *
 * @param config The module's path, relative to the working directory.
 * @returns The chain, validated.
 * @throws {ChainError} If the chain is not valid; it lists every problem.
 * @throws {UsageError} If the module does not exist or cannot be loaded on this runtime.
 */
export async function loadChain(config: string): Promise<AnyChain> {
  if (!/\.[cm]?[jt]s$/.test(config)) {
    throw new UsageError(
      `Cannot load "${config}": expected a TypeScript or JavaScript module, such as ${DEFAULT_CONFIG}`,
    );
  }
  const path = resolve(workingDirectory() ?? "", config);
  const url = pathToFileURL(path).href;
  const module = await import(url).catch((error) => {
    if (Object(error).name === "ChainError") throw error;
    throw new UsageError(`Cannot load ${config}: ${reasonOf(error, [path, url])}`);
  });
  if (!("default" in module)) throw new UsageError(`Cannot find a chain in ${config}: expected a default export`);
  return validateChain(module.default);
}

function reasonOf(error: unknown, specifiers: readonly string[]): string {
  const { code, message, name } = Object(error) as { code?: unknown; message?: unknown; name?: unknown };
  const text = String(message ?? "it threw a value that is not an error");
  const unread = /^Requires read access to "([^"]+)"/.exec(text)?.[1];
  if (unread !== undefined) return `reading it needs --allow-read=${relative(workingDirectory() ?? "", unread)}`;
  if (code === "ERR_UNKNOWN_FILE_EXTENSION") {
    return "this version of Node.js cannot run TypeScript: use Node.js 22.18 or newer, Deno or Bun, " +
      "or write the chain in JavaScript and pass --config chain.config.mjs";
  }
  const missing = /^(?:Module not found|Cannot find module) ["']([^"']+)/.exec(text)?.[1];
  if (missing !== undefined && specifiers.includes(missing)) {
    return "the file does not exist: pass the path of the chain's module with --config";
  }
  const position = positionOfThrow(error);
  if (position === undefined) return text;
  // Hint: an error of the module may quote a secret that it read, as JSON.parse does; a ReferenceError quotes a name.
  return name === "ReferenceError" ? `${text}, at ${position}` : `it threw an error (${name}) at ${position}`;
}

/** Gives the file, line and column at which the module threw, or `undefined` if it could not be read or parsed. */
function positionOfThrow(error: unknown): string | undefined {
  const { stack, message } = Object(error) as { stack?: unknown; message?: unknown };
  const trace = String(stack).replace(String(message), "");
  const [, path, position] = /(?: |\()((?:file:\/\/)?\/[^()\n]+?)(:\d+:\d+)\)?$/m.exec(trace) ?? [];
  if (path === undefined || path === import.meta.url || path === pathOf(import.meta.url)) return undefined;
  return `${relative(workingDirectory() ?? "", pathOf(path))}${position}`;
}

function pathOf(pathOrUrl: string): string {
  return pathOrUrl.startsWith("file:") ? fileURLToPath(pathOrUrl) : pathOrUrl;
}
