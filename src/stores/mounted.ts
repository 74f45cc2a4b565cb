import { andThen, type MaybePromise } from "../core/chain/eventually.ts";
import type { Files } from "../core/chain/host.ts";
import { namesOf, type OptionTypes, wrongType } from "../core/chain/option_types.ts";
import { isRefusal, type Refusal, unavailable } from "../core/chain/outcome.ts";
import type { StoreFactory } from "../core/chain/store.ts";
import { storeKind } from "../core/chain/store_kind.ts";
import type { Context } from "../core/chain/store_spec.ts";
import { runtimeFiles } from "../core/runtime/files.ts";
import { type Directory, readWithin, withoutLineBreak } from "../core/source/read_file.ts";
import { variables } from "../core/source/variables.ts";

/** The options of `mounted`. @category Stores */
export interface MountedOptions {
  /** The directory, such as `/run/secrets`; a relative one is taken from the working directory. */
  readonly directory: string;
  /** Whether files are read synchronously, which is 13 to 50 times as fast; `false` for a network mount. */
  readonly sync?: boolean;
}

const TYPES: OptionTypes<MountedOptions> = { directory: "string", sync: "boolean|undefined" };

type Text = string | undefined | Refusal;

/**
 * Creates a store of mounted secrets, one file for each value: Docker's `/run/secrets`, a Kubernetes volume. The fields
 * of one credential are read from one version of the volume.
 *
 * @example
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
  local: true,
  uses: [runtimeFiles],
  options: /* @__PURE__ */ namesOf(TYPES),
  permissions: (_, { directory }) => ({ read: [directory] }),
  open: (options: MountedOptions, { files, asyncFiles, declared }) => {
    const wrong = wrongType(options, TYPES);
    if (wrong) return wrong;
    const { directory, sync = true } = options;
    const source = sync ? files : asyncFiles;
    if (!source) return undefined;
    const place = { path: directory, declared: declared.directory ?? directory };
    const versions = new WeakMap<object, MaybePromise<Version>>();
    return (name, context: Context) => {
      let version = versions.get(context);
      if (version === undefined) versions.set(context, version = versionOf(source, place));
      return andThen(version, (current) => readIn(source, current, name));
    };
  },
});

interface Version extends Directory {
  /** The link that selects it among several, as `..data` of a Kubernetes volume does. */
  readonly link?: string;
}

function versionOf(files: Files, directory: Directory): MaybePromise<Version> {
  const link = `${directory.path}/..data`;
  return andThen(
    files.realPath(link),
    (real) => typeof real === "string" ? { ...directory, path: real, link } : directory,
  );
}

function readIn(files: Files, version: Version, name: string): MaybePromise<Text> {
  return andThen(readWithin(files, version, name), (text): MaybePromise<Text> => {
    if (typeof text === "string") return withoutLineBreak(text);
    if (isRefusal(text) || !version.link) return text;
    return andThen(
      isCurrent(files, version.path, version.link),
      (current) => current ? undefined : unavailable("the volume kept changing while it was read", { transient: true }),
    );
  });
}

// Hint: the files of an old version are removed before its directory.
function isCurrent(files: Files, path: string, link: string): MaybePromise<boolean> {
  return andThen(
    files.info(path),
    (info) => info !== undefined && andThen(files.realPath(link), (real) => real === path),
  );
}
