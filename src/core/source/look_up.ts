import { andThen, ignoreRejection, isThenable, type MaybePromise } from "../chain/eventually.ts";
import { invalid, isRefusal, type Refusal, unavailable } from "../chain/outcome.ts";
import { readText, type Reference } from "../chain/reference.ts";
import { isAnother, type Need, unmet } from "./answer.ts";
import type { Call } from "./flight.ts";
import type { LookUpContext, Notes } from "./reader.ts";
import type { Deps, StorePlan } from "./source.ts";

const TIMEOUT_MS = 5_000;
/** How many times a store that was read in the middle of a change is read again at most, and how long after. */
export const MAX_RETRIES = 3;
export const RETRY_MS = 50;

/** Something that is done with a look-up in its context. */
export type Operation<T> = (context: LookUpContext) => MaybePromise<T | Refusal>;

/** The result of an operation. */
export interface Reply<T> extends Readonly<Notes> {
  readonly answer: T | Refusal;
  readonly needs: readonly Need[];
  /** How long it was awaited, in milliseconds; absent where it was not awaited. */
  readonly ms: number | undefined;
  /** When the second try began, where that gave the answer. */
  readonly retriedAt?: number | undefined;
}

/** Runs operations on a store's look-up: with a timeout and retries; what the look-up throws becomes a refusal. */
export class LookUp {
  readonly store: StorePlan;
  readonly deps: Deps;
  /** The need that replaced a refused one, until the store answers. */
  #renewed: Need | undefined;

  constructor(store: StorePlan, deps: Deps) {
    this.store = store;
    this.deps = deps;
  }

  /** Runs an operation, and runs it once more if a need was refused and then replaced. Never rejects. */
  run<T>(operation: Operation<T>, call: Call): MaybePromise<Reply<T>> {
    const reply = this.#try(operation, call);
    return this.store.spec.needs?.length ? andThen(reply, (first) => this.#renewNeed(first, operation, call)) : reply;
  }

  #renewNeed<T>(first: Reply<T>, operation: Operation<T>, call: Call): MaybePromise<Reply<T>> {
    const { need } = isRefusal(first.answer) ? first.answer : ANSWERED;
    if (need === undefined) return this.#answered(first);
    const { spec, options } = this.store;
    if (!spec.needs!.includes(need)) {
      return { ...first, answer: invalid("its look-up refuses a need that it does not declare: fix the store's code") };
    }
    const used = first.needs.find(({ key, credential }) => credential && key === options[need]);
    // Hint: once, so that a permanent refusal does not obtain one token after the other, nor do two stores in turn.
    if (!used || this.#renewed && (used.generation?.refusals || !isAnother(used, this.#renewed))) return first;
    this.deps.refuse(used);
    return andThen(this.deps.resolveNeed(used.key, call), (now) => {
      if (isRefusal(now)) return first;
      this.#renewed = now;
      return isAnother(now, used) ? andThen(this.#try(operation, call), (second) => this.#answered(second)) : first;
    });
  }

  #answered<T>(reply: Reply<T>): Reply<T> {
    if (!isRefusal(reply.answer)) this.#renewed = undefined;
    return reply;
  }

  #try<T>(operation: Operation<T>, call: Call): MaybePromise<Reply<T>> {
    const attempt = new Attempt<T>(this, call);
    const answer = attempt.run(operation);
    if (isThenable(answer)) return this.#await(answer, attempt, operation, call);
    if (isRefusal(answer) && answer.transient) return this.#retry(operation, call);
    attempt.answer = answer;
    return attempt;
  }

  /** Runs an operation after some milliseconds. Never rejects. */
  async runLater<T>(operation: Operation<T>, call: Call, ms: number): Promise<Reply<T>> {
    await this.#wait(ms);
    return await this.run(operation, call);
  }

  async #await<T>(
    pending: PromiseLike<T | Refusal>,
    first: Attempt<T>,
    operation: Operation<T>,
    call: Call,
  ): Promise<Reply<T>> {
    const { clock } = this.deps.ambient;
    const began = clock.now();
    let attempt = first;
    let answer = await attempt.within(this.#timeout, pending);
    let retriedAt: number | undefined;
    // Hint: a machine that was suspended finds every connection dead, which says nothing of the other side.
    if (isRefusal(answer) && answer.outcome === "unavailable" && clock.now() - began > 2 * this.#timeout) {
      attempt = new Attempt(this, call);
      retriedAt = clock.now();
      answer = await attempt.within(this.#timeout, attempt.run(operation));
    }
    const ms = Math.max(0, clock.now() - began);
    if (isRefusal(answer) && answer.transient) return { ...await this.#retry(operation, call), ms };
    return Object.assign(attempt, { answer, ms, retriedAt });
  }

  async #retry<T>(operation: Operation<T>, call: Call): Promise<Reply<T>> {
    for (let retry = 1;; retry++) {
      await this.#wait(RETRY_MS);
      const attempt = new Attempt<T>(this, call);
      const answer = await attempt.within(this.#timeout, attempt.run(operation));
      if (retry === MAX_RETRIES || !isRefusal(answer) || !answer.transient) {
        return Object.assign(attempt, { answer });
      }
    }
  }

  get #timeout(): number {
    return this.store.options.timeout ?? TIMEOUT_MS;
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.deps.ambient.clock.after(ms, resolve));
  }
}

const NO_NEEDS: readonly Need[] = [];
const ANSWERED: { readonly need?: string } = {};

// Hint: its own reply, since most look-ups answer synchronously.
/** One try: the context of its look-ups, and its reply. */
class Attempt<T> implements LookUpContext, Reply<T> {
  readonly #lookUp: LookUp;
  readonly #call: Call;
  #controller: AbortController | undefined;
  answer!: T | Refusal;
  needs: readonly Need[] = NO_NEEDS;
  ms: number | undefined;
  recheck: number | undefined;
  missingDirectory: string | undefined;
  answered: Notes["answered"];

  constructor(lookUp: LookUp, call: Call) {
    this.#lookUp = lookUp;
    this.#call = call;
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
    const { store, deps } = this.#lookUp;
    const key = String(store.options[name]);
    const need = await deps.resolveNeed(key, this.#call);
    const refused = isRefusal(need);
    this.needs = [...this.needs, refused ? unmet(key) : need];
    if (refused) throw need;
    return need.credential!;
  }

  text(reference: Reference): string | Refusal {
    return readText(reference, this.#lookUp.deps.ambient.variable);
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
      const cancel = this.#lookUp.deps.ambient.clock.after(timeout, () => {
        resolve(unavailable(`no answer within its timeout of ${timeout} ms`));
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
  return isRefusal(thrown) ? thrown : invalid("its look-up threw: fix the store's code");
}
