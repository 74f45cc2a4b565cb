/**
 * A store that reads a dotenv file.
 *
 * Use it if the runtime does not load the file into the environment, or if `describe` should say which of the two a
 * value came from.
 *
 * More: [Stores](https://github.com/alphaswarm/credentials/blob/main/src/stores/README.md).
 *
 * @example A file before the environment
 * ```ts
 * import { defineChain, env, getResolver, required } from "@alphaswarm/credentials";
 * import { dotenv } from "@alphaswarm/credentials/dotenv";
 *
 * const chain = defineChain({
 *   stores: {
 *     dotenv: dotenv({ priority: 150, path: ".env" }),
 *     env: env({ priority: 100 }),
 *   },
 *   credentials: {
 *     "neo4j:basic": {
 *       fields: { user: required(), password: required() },
 *       from: { dotenv: { prefix: "NEO4J_" }, env: { prefix: "NEO4J_" } },
 *     },
 *   },
 * });
 * console.log((await getResolver(chain).find("neo4j:basic"))?.source);
 * // "dotenv", "env" or undefined
 * ```
 *
 * @module
 */
import { parse } from "@std/dotenv/parse";
import { andThen, type MaybePromise } from "../../core/chain/eventually.ts";
import type { OptionTypes } from "../../core/chain/option_types.ts";
import { invalid, isRefusal, type Refusal } from "../../core/chain/outcome.ts";
import type { StoreFactory } from "../../core/chain/store.ts";
import { storeKind } from "../../core/chain/store_kind.ts";
import type { Context } from "../../core/chain/store_spec.ts";
import { runtimePaths, syncFiles } from "../../core/runtime/files.ts";
import { refuseEmptied } from "../../core/source/emptied.ts";
import { pathOption, pathProblem, readPermission, splitPath } from "../../core/source/file_path.ts";
import { readerIn } from "../../core/source/read_directory.ts";
import { variables } from "../../core/source/variables.ts";
import { type Assignments, scan } from "./scan.ts";

/**
 * The options of `dotenv`.
 *
 * @example A file beside the module
 * ```ts
 * import { defineChain, required } from "@alphaswarm/credentials";
 * import { dotenv, type DotenvOptions } from "@alphaswarm/credentials/dotenv";
 *
 * const options: DotenvOptions = { path: new URL(".env.test", import.meta.url) };
 * const chain = defineChain({
 *   stores: { dotenv: dotenv({ priority: 100, ...options }) },
 *   credentials: {
 *     "db:user": { fields: { user: required() }, from: { dotenv: { prefix: "DB_" } } },
 *   },
 * });
 * ```
 * @category Stores
 */
export interface DotenvOptions {
  /** The path of the file, or its file URL; a relative path is taken from the working directory. */
  readonly path: string | URL;
}

const TYPES: OptionTypes<DotenvOptions> = { path: "string|object" };

/**
 * Creates a store of the variables in a dotenv file. Nothing is expanded: a `$` in a value is a `$`. A value that
 * dotenv parsers read differently is `invalid`, with its line and how to write it, and so is one that dotenvx
 * encrypted. If parsers differ about where the next assignment begins, as after a quote that is not closed, the whole
 * file is `invalid`. A file that was emptied may be in the middle of being written: for a minute what it had is used,
 * `degraded`.
 *
 * @example A file in memory
 * ```ts
 * import { createResolver, defineChain, required } from "@alphaswarm/credentials";
 * import { dotenv } from "@alphaswarm/credentials/dotenv";
 * import { testHost } from "@alphaswarm/credentials/testing";
 *
 * const chain = defineChain({
 *   stores: { dotenv: dotenv({ priority: 120, path: ".env" }) },
 *   credentials: {
 *     "db:user": { fields: { user: required() }, from: { dotenv: { prefix: "DB_" } } },
 *   },
 * });
 * const host = testHost({ files: { ".env": "DB_USER='a $ is a $'\n" } });
 * console.log((await createResolver(chain, host).resolve("db:user")).get("user"));
 * // "a $ is a $"
 * ```
 * @category Stores
 */
export const dotenv: StoreFactory<"variables", DotenvOptions> = /* @__PURE__ */ storeKind({
  kind: "dotenv",
  shape: variables,
  recheck: 1_000,
  readsFiles: true,
  local: true,
  uses: [syncFiles],
  options: TYPES,
  checks: { path: pathProblem },
  variable: (prefix, field) => prefix + field.toUpperCase(),
  permissions: (_, { path }) => readPermission("path", path),
  open: ({ path: given }: DotenvOptions, { files, clock, declared }) => {
    if (!files) return undefined;
    const path = pathOption("path", given, declared.path);
    if (isRefusal(path)) return path;
    const { directory, name } = splitPath(path, runtimePaths.onWindows());
    const file = declared.path ?? path;
    const read = readerIn(files, { path: directory, declared: file, file, ...runtimePaths });
    const checkEmptied = refuseEmptied(clock);
    const readings = new WeakMap<object, MaybePromise<Assignments | undefined | Refusal>>();
    return (variable, context: Context) => {
      let reading = readings.get(context);
      if (!readings.has(context)) {
        reading = andThen(read(name, context), (given) => {
          const text = checkEmptied(file, given);
          return typeof text === "string" ? scan(text, file) : text;
        });
        readings.set(context, reading);
      }
      return andThen(reading, (values) => {
        if (isRefusal(values)) return values;
        const value = values?.get(variable);
        return typeof value === "string" ? confirmed(variable, value) : value;
      });
    };
  },
});

/** Returns a value if the dotenv parser of Deno's standard library reads it too. */
function confirmed(name: string, value: string): string | Refusal {
  // Hint: the parser may expand `$`, differently in each version.
  const shield = unusedCharacter(value);
  const { VALUE } = parse(`VALUE=${inQuotes(value.replaceAll("$", shield))}`);
  // Hint: on Bun the parser's pattern gives up on a value of some hundred thousand characters.
  return VALUE?.replaceAll(shield, "$") === value
    ? value
    : invalid(`${name} is read differently by this version of @std/dotenv: use another version, or a shorter value`);
}

// Hint: parsers differ about a line break next to a quote, and agree about \n in double quotes.
function inQuotes(value: string): string {
  return /["\\]/.test(value) ? `'${value}'` : `"${value.replaceAll("\n", "\\n")}"`;
}

function unusedCharacter(text: string): string {
  for (let code = 0xE000;; code++) {
    const character = String.fromCharCode(code);
    if (!text.includes(character)) return character;
  }
}
