import { ignoreRejection, type MaybePromise } from "../chain/eventually.ts";
import { invalid, isRefusal, type Refusal, unavailable } from "../chain/outcome.ts";
import { readText, type Reference } from "../chain/reference.ts";
import { type Need, unmet } from "./answer.ts";
import type { Call } from "./call.ts";
import { Countdown } from "./countdown.ts";
import type { LookUpContext, Notes } from "./reader.ts";
import type { Deps, StorePlan } from "./source.ts";

/** Something that is done with a look-up in its context. */
export type Operation<T> = (context: LookUpContext) => MaybePromise<T | Refusal>;

/** The result of an operation. */
export interface Reply<T> extends Readonly<Notes> {
  readonly answer: T | Refusal;
  readonly needs: readonly Need[];
  /** How long it was awaited, in milliseconds; absent where it was not awaited. */
  readonly ms: number | undefined;
  /** When a further try began, where that gave the answer. */
  readonly retriedAt?: number | undefined;
}

/** A store, and what it needs of its resolver. */
export interface Asked {
  readonly store: StorePlan;
  readonly deps: Deps;
}

const NO_NEEDS: readonly Need[] = [];

// Hint: its own reply, since most look-ups answer synchronously.
/** One try: the context of its look-ups, and its reply. */
export class Attempt<T> implements LookUpContext, Reply<T> {
  readonly #asked: Asked;
  readonly #call: Call;
  readonly #resolved: readonly Need[];
  #controller: AbortController | undefined;
  /** Runs once the operation is awaited, except while it waits for a need. */
  #countdown: Countdown | undefined;
  #pendingNeeds = 0;
  #ended = false;
  answer!: T | Refusal;
  needs: readonly Need[] = NO_NEEDS;
  ms: number | undefined;
  recheck: number | undefined;
  missingDirectory: string | undefined;
  pending: Map<unknown, number> | undefined;
  timedOut = false;
  answered: Notes["answered"];

  constructor(asked: Asked, call: Call, resolved: readonly Need[] = []) {
    this.#asked = asked;
    this.#call = call;
    this.#resolved = resolved;
  }

  /** How long the store itself took, in milliseconds: what it waited for a need does not count. */
  get spent(): number {
    return this.#countdown?.spent ?? 0;
  }

  get signal(): AbortSignal {
    return (this.#controller ??= new AbortController()).signal;
  }

  get need(): (name: string) => Promise<object> {
    return (name) => {
      const needed = this.#need(name);
      // Hint: a look-up may have ended before it awaits this one.
      ignoreRejection(needed);
      return needed;
    };
  }

  async #need(name: string): Promise<object> {
    const { store, deps } = this.#asked;
    const key = String(store.options[name]);
    if (this.#pendingNeeds++ === 0) this.#countdown?.stop();
    const need = this.#resolved.find((each) => each.key === key) ?? await deps.resolveNeed(key, this.#call);
    if (--this.#pendingNeeds === 0 && !this.#ended) this.#countdown?.start();
    const refused = isRefusal(need);
    this.needs = [...this.needs, refused ? unmet(key) : need];
    if (refused) throw need;
    return need.credential!;
  }

  text(reference: Reference): string | Refusal {
    return readText(reference, this.#asked.deps.ambient.variable);
  }

  run(operation: Operation<T>): MaybePromise<T | Refusal> {
    try {
      return operation(this);
    } catch (error) {
      return refusalOf(error);
    }
  }

  within(timeout: number, answer: MaybePromise<T | Refusal>): Promise<T | Refusal> {
    return new Promise((resolve) => {
      const countdown = new Countdown(this.#asked.deps.ambient.clock, timeout, () => {
        this.timedOut = this.#ended = true;
        resolve(unavailable(`no answer within its timeout of ${timeout} ms`));
        this.#controller?.abort();
      });
      this.#countdown = countdown;
      if (this.#pendingNeeds === 0) countdown.start();
      Promise.resolve(answer).catch(refusalOf).then((value) => {
        this.#ended = true;
        countdown.stop();
        resolve(value);
      });
    });
  }
}

function refusalOf(thrown: unknown): Refusal {
  return isRefusal(thrown) ? thrown : invalid("its look-up threw: fix the store's code");
}
