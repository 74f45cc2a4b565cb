import { andThen } from "../core/chain/eventually.ts";
import { namesOf, type OptionTypes, wrongType } from "../core/chain/option_types.ts";
import { isRefusal } from "../core/chain/outcome.ts";
import type { StoreFactory } from "../core/chain/store.ts";
import { storeKind } from "../core/chain/store_kind.ts";
import { runtimeFiles } from "../core/runtime/files.ts";
import { document } from "../core/source/document.ts";
import { parseDocument, readWithin } from "../core/source/read_file.ts";

/** The options of `file`. @category Stores */
export interface FileOptions {
  /** The directory of the documents; a relative one is taken from the working directory. */
  readonly directory: string;
  /** Whether files are read synchronously, which is 13 to 50 times as fast; `false` for a network mount. */
  readonly sync?: boolean;
  /** The mode of a document that is written, for example `0o640`; `0o600` unless set. */
  readonly mode?: number;
  /** The id of the group of a document that is written. */
  readonly group?: number;
}

const TYPES: OptionTypes<FileOptions> = {
  directory: "string",
  sync: "boolean|undefined",
  mode: "number|undefined",
  group: "number|undefined",
};

/**
 * Creates a store of JSON documents in a directory. A document is read again at most once a second, when it is asked for.
 *
 * @example
 * ```ts
 * import { file, fromEnv } from "@alphaswarm/credentials";
 *
 * const store = file({ priority: 200, directory: fromEnv("STATE_DIR", "data/bootstrap") });
 * ```
 * @category Stores
 */
export const file: StoreFactory<"document", FileOptions> = /* @__PURE__ */ storeKind({
  kind: "file",
  shape: document,
  recheck: 1_000,
  local: true,
  uses: [runtimeFiles],
  options: /* @__PURE__ */ namesOf(TYPES),
  permissions: (_, { directory }) => ({ read: [directory] }),
  write: "files",
  open: (options: FileOptions, { files, asyncFiles, declared }) => {
    const wrong = wrongType(options, TYPES);
    if (wrong) return wrong;
    const { directory, sync = true } = options;
    const source = sync ? files : asyncFiles;
    if (!source) return undefined;
    const place = { path: directory, declared: declared.directory ?? directory };
    return (name) =>
      andThen(
        readWithin(source, place, name),
        (text) => text === undefined || isRefusal(text) ? text : parseDocument(name, text),
      );
  },
});
