import { combineRefusals } from "../core/chain/errors.ts";
import { andThen, type MaybePromise } from "../core/chain/eventually.ts";
import type { OptionTypes } from "../core/chain/option_types.ts";
import { invalid, isRefusal, type Refusal } from "../core/chain/outcome.ts";
import type { Store, StoreFactory } from "../core/chain/store.ts";
import { storeKind } from "../core/chain/store_kind.ts";
import type { Context, StoreSpec, Surroundings } from "../core/chain/store_spec.ts";
import { syncFiles } from "../core/runtime/files.ts";
import { readAbsolute, type RealPaths } from "../core/source/read_file.ts";
import { present } from "../core/source/mapping.ts";
import type { Notes } from "../core/source/reader.ts";
import { variables } from "../core/source/variables.ts";

/**
 * The options of {@linkcode env}.
 *
 * @example Docker's convention: `NEO4J_PASSWORD_FILE` names a file
 * ```ts
 * import { createResolver, defineChain, env, type EnvOptions, required } from "@alphaswarm/credentials";
 * import { testHost } from "@alphaswarm/credentials/testing";
 *
 * const options: EnvOptions = { files: true };
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100, ...options }) },
 *   credentials: {
 *     "neo4j:basic": { fields: { user: required() }, from: { env: { prefix: "NEO4J_" } } },
 *   },
 * });
 * const host = testHost({
 *   env: { NEO4J_USER_FILE: "/run/user" },
 *   files: { "/run/user": "reader\n" },
 * });
 * const credential = await createResolver(chain, host).resolve("neo4j:basic");
 * console.log(credential.get("user")); // "reader"
 * ```
 * @category Stores
 */
export interface EnvOptions {
  /**
   * Whether `NAME_FILE` may name a file that holds the value, as in many Docker images. Such a file is read again after a
   * second, unless `recheck` says otherwise; one line break at its end and a byte order mark are dropped. A file that does not
   * exist, or that had a value and was emptied, is `invalid`.
   */
  readonly files?: boolean;
}

const spec: StoreSpec<"variables", EnvOptions> = {
  kind: "env",
  shape: variables,
  recheck: Infinity,
  local: true,
  options: { files: "boolean|undefined" } satisfies OptionTypes<EnvOptions>,
  variable: (prefix, field) => prefix + field.toUpperCase(),
  permissions: (reads, { files }) => ({ env: files ? reads.flatMap((name) => [name, `${name}_FILE`]) : reads }),
  open: ({ files }: EnvOptions, surroundings) => {
    if (!files) return surroundings.variable;
    // Hint: an empty file that had a value may be in the middle of being written.
    const filled = new Set<string>();
    const realPaths = new WeakMap<object, RealPaths>();
    return (name, context: Context & Notes) => {
      const paths = realPaths.get(context) ?? new Map();
      realPaths.set(context, paths);
      return readEither(name, surroundings, context, paths, filled);
    };
  },
};

/**
 * Creates a store of environment variables, or of a Worker's bindings (a Secrets Store's included). A variable is used
 * until it is invalidated.
 *
 * @example The variables of the process
 * ```ts
 * import { env } from "@alphaswarm/credentials";
 *
 * const store = env({ priority: 100 });
 * ```
 * @category Stores
 */
export const env: StoreFactory<"variables", EnvOptions> = (options): Store<"variables", never> =>
  storeKind(spec, options.files ? [syncFiles] : [])(options);

/** How long a value that was read from a file is used, unless `recheck` is set. */
const FILE_RECHECK_MS = 1_000;

type Text = string | undefined | Refusal;

function readEither(
  name: string,
  { variable, files }: Surroundings,
  notes: Notes,
  paths: RealPaths,
  filled: Set<string>,
): MaybePromise<Text> {
  return andThen(
    variable(name),
    (value) =>
      andThen(variable(`${name}_FILE`), (path): MaybePromise<Text> => {
        if (isRefusal(value) || isRefusal(path)) return combineRefusals([value, path].filter(isRefusal));
        if (!present(path)) return value;
        if (present(value)) return invalid(`${name} and ${name}_FILE are both set: expected only one of them`);
        if (!files) return invalid(`${name}_FILE is set, and this runtime has no files: set ${name} instead`);
        notes.recheck = FILE_RECHECK_MS;
        return andThen(
          readAbsolute(files, path!, `${name}_FILE`, paths),
          (text) => {
            if (text && !isRefusal(text)) filled.add(name);
            const fault = text === undefined ? "does not exist" : text === "" && filled.has(name) && "was emptied";
            return fault ? invalid(`${name}_FILE names a file that ${fault}`, { transient: true }) : text;
          },
        );
      }),
  );
}
