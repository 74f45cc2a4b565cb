import { andThen, type MaybePromise } from "../eventually.ts";
import { invalid, isRefusal, type Refusal } from "../outcome.ts";
import type { Source } from "../plan.ts";
import type { Ask, RawLook } from "../shapes/shape.ts";
import type { LiveStore } from "../sources.ts";
import type { ChangeOptions, Contents, Lock, Medium } from "./medium.ts";

type RawWrite = (change: object, ask: Ask) => unknown;

/** What a store with a `write` of its own holds. */
export class StoreMedium implements Medium {
  readonly #source: Source;
  readonly #live: LiveStore;
  readonly #write: RawWrite;
  readonly #document: string | undefined;

  constructor(source: Source, live: LiveStore, write: RawWrite, document: string | undefined) {
    this.#source = source;
    this.#live = live;
    this.#write = write;
    this.#document = document;
  }

  async read(): Promise<Contents | Refusal> {
    const name = this.#document;
    const value = await this.#ask((look, ask) => name === undefined ? this.#values(look, ask) : look(name, ask));
    return isRefusal(value) ? value : { value: value as object | undefined };
  }

  async replace(before: Contents, after: object, _: ChangeOptions): Promise<boolean | Refusal> {
    const name = this.#document;
    const change = { ...(name === undefined ? {} : { name }), before: before.value, after };
    const answer = await this.#ask(async (_, ask) => {
      try {
        return await this.#write(change, ask);
      } catch (thrown) {
        return isRefusal(thrown) ? thrown : invalid("the write threw, which is a bug in the store");
      }
    });
    return isRefusal(answer) ? answer : answer !== false;
  }

  lock(): Lock {
    return { release: () => {} };
  }

  async #values(look: RawLook, ask: Ask): Promise<unknown> {
    const values: Record<string, unknown> = {};
    for (const name of this.#source.reader.reads) {
      const value = await look(name, ask);
      if (isRefusal(value)) return value;
      values[name] = value;
    }
    return values;
  }

  // Hint: in a reading's place, so that a write has a reading's timeout, needs and safety from what is thrown.
  async #ask(run: (look: RawLook, ask: Ask) => MaybePromise<unknown>): Promise<unknown> {
    const read: Source["reader"]["read"] = (look, ask) =>
      andThen(run(look, ask), (answer) => isRefusal(answer) ? answer : { values: [answer], names: [] });
    const source = { ...this.#source, reader: { ...this.#source.reader, read } };
    const { reading } = await this.#live.answer(source, source.wanted, undefined, {});
    return isRefusal(reading) ? reading : reading?.values[0];
  }
}
