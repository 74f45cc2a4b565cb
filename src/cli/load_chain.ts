import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { workingDirectory } from "../core/runtime/globals.ts";
import type { AnyChain } from "../core/chain/chain.ts";
import { validateChain } from "../report/validate_chain.ts";
import { UsageError } from "./command.ts";
import { shownPath, thrownText } from "./thrown.ts";

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
  const isModule = /\.[cm]?[jt]s$/.test(config);
  // Hint: anything but the name of a file may be a secret that was pasted in the wrong place.
  const isName = /^([a-z]:(?=[\\/]))?[^:?]*$/i.test(config);
  const expected = `a TypeScript or JavaScript module, such as ${DEFAULT_CONFIG}`;
  if (/^[a-z][\w+.-]*:\/\//i.test(config)) {
    throw new UsageError(`Cannot load the chain: --config is a URL, expected the path of ${expected}`);
  }
  if (!isModule) {
    const shown = isName && /^$|\.(jsonc?|ya?ml|toml|[jt]sx)$/.test(config) ? `"${config}"` : "the chain";
    throw new UsageError(`Cannot load ${shown}: expected ${expected}`);
  }
  const shown = isName ? config : "the chain";
  const path = resolve(workingDirectory() ?? "", config);
  const url = pathToFileURL(path).href;
  const module = await import(url).catch((error) => {
    if (Object(error).name === "ChainError") throw error;
    throw new UsageError(`Cannot load ${shown}: ${reasonOf(error, [path, url])}`);
  });
  if (!("default" in module)) {
    throw new UsageError(`Cannot find a chain in ${isName ? config : "the module"}: expected a default export`);
  }
  return validateChain(module.default);
}

function reasonOf(error: unknown, specifiers: readonly string[]): string {
  const { code, message } = Object(error) as { code?: unknown; message?: unknown };
  const text = String(message);
  const unread = /^Requires read access to "([^"]+)"/.exec(text)?.[1];
  if (unread !== undefined) return `reading it needs --allow-read=${shownPath(unread)}`;
  if (code === "ERR_UNKNOWN_FILE_EXTENSION") {
    return "this version of Node.js cannot run TypeScript: use Node.js 22.18 or newer, Deno or Bun, " +
      "or write the chain in JavaScript and pass --config chain.config.mjs";
  }
  const missing = code === "ERR_MODULE_NOT_FOUND"
    ? /^(?:Module not found|Cannot find module|Cannot find package|Import) ["']([^"'\n]+)/.exec(text)?.[1]
    : undefined;
  if (missing === undefined) return thrownText(error);
  return specifiers.includes(missing)
    ? "the file does not exist: pass the path of the chain's module with --config"
    : `Module not found${
      /^(file:|\.*\/|[@\w])[\w@./-]*$/.test(missing) ? ` "${nameOf(missing)}"` : ""
    }, which it imports`;
}

function nameOf(specifier: string): string {
  return /^(file:|\/)/.test(specifier) ? shownPath(specifier) : specifier;
}
