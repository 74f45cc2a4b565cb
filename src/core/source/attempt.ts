import { ignoreRejection, type MaybePromise } from "../chain/eventually.ts";
import { invalid, isRefusal, type Refusal, unavailable } from "../chain/outcome.ts";
import { needNames } from "../chain/store_kind.ts";
import { type Need, unmet } from "./answer.ts";
import { type Countdown, countdown } from "./countdown.ts";
import type { LookUpContext, Notes } from "./reader.ts";
import type { Call, Deps, StorePlan } from "./source.ts";

/** What is done with a look-up, in its context. */
export type Operation<T> = (context: LookUpContext) => MaybePromise<T | Refusal>;

/** The result of an operation. */
export interface Reply<T> extends Readonly<Notes> {
  readonly answer: T | Refusal;
  readonly needs: readonly Need[];
  /** How long it was awaited, in milliseconds; absent if it was not awaited. */
  readonly ms: number | undefined;
  /** When a further try began, if that gave the answer. */
  readonly retriedAt?: number | undefined;
}

/** A store, and what it needs from its resolver. */
export interface StoreWithDeps {
  readonly store: StorePlan;
  readonly deps: Deps;
}

const NO_NEEDS: readonly Need[] = [];

/** The refusal of a look-up that names a need which its store does not declare. */
export const UNDECLARED: Refusal = /* @__PURE__ */ invalid(
  "its look-up names a need that it does not declare: fix the store's code",
);

// Hint: it is its own reply, which saves an object, since most look-ups answer synchronously.
/** One try: the context of its look-ups, and its reply. */
export class Attempt<T> implements LookUpContext, Reply<T> {
  readonly #asked: StoreWithDeps;
  readonly #operation: Operation<T>;
  readonly #call: Call;
  readonly #resolved: readonly Need[];
  #controller: AbortController | undefined;
  /** Runs once the operation is awaited, except while it waits for a need. */
  #countdown: Countdown | undefined;
  #pendingNeeds = 0;
  #ended = false;
  // Hint: `declare`, since bundles would otherwise initialise these, and most stay unset.
  needs: readonly Need[] = NO_NEEDS;
  declare answer: T | Refusal;
  declare ms: number | undefined;
  declare retriedAt: number | undefined;
  declare recheck: number | undefined;
  declare text?: boolean;
  declare missingDirectory: string | undefined;
  declare pending: Map<unknown, number> | undefined;
  declare timedOut?: boolean;
  /** Whether it failed while the machine was suspended, and was not repeated. */
  declare suspended?: boolean;
  declare answered: Notes["answered"];
  declare shared: Notes["shared"];

  constructor(asked: StoreWithDeps, operation: Operation<T>, call: Call, resolved: readonly Need[] = []) {
    this.#asked = asked;
    this.#operation = operation;
    this.#call = call;
    this.#resolved = resolved;
  }

  /** How long the store itself took, in milliseconds, without its waits for needs. */
  get spent(): number {
    return this.#countdown!.spent();
  }

  get signal(): AbortSignal {
    return (this.#controller ??= new AbortController()).signal;
  }

  get need(): (name: string) => Promise<object | undefined> {
    return (name) => {
      const needed = this.#need(name);
      // Hint: the look-up may end before it awaits this.
      ignoreRejection(needed);
      return needed;
    };
  }

  async #need(name: string): Promise<object | undefined> {
    const { store, deps } = this.#asked;
    if (!needNames(store.spec).includes(name)) throw UNDECLARED;
    const key = store.options[name] as string | undefined;
    if (key === undefined) return;
    if (this.#pendingNeeds++ === 0) this.#countdown?.stop();
    const need = this.#resolved.find((each) => each.key === key) ?? await deps.resolveNeed(key, this.#call);
    if (--this.#pendingNeeds === 0 && !this.#ended) this.#countdown?.start();
    this.needs = [...this.needs, isRefusal(need) ? unmet(key) : need];
    if (isRefusal(need)) throw need;
    return need.credential!;
  }

  /** Returns another try of the same operation; `asked` may replace what its store needs from the resolver. */
  again(asked: StoreWithDeps = this.#asked): Attempt<T> {
    const attempt = new Attempt(asked, this.#operation, this.#call);
    attempt.retriedAt = asked.deps.ambient.clock.now();
    return attempt;
  }

  run(): MaybePromise<T | Refusal> {
    try {
      return this.#operation(this);
    } catch (error) {
      return refusalOf(error);
    }
  }

  /** Awaits an answer within a timeout, and keeps it. */
  within(timeout: number, answer: MaybePromise<T | Refusal>): Promise<this> {
    return new Promise((resolve) => {
      const end = (value: T | Refusal) => {
        this.#ended = true;
        this.answer = value;
        resolve(this);
      };
      const timer = this.#countdown = countdown(this.#asked.deps.ambient.clock, timeout, () => {
        this.timedOut = true;
        end(unavailable(`no answer within its timeout of ${timeout} ms`));
        this.#controller?.abort();
      });
      if (this.#pendingNeeds === 0) timer.start();
      Promise.resolve(answer).catch(refusalOf).then((value) => {
        timer.stop();
        if (!this.#ended) end(value);
      });
    });
  }
}

/** Returns what was thrown as a refusal. */
export function refusalOf(thrown: unknown): Refusal {
  return isRefusal(thrown) ? thrown : invalid("its look-up threw: fix the store's code");
}
