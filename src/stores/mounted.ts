import { andThen } from "../core/chain/eventually.ts";
import type { OptionTypes } from "../core/chain/option_types.ts";
import { isRefusal } from "../core/chain/outcome.ts";
import type { StoreFactory } from "../core/chain/store.ts";
import { storeKind } from "../core/chain/store_kind.ts";
import { runtimeFiles, runtimePaths } from "../core/runtime/files.ts";
import { refuseEmptied } from "../core/source/emptied.ts";
import { pathOption, pathProblem, readPermission } from "../core/source/file_path.ts";
import { readerIn, shownIn } from "../core/source/read_directory.ts";
import { withoutLineBreak } from "../core/source/read_file.ts";
import { variables } from "../core/source/variables.ts";

/**
 * The options of {@linkcode mounted}.
 *
 * @example A directory beside the program
 * ```ts
 * import { mounted, type MountedOptions } from "@alphaswarm/credentials";
 *
 * const options: MountedOptions = { directory: new URL("secrets", import.meta.url) };
 * const store = mounted({ priority: 150, ...options });
 * ```
 * @category Stores
 */
export interface MountedOptions {
  /**
   * The directory, such as `/run/secrets`: a path, or a file URL such as `new URL("secrets", import.meta.url)`. A
   * relative path starts at the working directory.
   */
  readonly directory: string | URL;
  /** Whether files are read synchronously, which is 13 to 50 times as fast; `false` for a network mount. */
  readonly sync?: boolean;
}

/**
 * Creates a store of mounted secrets, one file for each value: Docker's `/run/secrets`, a Kubernetes volume. The fields
 * of one credential are read from one version of the directory, even if that is a link, and a partial identity stops
 * the walk. One line break at the end of a file and a byte order mark are dropped. A link that leads out of the
 * directory is `invalid`. Kubernetes never updates what it mounts with `subPath`, so mount the whole volume.
 *
 * A file that was emptied may be in the middle of being written: its previous value is used for a minute, `degraded`;
 * then it is absent, like a file that was removed. A program that starts in that moment knows no previous value, and
 * asks the next store; so write a new file beside the old one, and rename it over that.
 *
 * @example Docker's secrets
 * ```ts
 * import { mounted } from "@alphaswarm/credentials";
 *
 * const store = mounted({ priority: 150, directory: "/run/secrets" });
 * ```
 * @category Stores
 */
export const mounted: StoreFactory<"variables", MountedOptions> = /* @__PURE__ */ storeKind({
  kind: "mounted",
  shape: variables,
  recheck: 1_000,
  readsFiles: true,
  onIncomplete: "stop",
  local: true,
  uses: [runtimeFiles],
  options: { directory: "string|object", sync: "boolean|undefined" } satisfies OptionTypes<MountedOptions>,
  checks: { directory: pathProblem },
  permissions: (_, { directory }) => readPermission("directory", directory),
  open: ({ directory, sync = true }: MountedOptions, { files, asyncFiles, clock, declared }) => {
    const source = sync ? files : asyncFiles;
    if (!source) return undefined;
    const path = pathOption("directory", directory, declared.directory);
    if (isRefusal(path)) return path;
    const place = { path, declared: declared.directory ?? path, volume: true, ...runtimePaths };
    const read = readerIn(source, place);
    const checkEmptied = refuseEmptied(clock);
    return (name, context) =>
      andThen(read(name, context), (given) => {
        const text = checkEmptied(shownIn(place, name), given);
        return typeof text === "string" ? withoutLineBreak(text) : text;
      });
  },
});
