import { andThen, type MaybePromise } from "../eventually.ts";
import { invalid, isRefusal, type Refusal } from "../outcome.ts";
import { present } from "../shapes/shape.ts";
import { variables } from "../shapes/variables.ts";
import { readAbsolute } from "./reading.ts";
import { defineStore, type StoreFactory, type Surroundings } from "./store.ts";

/** The options of `env`. @category Stores */
export interface EnvOptions {
  /** Whether `NAME_FILE` may name a file that holds the value, as Docker's images do it. */
  readonly files?: boolean;
}

/**
 * A store of environment variables, or of a Worker's bindings (a Secrets Store's included). What it says counts until
 * it is invalidated.
 *
 * @example
 * ```ts
 * import { env } from "@alphaswarm/credentials";
 *
 * const store = env({ priority: 100 });
 * ```
 * @category Stores
 */
export const env: StoreFactory<"variables", EnvOptions> = /* @__PURE__ */ defineStore({
  kind: "env",
  shape: variables,
  recheck: Infinity,
  local: true,
  variable: (prefix, field) => prefix + field.toUpperCase(),
  permissions: (reads, { files }) => ({ env: files ? reads.flatMap((name) => [name, `${name}_FILE`]) : reads }),
  open: ({ files }: EnvOptions, around) => files ? (name) => readEither(name, around) : around.variable,
});

type Text = string | undefined | Refusal;

function readEither(name: string, { variable, files }: Surroundings): MaybePromise<Text> {
  return andThen(
    variable(name),
    (value) =>
      isRefusal(value) ? value : andThen(variable(`${name}_FILE`), (path): MaybePromise<Text> => {
        if (isRefusal(path) || !present(path)) return isRefusal(path) ? path : value;
        if (present(value)) return invalid(`${name} and ${name}_FILE are both set: expected one`);
        if (!files) return invalid(`${name}_FILE is set, and this runtime has no files`);
        return andThen(
          readAbsolute(files, path!, `${name}_FILE`),
          (text) => text ?? invalid(`${name}_FILE leads nowhere`),
        );
      }),
  );
}
