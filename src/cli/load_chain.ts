import { pathToFileURL } from "node:url";
import type { AnyChain } from "../core/chain/chain.ts";
import { ChainError } from "../core/chain/errors.ts";
import { validateChain } from "../report/validate_chain.ts";
import { UsageError } from "./command.ts";
import { configPath } from "./config_path.ts";
import { importsOf } from "./module_imports.ts";
import { shownPath, thrownText } from "./thrown.ts";

/** Why a runtime cannot load a module in TypeScript, and which runtimes can. */
export const NEEDS_TYPE_STRIPPING =
  "this version of Node.js cannot run TypeScript: use Node.js 22.18 or newer, Deno or Bun";

/**
 * Loads a chain from the default export of a module.
 *
 * @param config The module's path, relative to the working directory.
 * @returns The chain, validated.
 * @throws {ChainError} If the chain is not valid; it lists every problem.
 * @throws {UsageError} If the module does not exist or cannot be loaded on this runtime.
 */
export async function loadChain(config: string): Promise<AnyChain> {
  const { path, shown, isNamed } = configPath(config, "load");
  const module = await import(pathToFileURL(path).href).catch((error) => {
    if (error instanceof ChainError) throw error;
    throw new UsageError(`Cannot load ${shown}: ${reasonOf(error, path)}`);
  });
  if (!("default" in module)) {
    throw new UsageError(`Cannot find a chain in ${isNamed ? config : "the module"}: expected a default export`);
  }
  return validateChain(module.default);
}

function reasonOf(error: unknown, path: string): string {
  try {
    return runtimeReason(Object(error), path) ?? thrownText(error);
  } catch {
    return thrownText(error); // a getter of what was thrown has thrown
  }
}

// Hint: code of the chain can throw an error with any text, so a name is shown only if the module imports it.
/** Says why a runtime could not load a module; `undefined` if the error may not be the runtime's own. */
function runtimeReason({ code, message }: { code?: unknown; message?: unknown }, path: string): string | undefined {
  if (code === "ERR_UNKNOWN_FILE_EXTENSION") {
    return `${NEEDS_TYPE_STRIPPING}, or write the chain in JavaScript and pass --config chain.config.mjs`;
  }
  const text = String(message);
  const unread = /^Requires read access to "([^"]+)"/.exec(text)?.[1];
  const missing = code === "ERR_MODULE_NOT_FOUND"
    ? /^(?:Module not found|Cannot find module|Cannot find package|Import) ["']([^"'\n]+)/.exec(text)?.[1]
    : undefined;
  const name = unread ?? missing;
  if (name === undefined) return undefined;
  const { href } = pathToFileURL(path);
  const isOwn = name === path || name === href;
  if (!isOwn && !isImported(name, href)) return undefined;
  if (unread !== undefined) return `reading it needs --allow-read=${shownPath(unread)}`;
  return isOwn
    ? "the file does not exist: pass the path of the chain's module with --config, or write one with init SERVICE"
    : `Module not found${/^(file:|\.*\/|[@\w])[\w@./-]*$/.test(name) ? ` "${nameOf(name)}"` : ""}, which it imports`;
}

function isImported(name: string, moduleUrl: string): boolean {
  const asUrl = name.startsWith("/") ? pathToFileURL(name).href : name;
  return importsOf(moduleUrl).some(({ specifier, url }) =>
    specifier === name || specifier.startsWith(`${name}/`) || url === asUrl
  );
}

function nameOf(specifier: string): string {
  return /^(file:|\/)/.test(specifier) ? shownPath(specifier) : specifier;
}
