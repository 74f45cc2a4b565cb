/**
 * A store that reads a dotenv file.
 *
 * @example
 * ```ts
 * import { defineChain, env, getResolver, required } from "@alphaswarm/credentials";
 * import { dotenv } from "@alphaswarm/credentials/dotenv";
 *
 * const chain = defineChain({
 *   stores: { dotenv: dotenv({ priority: 150, path: ".env" }), env: env({ priority: 100 }) },
 *   credentials: {
 *     "neo4j:basic": {
 *       fields: { user: required(), password: required() },
 *       from: { dotenv: { prefix: "NEO4J_" }, env: { prefix: "NEO4J_" } },
 *     },
 *   },
 * });
 * console.log((await getResolver(chain).find("neo4j:basic"))?.source); // "dotenv", "env" or undefined
 * ```
 *
 * @module
 */
import { parse } from "@std/dotenv/parse";
import { andThen, type MaybePromise } from "../core/chain/eventually.ts";
import { isRefusal, type Refusal } from "../core/chain/outcome.ts";
import type { StoreFactory } from "../core/chain/store.ts";
import { storeKind } from "../core/chain/store_kind.ts";
import type { Context } from "../core/chain/store_spec.ts";
import { syncFiles, wholePath } from "../core/runtime/files.ts";
import { pathOf, readerIn, readPermission } from "../core/source/read_file.ts";
import { variables } from "../core/source/variables.ts";

/** The options of `dotenv`. @category Stores */
export interface DotenvOptions {
  /** The path of the file, or its file URL; a relative path is taken from the working directory. */
  readonly path: string | URL;
}

type Variables = Readonly<Record<string, string>>;

/**
 * Creates a store of the variables in a dotenv file. Nothing is expanded: a `$` in a value is a `$`.
 *
 * @example
 * ```ts
 * import { dotenv } from "@alphaswarm/credentials/dotenv";
 *
 * const store = dotenv({ priority: 120, path: ".env" });
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
  variable: (prefix, field) => prefix + field.toUpperCase(),
  permissions: (_, { path }) => readPermission("path", path),
  open: ({ path: given }: DotenvOptions, { files, declared }) => {
    if (!files) return undefined;
    const path = pathOf("path", given);
    if (isRefusal(path)) return path;
    const [, directory = ".", name = path] = /^(.*)[\\/]([^\\/]*)$/.exec(path) ?? [];
    const read = readerIn(files, { path: directory || "/", declared: declared.path ?? path, whole: wholePath });
    const readings = new WeakMap<object, MaybePromise<Variables | undefined | Refusal>>();
    return (variable, context: Context) => {
      let reading = readings.get(context);
      if (!readings.has(context)) {
        reading = andThen(
          read(name, context),
          (text) => typeof text === "string" ? parseDotenv(text) : text,
        );
        readings.set(context, reading);
      }
      return andThen(reading, (values) => isRefusal(values) ? values : valueOf(values, variable));
    };
  },
});

function valueOf(values: Variables | undefined, name: string): string | undefined {
  return values && Object.hasOwn(values, name) ? values[name] : undefined;
}

/** Parses the text of a dotenv file without expanding anything. */
export function parseDotenv(text: string): Readonly<Record<string, string>> {
  // Hint: the parser expands `$` in unquoted values, differently on each runtime, and never ends on `A=$A`.
  const shield = unusedCharacter(text);
  const parsed = parse(text.replace(/^\uFEFF/, "").replaceAll("$", shield));
  return Object.fromEntries(Object.entries(parsed).map(([name, value]) => [name, value.replaceAll(shield, "$")]));
}

function unusedCharacter(text: string): string {
  for (let code = 0xE000;; code++) {
    const character = String.fromCharCode(code);
    if (!text.includes(character)) return character;
  }
}
