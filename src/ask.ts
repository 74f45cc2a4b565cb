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

/** One reading of a store: from a look-up to what a shape makes of it. */
export interface Reading<T> {
  read(ask: Ask): MaybePromise<T | Refusal>;
}

/** An answer, and what it took. */
export interface Reply<T> {
  readonly answer: T | Refusal;
  readonly needs: readonly Needed[];
  /** How long it was awaited, in milliseconds; absent where it was there at once. */
  readonly ms: number | undefined;
  /** When the try began that gave it, where that was the second. */
  readonly retriedAt?: number | undefined;
}

/** Asks a store: in its time, once more where that is worth it, and whatever it throws. */
export class Asker {
  readonly store: StorePlan;
  readonly ambient: Ambient;
  readonly resolveNeed: ResolveNeed;

  constructor(store: StorePlan, ambient: Ambient, resolveNeed: ResolveNeed) {
    this.store = store;
    this.ambient = ambient;
    this.resolveNeed = resolveNeed;
  }

  /** Runs one reading. Never rejects. */
  ask<T>(reading: Reading<T>, call: Call): MaybePromise<Reply<T>> {
    const attempt = new Attempt<T>(this, call);
    const answer = attempt.run(reading);
    if (isThenable(answer)) return this.#await(answer, attempt, reading, call);
    if (isRefusal(answer) && answer.unsettled) return this.#settle(reading, call);
    attempt.answer = answer;
    return attempt;
  }

  /** Waits for a moment, and runs the reading again. */
  async again<T>(reading: Reading<T>, call: Call): Promise<Reply<T>> {
    await this.#moment();
    return await this.ask(reading, call);
  }

  async #await<T>(
    pending: PromiseLike<T | Refusal>,
    first: Attempt<T>,
    reading: Reading<T>,
    call: Call,
  ): Promise<Reply<T>> {
    const { clock } = this.ambient;
    const began = clock.now();
    let attempt = first;
    let answer = await attempt.within(this.#timeout, pending);
    let retriedAt: number | undefined;
    // Hint: a machine that was suspended finds every connection dead, which says nothing of the other side.
    if (isRefusal(answer) && answer.outcome === "unavailable" && clock.now() - began > 2 * this.#timeout) {
      attempt = new Attempt(this, call);
      retriedAt = clock.now();
      answer = await attempt.within(this.#timeout, attempt.run(reading));
    }
    const ms = Math.max(0, clock.now() - began);
    if (isRefusal(answer) && answer.unsettled) return { ...await this.#settle(reading, call), ms };
    return { answer, needs: attempt.needs, ms, retriedAt };
  }

  async #settle<T>(reading: Reading<T>, call: Call): Promise<Reply<T>> {
    for (let look = 1;; look++) {
      await this.#moment();
      const attempt = new Attempt<T>(this, call);
      const answer = await attempt.within(this.#timeout, attempt.run(reading));
      if (look === LOOKS || !isRefusal(answer) || !answer.unsettled) {
        return { answer, needs: attempt.needs, ms: undefined };
      }
    }
  }

  get #timeout(): number {
    return this.store.options.timeout ?? TIMEOUT;
  }

  #moment(): Promise<void> {
    return new Promise((resolve) => this.ambient.clock.after(SETTLING, resolve));
  }
}

const NO_NEEDS: readonly Needed[] = [];

/** One try at a reading: what its look-ups are given, and at once what comes of it, since most answer at once. */
class Attempt<T> implements Ask, Reply<T> {
  readonly #asker: Asker;
  readonly #call: Call;
  #controller: AbortController | undefined;
  answer!: T | Refusal;
  needs: readonly Needed[] = NO_NEEDS;
  ms: number | undefined;

  constructor(asker: Asker, call: Call) {
    this.#asker = asker;
    this.#call = call;
  }

  get signal(): AbortSignal {
    return (this.#controller ??= new AbortController()).signal;
  }

  get need(): (name: string) => Promise<object> {
    return (name) => {
      const needed = this.#need(name);
      // Hint: a look-up may have ended before it awaits this one.
      needed.catch(() => {});
      return needed;
    };
  }

  async #need(name: string): Promise<object> {
    const { store, resolveNeed } = this.#asker;
    const needed = await resolveNeed(String(store.options[name]), this.#call);
    if (isRefusal(needed)) throw needed;
    this.needs = [...this.needs, needed];
    return needed.credential;
  }

  text(reference: Reference): string | Refusal {
    return readText(reference, this.#asker.ambient.variable);
  }

  run(reading: Reading<T>): MaybePromise<T | Refusal> {
    try {
      return reading.read(this);
    } catch (error) {
      return refusalOf(error);
    }
  }

  within(timeout: number, answer: MaybePromise<T | Refusal>): Promise<T | Refusal> {
    return new Promise((resolve) => {
      const cancel = this.#asker.ambient.clock.after(timeout, () => {
        resolve(unavailable(`no answer within ${timeout} ms`));
        this.#controller?.abort();
      });
      Promise.resolve(answer).catch(refusalOf).then((value) => {
        cancel();
        resolve(value);
      });
    });
  }
}

function refusalOf(thrown: unknown): Refusal {
  return isRefusal(thrown) ? thrown : invalid("the look-up threw, which is a bug in the store");
}
