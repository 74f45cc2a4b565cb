import { type FileAccess, type FileLock, MAX_FILE_BYTES, type WritableFiles } from "../core/chain/host.ts";
import { invalid, isRefusal, type Refusal } from "../core/chain/outcome.ts";
import { onWindows } from "../core/runtime/globals.ts";
import { escapes } from "../core/source/file_path.ts";
import { parseDocument } from "../core/source/parse_document.ts";
import { shownIn } from "../core/source/read_directory.ts";
import { withoutLineBreak } from "../core/source/read_file.ts";
import type { DocumentRead } from "../core/source/reader.ts";
import type { editText } from "./edit_text.ts";
import { locate } from "./locate.ts";
import { type ChangeOptions, type Contents, type Medium, WHOLE } from "./medium.ts";
import { holdsNothing } from "./member.ts";

const BYTE_ORDER_MARK = "\uFEFF";

/** What a file medium needs. */
export interface FileDeps {
  readonly files: WritableFiles;
  /** The path of the directory. */
  readonly directory: string;
  /** How the chain declares it. */
  readonly declared: string;
  readonly access: FileAccess;
}

/** One document in a directory: JSON, or a plain text. */
export class FileMedium implements Medium {
  readonly pollMs = 100;
  readonly #deps: FileDeps;
  readonly #name: string;
  readonly #isText: boolean;
  #editText: typeof editText | undefined;

  constructor(deps: FileDeps, { name, text }: Pick<DocumentRead, "name" | "text">) {
    this.#deps = deps;
    this.#name = name;
    this.#isText = text;
  }

  async read(): Promise<Contents | Refusal> {
    try {
      // Hint: imported before anything is minted, but not in a program that finds its credential.
      if (!this.#isText) this.#editText ??= (await import("./edit_text.ts")).editText;
    } catch {
      return invalid("jsonc-parser cannot be loaded: install it, or bundle its ES module (--main-fields=module,main)");
    }
    return this.#orRefusal(() => {
      const { files, directory } = this.#deps;
      const path = locate(files, directory, this.#name, false);
      const text = path === undefined ? undefined : files.text(path);
      if (isRefusal(text)) return text;
      if (text === undefined) return { value: undefined };
      if (text.trim() === "") return { value: undefined, text };
      if (this.#isText) return { value: { [WHOLE]: withoutLineBreak(text) }, text };
      const value = parseDocument(this.#name, text);
      if (isRefusal(value)) return value;
      // Hint: for a walk, a document that holds nothing is a miss.
      if (holdsNothing(value)) return { value: undefined, text };
      if (typeof value === "object" && value !== null && !Array.isArray(value)) return { value, text };
      return invalid(`${this.#name} is not a JSON object`);
    });
  }

  replace({ value, text }: Contents, after: object, { exclusive }: ChangeOptions): boolean | Refusal {
    return this.#orRefusal(() => {
      const { files, directory, access } = this.#deps;
      const edited = this.#isText ? wholeOf(after) : this.#editText!(text, value, after);
      if (edited?.startsWith(BYTE_ORDER_MARK) && this.#isText) {
        return invalid(`${this.#name} cannot begin with a byte order mark, which readers drop`);
      }
      if (edited === undefined || new TextEncoder().encode(edited).length > MAX_FILE_BYTES) {
        return invalid(`${this.#name} would be larger than ${MAX_FILE_BYTES / 1024} KiB`);
      }
      const path = locate(files, directory, this.#name, true)!;
      return files.replace(path, { before: text, after: edited, exclusive, ...access });
    });
  }

  lock(): FileLock | undefined | Refusal {
    return this.#orRefusal(() => {
      const { files, directory, access } = this.#deps;
      return files.lock(locate(files, directory, this.#name, true)!, access);
    });
  }

  /**
   * Runs something on the files. Returns a refusal that it throws, with the document's directory before its name, or a
   * refusal for anything else that a host's files throw.
   */
  #orRefusal<T>(run: () => T): T | Refusal {
    try {
      const answer = run();
      return isRefusal(answer) ? this.#located(answer) : answer;
    } catch (thrown) {
      return isRefusal(thrown) ? this.#located(thrown) : invalid("the host's files threw: fix its code");
    }
  }

  #located(refusal: Refusal): Refusal {
    const { detail } = refusal;
    if (!detail.startsWith(this.#name) || escapes(this.#name, onWindows())) return refusal;
    return { ...refusal, detail: shownIn(this.#deps, this.#name) + detail.slice(this.#name.length) };
  }
}

/** Returns a plain text as it is written: a line break at its end is doubled, since readers drop one. */
function wholeOf(after: object): string {
  return String((after as Record<string, unknown>)[WHOLE]).replace(/\r?\n$/, "$&$&");
}
