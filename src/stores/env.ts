import { andThen, type MaybePromise } from "../core/chain/eventually.ts";
import { namesOf, type OptionTypes, wrongType } from "../core/chain/option_types.ts";
import { invalid, isRefusal, type Refusal } from "../core/chain/outcome.ts";
import type { StoreFactory } from "../core/chain/store.ts";
import { storeKind } from "../core/chain/store_kind.ts";
import type { Surroundings } from "../core/chain/store_spec.ts";
import { runtimeFiles } from "../core/runtime/files.ts";
import { readAbsolute } from "../core/source/read_file.ts";
import { present } from "../core/source/mapping.ts";
import { variables } from "../core/source/variables.ts";

/** The options of `env`. @category Stores */
export interface EnvOptions {
  /** Whether `NAME_FILE` may name a file that holds the value, as in many Docker images. */
  readonly files?: boolean;
}

const TYPES: OptionTypes<EnvOptions> = { files: "boolean|undefined" };

/**
 * Creates a store of environment variables, or of a Worker's bindings (a Secrets Store's included). An answer is used
 * until it is invalidated.
 *
 * @example
 * ```ts
 * import { env } from "@alphaswarm/credentials";
 *
 * const store = env({ priority: 100 });
 * ```
 * @category Stores
 */
export const env: StoreFactory<"variables", EnvOptions> = /* @__PURE__ */ storeKind({
  kind: "env",
  shape: variables,
  recheck: Infinity,
  local: true,
  uses: [runtimeFiles],
  options: /* @__PURE__ */ namesOf(TYPES),
  variable: (prefix, field) => prefix + field.toUpperCase(),
  permissions: (reads, { files }) => ({ env: files ? reads.flatMap((name) => [name, `${name}_FILE`]) : reads }),
  open: (options: EnvOptions, surroundings) =>
    wrongType(options, TYPES) ?? (options.files ? (name) => readEither(name, surroundings) : surroundings.variable),
});

type Text = string | undefined | Refusal;

function readEither(name: string, { variable, files }: Surroundings): MaybePromise<Text> {
  return andThen(
    variable(name),
    (value) =>
      isRefusal(value) ? value : andThen(variable(`${name}_FILE`), (path): MaybePromise<Text> => {
        if (isRefusal(path) || !present(path)) return isRefusal(path) ? path : value;
        if (present(value)) return invalid(`${name} and ${name}_FILE are both set: expected only one of them`);
        if (!files) return invalid(`${name}_FILE is set, and this runtime has no files: set ${name} instead`);
        return andThen(
          readAbsolute(files, path!, `${name}_FILE`),
          (text) => text ?? invalid(`${name}_FILE names a file that does not exist`),
        );
      }),
  );
}
