import { andThen, isThenable, type MaybePromise } from "../chain/eventually.ts";
import { MAX_RETRIES, RETRY_MS } from "../chain/limits.ts";
import { isRefusal, type Refusal } from "../chain/outcome.ts";
import { needNames } from "../chain/store_kind.ts";
import { isAnother, mayReplace, type Need } from "./answer.ts";
import { Attempt, type Operation, type Reply, UNDECLARED } from "./attempt.ts";
import type { Call, Deps, StorePlan } from "./source.ts";

/** Runs operations on a store's look-up with a timeout and retries; what the look-up throws becomes a refusal. */
export class LookUp {
  declare readonly store: StorePlan;
  declare readonly deps: Deps;
  /** The need that replaced a refused one, until the store answers. */
  #renewed: Need | undefined;

  constructor(store: StorePlan, deps: Deps) {
    this.store = store;
    this.deps = deps;
  }

  /**
   * Runs an operation, and runs it once more if a need was refused and then replaced. Never rejects.
   *
   * @param operation What is run.
   * @param call The call for which it is run.
   * @param resolved Needs that were resolved for it already.
   */
  run<T>(operation: Operation<T>, call: Call, resolved: readonly Need[] = []): MaybePromise<Reply<T>> {
    return andThen(
      this.obtain(new Attempt(this, operation, call, resolved), call),
      (first) => this.#renewNeed(first, resolved, call),
    );
  }

  #renewNeed<T>(first: Attempt<T>, resolved: readonly Need[], call: Call): MaybePromise<Reply<T>> {
    const { answer, needs } = this.#answered(first);
    if (!isRefusal(answer) || answer.need === undefined) return first;
    const { need } = answer;
    const { spec, options } = this.store;
    if (!needNames(spec).includes(need)) {
      first.answer = UNDECLARED;
      return first;
    }
    const used = [...needs, ...resolved].find(({ key, credential }) => credential && key === options[need]);
    if (!used || !mayReplace(used, this.#renewed, this.#now())) return first;
    this.deps.refuse(used, this.#renewed);
    return andThen(this.deps.resolveNeed(used.key, call), (now) => {
      if (isRefusal(now)) return first;
      this.#renewed = now;
      if (!isAnother(now, used)) return first;
      return andThen(this.obtain(first.again(this), call), (second) => this.#answered(second));
    });
  }

  #answered<T>(reply: Reply<T>): Reply<T> {
    if (!isRefusal(reply.answer)) this.#renewed = undefined;
    return reply;
  }

  /** Runs an operation after some milliseconds. Never rejects. */
  runLater<T>(operation: Operation<T>, call: Call, ms: number): Promise<Reply<T>> {
    return this.#wait(ms).then(() => this.run(operation, call));
  }

  /** Makes one try. A look-up that shares tokens asks the other machines too. */
  obtain<T>(attempt: Attempt<T>, _call: Call): MaybePromise<Attempt<T>> {
    const answer = attempt.run();
    if (isThenable(answer)) return this.#await(answer, attempt);
    attempt.answer = answer;
    return isTransient(answer) ? this.#retry(attempt) : attempt;
  }

  async #await<T>(pending: PromiseLike<T | Refusal>, first: Attempt<T>): Promise<Attempt<T>> {
    const began = this.#now();
    let attempt = await first.within(this.store.timeout, pending);
    const { answer } = attempt;
    // Hint: after a machine was suspended, its connections are dead, which says nothing about the other side.
    if (isRefusal(answer) && answer.outcome === "unavailable" && attempt.spent > 2 * this.store.timeout) {
      attempt = await this.again(attempt);
    }
    attempt.ms = Math.max(0, this.#now() - began);
    return this.#retry(attempt);
  }

  /** Runs an operation again while its answer may come from the middle of a change. */
  async #retry<T>(first: Attempt<T>): Promise<Attempt<T>> {
    let attempt = first;
    for (let retry = 0; retry < MAX_RETRIES && isTransient(attempt.answer); retry++) {
      await this.#wait(RETRY_MS);
      attempt = await this.again(first);
    }
    attempt.ms = first.ms;
    return attempt;
  }

  /**
   * Repeats a try whose answer may come from the middle of a change, or that failed while the machine was suspended.
   */
  again<T>(before: Attempt<T>): Promise<Attempt<T>> {
    const attempt = before.again();
    return attempt.within(this.store.timeout, attempt.run());
  }

  #now(): number {
    return this.deps.ambient.clock.now();
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.deps.ambient.clock.after(ms, resolve));
  }
}

function isTransient(answer: unknown): boolean {
  return isRefusal(answer) && !!answer.transient;
}
