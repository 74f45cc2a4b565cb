import { invalid, isRefusal, type Refusal } from "../core/chain/outcome.ts";
import { type Perform, performOn } from "../core/engine/perform.ts";
import type { PlannedSource } from "../core/engine/verdict.ts";
import type { LookUpContext, UntypedLook } from "../core/source/reader.ts";
import type { ChangeOptions, Contents, Lock, Medium } from "./medium.ts";

type RawWrite = (change: object, context: LookUpContext) => unknown;

/** A store with its own `write`. */
export class StoreMedium implements Medium {
  readonly #perform: Perform;
  readonly #source: PlannedSource;
  readonly #write: RawWrite;

  constructor(resolver: object, source: PlannedSource, write: RawWrite) {
    this.#perform = performOn(resolver, source);
    this.#source = source;
    this.#write = write;
  }

  async read(): Promise<Contents | Refusal> {
    const { document, reads } = this.#source.reader;
    const value = await this.#perform<unknown>((look, context) =>
      document ? look(document.name, context) : readValues(reads, look, context)
    );
    return isRefusal(value) ? value : { value: value as object | undefined };
  }

  async replace(before: Contents, after: object, _: ChangeOptions): Promise<boolean | Refusal> {
    const { document } = this.#source.reader;
    const change = { ...(document && { name: document.name }), before: before.value, after };
    const answer = await this.#perform<unknown>(async (_, context) => {
      try {
        return await this.#write(change, context);
      } catch (thrown) {
        return isRefusal(thrown) ? thrown : invalid("its write() threw: fix the store's code");
      }
    });
    return isRefusal(answer) ? answer : answer !== false;
  }

  lock(): Lock {
    return { release: () => {} };
  }
}

async function readValues(names: readonly string[], look: UntypedLook, context: LookUpContext): Promise<unknown> {
  const values: Record<string, unknown> = {};
  for (const name of names) {
    const value = await look(name, context);
    if (isRefusal(value)) return value;
    values[name] = value;
  }
  return values;
}
