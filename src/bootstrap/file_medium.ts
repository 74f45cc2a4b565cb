import { type Clock, MAX_FILE_BYTES } from "../core/chain/host.ts";
import { invalid, isRefusal, type Refusal } from "../core/chain/outcome.ts";
import { guarded, textOf } from "../core/runtime/disk.ts";
import type { NodeFs } from "../core/runtime/globals.ts";
import { type Directory, parseDocument } from "../core/source/read_file.ts";
import { commit, type Ownership } from "./commit.ts";
import type { ChangeOptions, Contents, Lock, Medium } from "./medium.ts";
import { MintLock } from "./mint_lock.ts";
import { holdsNothing } from "./member.ts";
import { locate, locateOrCreate } from "./place.ts";

/** What a file medium needs. */
export interface FileDeps {
  readonly fs: NodeFs;
  readonly clock: Clock;
  readonly directory: Directory;
  readonly ownership: Ownership;
}

/** One JSON document in a directory. */
export class FileMedium implements Medium {
  readonly #deps: FileDeps;
  readonly #name: string;
  readonly #lock: MintLock;

  constructor(deps: FileDeps, name: string) {
    this.#deps = deps;
    this.#name = name;
    this.#lock = new MintLock(deps.fs, deps.clock, deps.ownership);
  }

  read(): Contents | Refusal {
    return this.#guarded(({ fs, directory }) => {
      const place = locate(fs, directory, this.#name);
      const text = place && textOf(fs, place.path);
      if (text === undefined) return { value: undefined };
      if (text.trim() === "") return { value: undefined, text };
      const value = parseDocument(this.#name, text);
      if (isRefusal(value)) return value;
      // Hint: to a walk, a document that holds nothing is a miss.
      if (holdsNothing(value)) return { value: undefined, text };
      if (typeof value === "object" && value !== null && !Array.isArray(value)) return { value, text };
      return invalid(`${this.#name} is not a JSON object`);
    });
  }

  replace(before: Contents, after: object, { exclusive }: ChangeOptions): boolean | Refusal {
    const text = textOfDocument(after);
    if (text === undefined || new TextEncoder().encode(text).length > MAX_FILE_BYTES) {
      return invalid(`${this.#name} would be larger than ${MAX_FILE_BYTES / 1024} KiB`);
    }
    return this.#guarded(({ fs, directory, ownership }) =>
      commit(fs, locateOrCreate(fs, directory, this.#name), { before: before.text, after: text, exclusive, ownership })
    );
  }

  lock(): Lock | Refusal | undefined {
    return this.#guarded(({ fs, directory }) => this.#lock.take(locateOrCreate(fs, directory, this.#name)));
  }

  #guarded<T>(run: (deps: FileDeps) => T): T | Refusal {
    return guarded(this.#deps.directory.declared, () => run(this.#deps));
  }
}

function textOfDocument(value: object): string | undefined {
  try {
    // Hint: to a reader, U+FFFD is what is left of invalid UTF-8.
    return `${JSON.stringify(value, null, 2)}\n`.replaceAll("\uFFFD", "\\ufffd");
  } catch {
    // Hint: what is nested some ten thousand times is longer than a string can be, for its indentation.
    return undefined;
  }
}
