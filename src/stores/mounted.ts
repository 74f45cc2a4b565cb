import { andThen, type MaybePromise } from "../eventually.ts";
import type { Files } from "../host.ts";
import { isRefusal, type Refusal, unavailable } from "../outcome.ts";
import { variables } from "../shapes/variables.ts";
import { type Directory, lessLineBreak, readWithin } from "./reading.ts";
import { type Context, defineStore, type StoreFactory } from "./store.ts";

/** The options of `mounted`. @category Stores */
export interface MountedOptions {
  /** The directory, such as `/run/secrets`; a relative one is taken from the working directory. */
  readonly directory: string;
  /** Whether files are read at once, which is 13 to 50 times as fast; `false` for a network mount. */
  readonly sync?: boolean;
}

type Text = string | undefined | Refusal;

/**
 * A store of mounted secrets, one file a value: Docker's `/run/secrets`, a Kubernetes volume. The fields of one
 * credential are read from one version of the volume.
 *
 * @example
 * ```ts
 * import { mounted } from "@alphaswarm/credentials";
 *
 * const store = mounted({ priority: 150, directory: "/run/secrets" });
 * ```
 * @category Stores
 */
export const mounted: StoreFactory<"variables", MountedOptions> = /* @__PURE__ */ defineStore({
  kind: "mounted",
  shape: variables,
  recheck: 1_000,
  local: true,
  permissions: (_, { directory }) => ({ read: [directory] }),
  open: ({ directory, sync = true }: MountedOptions, { files, slowFiles, declared }) => {
    const reading = sync ? files : slowFiles;
    if (!reading) return undefined;
    const place = { path: directory, declared: declared.directory ?? directory };
    const versions = new WeakMap<object, MaybePromise<Version>>();
    return (name, context: Context) => {
      let version = versions.get(context);
      if (version === undefined) versions.set(context, version = versionOf(reading, place));
      return andThen(version, (version) => readIn(reading, version, name));
    };
  },
});

interface Version extends Directory {
  /** Whether it is one of several that a link chooses from, as a Kubernetes volume's `..data` does. */
  readonly linked: boolean;
}

function versionOf(files: Files, directory: Directory): MaybePromise<Version> {
  return andThen(
    files.realPath(`${directory.path}/..data`),
    (real) => typeof real === "string" ? { ...directory, path: real, linked: true } : { ...directory, linked: false },
  );
}

function readIn(files: Files, version: Version, name: string): MaybePromise<Text> {
  return andThen(readWithin(files, version, name), (text): MaybePromise<Text> => {
    if (typeof text === "string") return lessLineBreak(text);
    if (isRefusal(text) || !version.linked) return text;
    return andThen(
      files.info(version.path),
      (info) =>
        info === undefined ? unavailable("the volume was swapped while it was read", { unsettled: true }) : undefined,
    );
  });
}
