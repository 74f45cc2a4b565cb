import { resolve } from "node:path";
import { workingDirectory } from "../core/runtime/globals.ts";
import { UsageError } from "./command.ts";
import { withoutControls } from "./quoted.ts";

/** The path of the chain's module without `--config`. */
export const DEFAULT_CONFIG = "./chain.config.ts";

/** Where the chain's module is. */
export interface ConfigPath {
  /** The absolute path. */
  readonly path: string;
  /** What a message calls it: the path as it was given, or `the chain`. */
  readonly shown: string;
  /** Whether `shown` is the path. */
  readonly isNamed: boolean;
}

/**
 * Checks the path of a chain's module.
 *
 * @param config The path, relative to the working directory.
 * @param verb What is done with it.
 * @returns The path.
 * @throws {UsageError} If it is not the path of a TypeScript or JavaScript module or, with `write`, of an ES module
 * whose name a message may show.
 */
export function configPath(config: string, verb: "load" | "write"): ConfigPath {
  const isModule = /\.[cm]?[jt]s$/.test(config);
  // Hint: anything but the name of a file may be a secret that was pasted in the wrong place.
  const isNamed = /^([a-z]:(?=[\\/]))?[^:?]*$/i.test(config);
  const expected = `a TypeScript or JavaScript module, such as ${DEFAULT_CONFIG}`;
  if (/^[a-z][\w+.-]*:\/\//i.test(config)) {
    throw new UsageError(`Cannot ${verb} the chain: --config is a URL, expected the path of ${expected}`);
  }
  if (!isModule) {
    const shown = isNamed && /^$|\.(jsonc?|ya?ml|toml|[jt]sx)$/.test(config) ? `"${config}"` : "the chain";
    throw new UsageError(`Cannot ${verb} ${shown}: expected ${expected}`);
  }
  if (verb === "write" && /\.c[jt]s$/.test(config)) {
    throw new UsageError(
      "Cannot write the chain, which is an ES module: expected a name that ends with .ts, .mts, .js or .mjs",
    );
  }
  if (verb === "write" && (!isNamed || withoutControls(config) !== config)) {
    throw new UsageError(`Cannot write the chain: expected a name without ":", "?" or control characters`);
  }
  return { path: resolve(workingDirectory() ?? "", config), shown: isNamed ? config : "the chain", isNamed };
}
