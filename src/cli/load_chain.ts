import { relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { workingDirectory } from "../host.ts";
import type { AnyChain } from "../insides.ts";
import { validateChain } from "../report/validate_chain.ts";
import { Misuse } from "./command.ts";

/** Where the chain is unless `--config` says otherwise. */
export const DEFAULT_CONFIG = "./chain.config.ts";

/**
 * Loads a chain from the default export of a module.
 *
 * @param config The module's path, from the working directory.
 * @returns The chain.
 * @throws {ChainError} Everything that is wrong with it.
 * @throws {Misuse} Where there is no such module, or it can't be loaded here.
 */
export async function loadChain(config: string): Promise<AnyChain> {
  if (!/\.[cm]?[jt]s$/.test(config)) {
    throw new Misuse(
      `Cannot load "${config}": expected a module of TypeScript or JavaScript, such as ${DEFAULT_CONFIG}`,
    );
  }
  const path = resolve(workingDirectory(), config);
  const url = pathToFileURL(path).href;
  const module = await import(url).catch((error) => {
    if (Object(error).name === "ChainError") throw error;
    throw new Misuse(`Cannot load ${config}: ${reasonOf(error, [path, url])}`);
  });
  if (!("default" in module)) throw new Misuse(`Cannot find a chain in ${config}: expected it as the default export`);
  return validateChain(module.default);
}

function reasonOf(error: unknown, places: readonly string[]): string {
  const { code, message, name } = Object(error) as { code?: unknown; message?: unknown; name?: unknown };
  const text = String(message ?? "it threw what is no error");
  const unread = /^Requires read access to "([^"]+)"/.exec(text)?.[1];
  if (unread !== undefined) return `needs --allow-read=${relative(workingDirectory(), unread)}`;
  if (code === "ERR_UNKNOWN_FILE_EXTENSION") {
    return "this Node does not strip types, as Node 22.18 and newer do: use one of those, Deno or Bun, " +
      "or write the chain in JavaScript and name it with --config chain.config.mjs";
  }
  const missing = /^(?:Module not found|Cannot find module) ["']([^"']+)/.exec(text)?.[1];
  if (missing !== undefined && places.includes(missing)) {
    return "there is no such file: name the module of your chain with --config";
  }
  const place = placeOfThrow(error);
  if (place === undefined) return text;
  // Hint: what a module throws may quote what it read, as JSON.parse does; a name that is unknown is none of that.
  return name === "ReferenceError" ? `${text}, at ${place}` : `it threw an error (${name}) at ${place}`;
}

/** Where a module that ran threw an error; nowhere for one that couldn't be read or parsed, which throws here. */
function placeOfThrow(error: unknown): string | undefined {
  const { stack, message } = Object(error) as { stack?: unknown; message?: unknown };
  const trace = String(stack).replace(String(message), "");
  const [, path, position] = /(?: |\()((?:file:\/\/)?\/[^()\n]+?)(:\d+:\d+)\)?$/m.exec(trace) ?? [];
  if (path === undefined || path === import.meta.url || path === pathOf(import.meta.url)) return undefined;
  return `${relative(workingDirectory(), pathOf(path))}${position}`;
}

function pathOf(place: string): string {
  return place.startsWith("file:") ? fileURLToPath(place) : place;
}
