import { andThen } from "../core/chain/eventually.ts";
import type { OptionTypes } from "../core/chain/option_types.ts";
import { isRefusal } from "../core/chain/outcome.ts";
import type { StoreFactory } from "../core/chain/store.ts";
import { storeKind } from "../core/chain/store_kind.ts";
import { runtimeFiles, runtimePaths } from "../core/runtime/files.ts";
import { document } from "../core/source/document.ts";
import { refuseEmptied } from "../core/source/emptied.ts";
import { pathOption, pathProblem, readPermission } from "../core/source/file_path.ts";
import { parseDocument } from "../core/source/parse_document.ts";
import { readerIn, shownIn } from "../core/source/read_directory.ts";
import { withoutLineBreak } from "../core/source/read_file.ts";

/**
 * The options of {@linkcode file}.
 *
 * @example A network mount, whose documents a group may read
 * ```ts
 * import { file, type FileOptions } from "@alphaswarm/credentials";
 *
 * const options: FileOptions = {
 *   directory: "/mnt/state",
 *   sync: false,
 *   mode: 0o640,
 *   group: 1_000,
 * };
 * const store = file({ priority: 200, ...options });
 * ```
 * @category Stores
 */
export interface FileOptions {
  /**
   * The directory of the documents: a path, or a file URL such as `new URL("data/bootstrap", import.meta.url)`. A
   * relative path starts at the working directory.
   */
  readonly directory: string | URL;
  /** Whether files are read synchronously, which is 13 to 50 times as fast; `false` for a network mount. */
  readonly sync?: boolean;
  /** The mode of a document that is written: `0o600` unless set; at most `0o644`, and at least the owner's read. */
  readonly mode?: number;
  /** The id of the group of a document that is written. */
  readonly group?: number;
}

function modeProblem(mode: unknown): string | undefined {
  if (isMode(mode)) return;
  const octal = Number.isInteger(mode) && (mode as number) >= 0 ? `0o${(mode as number).toString(8)}` : undefined;
  // Hint: the digits may have been meant as octal, as on a command line.
  if (octal && isMode(Number(`0o${mode}`))) return `${mode} is ${octal}: did you mean 0o${mode}?`;
  return `Expected a mode such as 0o600 or 0o640, at most 0o644${octal ? `, found ${octal}` : ""}`;
}

/** Whether a mode has the owner's read, at most the owner's write, at most read for others, and nothing else. */
function isMode(mode: unknown): boolean {
  return Number.isInteger(mode) && (mode as number) <= 0o644 && ((mode as number) & ~0o244) === 0o400;
}

function groupProblem(group: unknown): string | undefined {
  // Hint: 4294967295, with all bits set, means "leave the group as it is".
  if (!((group as number) >>> 0 === group && ~group)) {
    return "Expected the id of a group, from 0 to 4294967294";
  }
}

/**
 * Creates a store of JSON documents in a directory. A document is read again at most once a second, when it is asked
 * for, and is seen whole while others replace or rewrite it. A directory that does not exist is a miss with a detail
 * that says so; a link that leads out of the directory is `invalid`. A document may be plain text too (`text: true` in
 * a mapping): a byte order mark and one line break at its end are dropped. An empty file is `invalid`, or absent as
 * plain text. Since a plain text that was emptied may be in the middle of being written, its previous value is used for
 * a minute, `degraded`.
 *
 * @example A directory that the deployment may choose
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
  readsFiles: true,
  text: true,
  local: true,
  uses: [runtimeFiles],
  options: {
    directory: "string|object",
    sync: "boolean|undefined",
    mode: "number|undefined",
    group: "number|undefined",
  } satisfies OptionTypes<FileOptions>,
  checks: { directory: pathProblem, mode: modeProblem, group: groupProblem },
  permissions: (_, { directory }) => readPermission("directory", directory),
  write: "files",
  open: ({ directory, sync = true }: FileOptions, { files, asyncFiles, clock, declared }) => {
    const source = sync ? files : asyncFiles;
    if (!source) return undefined;
    const path = pathOption("directory", directory, declared.directory);
    if (isRefusal(path)) return path;
    const place = { path, declared: declared.directory ?? path, ...runtimePaths };
    const read = readerIn(source, place);
    const checkEmptied = refuseEmptied(clock);
    return (name, context) =>
      andThen(read(name, context), (given) => {
        const shown = shownIn(place, name);
        const text = context.text ? checkEmptied(shown, given) : given;
        if (typeof text !== "string") return text;
        return context.text ? withoutLineBreak(text) : parseDocument(shown, text);
      });
  },
});
