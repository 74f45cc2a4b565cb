import { andThen } from "../eventually.ts";
import { invalid, isRefusal } from "../outcome.ts";
import { document } from "../shapes/document.ts";
import { readWithin } from "./reading.ts";
import { defineStore, type StoreFactory } from "./store.ts";

/** The options of `file`. @category Stores */
export interface FileOptions {
  /** The directory of the documents; a relative one is taken from the working directory. */
  readonly directory: string;
  /** Whether files are read at once, which is 13 to 50 times as fast; `false` for a network mount. */
  readonly sync?: boolean;
  /** The mode of a document that is written, for example `0o640`; `0o600` unless this says otherwise. */
  readonly mode?: number;
  /** The id of the group that a document is given to when it is written. */
  readonly group?: number;
}

/**
 * A store of JSON documents in a directory. A document is read again once a second at most, when it is asked for.
 *
 * @example
 * ```ts
 * import { file, fromEnv } from "@alphaswarm/credentials";
 *
 * const store = file({ priority: 200, directory: fromEnv("STATE_DIR", "data/bootstrap") });
 * ```
 * @category Stores
 */
export const file: StoreFactory<"document", FileOptions> = /* @__PURE__ */ defineStore({
  kind: "file",
  shape: document,
  recheck: 1_000,
  local: true,
  permissions: (_, { directory }) => ({ read: [directory] }),
  write: "files",
  open: ({ directory, sync = true }: FileOptions, { files, slowFiles, declared }) => {
    const reading = sync ? files : slowFiles;
    if (!reading) return undefined;
    const place = { path: directory, declared: declared.directory ?? directory };
    return (name) =>
      andThen(
        readWithin(reading, place, name),
        (text) => text === undefined || isRefusal(text) ? text : parseDocument(name, text),
      );
  },
});

/** What a JSON text says; one that is cut off may be in the middle of being written. */
export function parseDocument(name: string, text: string): unknown {
  const json = text.replace(/^\uFEFF/, "");
  try {
    return JSON.parse(json);
  } catch (error) {
    const what = json.trim() === "" ? "is empty" : `is no JSON${place(json, error)}`;
    return invalid(`${name} ${what}: expected a JSON object`, { unsettled: true });
  }
}

// Hint: only the position is taken from the message, and only from its end, since the rest quotes the text.
function place(text: string, error: unknown): string {
  const { message } = error as Error;
  const at = /end of JSON input$/.test(message)
    ? text.length
    : Number(/position (\d+)(?: \([^)]*\))?$/.exec(message)?.[1]);
  if (!(at <= text.length)) return "";
  const before = text.slice(0, at).split("\n");
  return ` at line ${before.length}, column ${before.at(-1)!.length + 1}`;
}
