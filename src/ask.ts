import { isThenable, type MaybePromise } from "./eventually.ts";
import type { Call } from "./flight.ts";
import type { Ambient } from "./host.ts";
import { invalid, isRefusal, type Refusal, unavailable } from "./outcome.ts";
import type { StorePlan } from "./plan.ts";
import { readText, type Reference } from "./reference.ts";
import type { Needed } from "./renewal.ts";
import type { Ask } from "./shapes/shape.ts";

const TIMEOUT = 5_000;
/** How often an unsettled answer is looked at again, and how long it is given each time, in milliseconds. */
const LOOKS = 3;
const SETTLING = 50;

/** How a look-up gets at another credential. */
export type ResolveNeed = (key: string, call: Call) => MaybePromise<Needed | Refusal>;

/** One reading of a store. */
export type Read<T> = (ask: Ask) => MaybePromise<T | Refusal>;

/** An answer, and what it took. */
export interface Reply<T> {
  readonly answer: T | Refusal;
  readonly needs: readonly Needed[];
  /** How long it was awaited, in milliseconds; absent where it was there at once. */
  readonly ms?: number | undefined;
}

/** Asks a store: in its time, once more where that is worth it, and whatever it throws. */
export class Asker {
  readonly #store: StorePlan;
  readonly #ambient: Ambient;
  readonly #resolveNeed: ResolveNeed;

  constructor(store: StorePlan, ambient: Ambient, resolveNeed: ResolveNeed) {
    this.#store = store;
    this.#ambient = ambient;
    this.#resolveNeed = resolveNeed;
  }

  /** Runs one reading. Never rejects. */
  ask<T>(read: Read<T>, call: Call): MaybePromise<Reply<T>> {
    const attempt = this.#attempt(call);
    const answer = guarded(read, attempt);
    if (isThenable(answer)) return this.#await(answer, attempt, read, call);
    if (isRefusal(answer) && answer.unsettled) return this.#settle(read, call);
    return { answer, needs: attempt.needs, ms: undefined };
  }

  /** Waits for a moment, and runs the reading again. */
  async again<T>(read: Read<T>, call: Call): Promise<Reply<T>> {
    await this.#moment();
    return await this.ask(read, call);
  }

  async #await<T>(
    answer: PromiseLike<T | Refusal>,
    attempt: Attempt,
    read: Read<T>,
    call: Call,
  ): Promise<Reply<T>> {
    const { clock } = this.#ambient;
    const timeout = this.#store.options.timeout ?? TIMEOUT;
    const began = clock.now();
    let used = attempt;
    let got = await this.#within(answer, attempt, timeout);
    // Hint: a machine that was suspended finds every connection dead, which says nothing of the other side.
    if (isRefusal(got) && got.outcome === "unavailable" && clock.now() - began > 2 * timeout) {
      used = this.#attempt(call);
      got = await this.#within(guarded(read, used), used, timeout);
    }
    const ms = Math.max(0, clock.now() - began);
    if (isRefusal(got) && got.unsettled) return { ...await this.#settle(read, call), ms };
    return { answer: got, needs: used.needs, ms };
  }

  async #settle<T>(read: Read<T>, call: Call): Promise<Reply<T>> {
    for (let look = 1;; look++) {
      await this.#moment();
      const attempt = this.#attempt(call);
      const answer = await this.#within(guarded(read, attempt), attempt, this.#store.options.timeout ?? TIMEOUT);
      if (look === LOOKS || !isRefusal(answer) || !answer.unsettled) return { answer, needs: attempt.needs };
    }
  }

  #moment(): Promise<void> {
    return new Promise((resolve) => this.#ambient.clock.after(SETTLING, resolve));
  }

  #attempt(call: Call): Attempt {
    return new Attempt(this.#store, this.#ambient, this.#resolveNeed, call);
  }

  #within<T>(answer: MaybePromise<T | Refusal>, attempt: Attempt, timeout: number): Promise<T | Refusal> {
    return new Promise((resolve) => {
      const cancel = this.#ambient.clock.after(timeout, () => {
        resolve(unavailable(`no answer within ${timeout} ms`));
        attempt.expire();
      });
      Promise.resolve(answer).catch(refusalOf).then((value) => {
        cancel();
        resolve(value);
      });
    });
  }
}

function guarded<T>(read: Read<T>, attempt: Attempt): MaybePromise<T | Refusal> {
  try {
    return read(attempt);
  } catch (error) {
    return refusalOf(error);
  }
}

function refusalOf(thrown: unknown): Refusal {
  return isRefusal(thrown) ? thrown : invalid("the look-up threw, which is a bug in the store");
}

const NO_NEEDS: readonly Needed[] = [];

/** One try at a reading: what its look-ups are given. Most use none of it, so all of it is made when it is asked for. */
class Attempt implements Ask {
  needs: readonly Needed[] = NO_NEEDS;
  readonly #store: StorePlan;
  readonly #ambient: Ambient;
  readonly #resolveNeed: ResolveNeed;
  readonly #call: Call;
  #controller: AbortController | undefined;

  constructor(store: StorePlan, ambient: Ambient, resolveNeed: ResolveNeed, call: Call) {
    this.#store = store;
    this.#ambient = ambient;
    this.#resolveNeed = resolveNeed;
    this.#call = call;
  }

  get signal(): AbortSignal {
    return (this.#controller ??= new AbortController()).signal;
  }

  text(reference: Reference): string | Refusal {
    return readText(reference, this.#ambient.variable);
  }

  get need(): (name: string) => Promise<object> {
    return async (name) => {
      const needed = await this.#resolveNeed(String(this.#store.options[name]), this.#call);
      if (isRefusal(needed)) throw needed;
      this.needs = [...this.needs, needed];
      return needed.credential;
    };
  }

  expire(): void {
    this.#controller?.abort();
  }
}
