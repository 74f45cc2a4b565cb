import { invalid, isRefusal, type Refusal } from "../outcome.ts";
import { parseDocument } from "../stores/file.ts";
import { type Directory, LARGEST } from "../stores/reading.ts";
import type { Clock } from "../host.ts";
import { commit, type Ownership } from "./commit.ts";
import { type Disk, guarded, textOf } from "./disk.ts";
import type { ChangeOptions, Contents, Lock, Medium } from "./medium.ts";
import { MintLock } from "./mint_lock.ts";
import { locate, settle } from "./place.ts";

/** What a file medium stands on. */
export interface FileGround {
  readonly fs: Disk;
  readonly clock: Clock;
  readonly directory: Directory;
  readonly ownership: Ownership;
}

/** One JSON document in a directory. */
export class FileMedium implements Medium {
  readonly #ground: FileGround;
  readonly #name: string;
  readonly #lock: MintLock;

  constructor(ground: FileGround, name: string) {
    this.#ground = ground;
    this.#name = name;
    this.#lock = new MintLock(ground.fs, ground.clock, ground.ownership);
  }

  read(): Contents | Refusal {
    return this.#guarded(({ fs, directory }) => {
      const place = locate(fs, directory, this.#name);
      const text = place && textOf(fs, place.path);
      if (text === undefined) return { value: undefined };
      if (text.trim() === "") return { value: undefined, text };
      const value = parseDocument(this.#name, text);
      if (isRefusal(value)) return value;
      if (typeof value === "object" && value !== null && !Array.isArray(value)) return { value, text };
      return invalid(`${this.#name} is no JSON object`);
    });
  }

  replace(before: Contents, after: object, { exclusive }: ChangeOptions): boolean | Refusal {
    // Hint: a reader takes U+FFFD for what is left of something that was no UTF-8.
    const text = `${JSON.stringify(after, null, 2)}\n`.replaceAll("\uFFFD", "\\ufffd");
    if (new TextEncoder().encode(text).length > LARGEST) {
      return invalid(`${this.#name} would be larger than ${LARGEST / 1024} KiB`);
    }
    return this.#guarded(({ fs, directory, ownership }) =>
      commit(fs, settle(fs, directory, this.#name), { before: before.text, after: text, exclusive, ownership })
    );
  }

  lock(): Lock | Refusal | undefined {
    return this.#guarded(({ fs, directory }) => this.#lock.take(settle(fs, directory, this.#name)));
  }

  #guarded<T>(run: (ground: FileGround) => T): T | Refusal {
    return guarded(this.#ground.directory.declared, () => run(this.#ground));
  }
}
