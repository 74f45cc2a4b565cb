import { CredentialError } from "../chain/errors.ts";
import { isThenable, type MaybePromise } from "../chain/eventually.ts";
import type { Ambient } from "../chain/host.ts";
import { BUDGET_MS } from "../chain/limits.ts";
import { defaultCredential } from "./default_credentials.ts";
import { errorOf } from "./failure.ts";
import type { HeldCredential } from "./held_credential.ts";
import { type Hold, isFailed, type Result } from "./hold.ts";
import { onAbort } from "./on_abort.ts";
import type { FindOptions, ResolveOptions } from "./resolver.ts";

// Hint: where promises belong to requests, each caller has a walk of its own, and shares nothing.
/** What callers share that begin to wait for one walk in the same millisecond, and for the same time. */
interface Wait {
  readonly since: number;
  readonly budget: number;
  /** The result of the walk, or what there is at the end of the budget. */
  readonly result: Promise<Result>;
  /** Ends the wait of a caller before that; that of the last one ends the timer. */
  readonly leave: () => void;
  callers: number;
  /** The signal of the latest caller without a default. */
  signal?: AbortSignal | undefined;
  /** What that one gets, and with it those who share its signal. */
  credential?: Promise<HeldCredential>;
}

/** The callers of one resolver: each waits for the result of a walk on its own terms, and takes a default of its own. */
export class Callers {
  readonly #ambient: Ambient;
  readonly #forbidsDefaults: () => boolean;
  readonly #defaults = new Map<string, readonly HeldCredential[]>();
  readonly #waits = new WeakMap<object, Wait>();

  constructor(ambient: Ambient, forbidsDefaults: () => boolean) {
    this.#ambient = ambient;
    this.#forbidsDefaults = forbidsDefaults;
  }

  /** Returns the credential for one caller, or its default where that may be used. */
  settle(hold: Hold, result: MaybePromise<Result>, options: ResolveOptions = {}): Promise<HeldCredential> {
    const { signal, default: given, budget = BUDGET_MS } = options;
    const mayShare = !given && !signal?.aborted && budget >= 0 && isThenable(result);
    if (!mayShare) return this.#settle(hold, result, options);
    const wait = this.#waitFor(hold, result, budget);
    if (wait.credential && wait.signal === signal) return wait.credential;
    wait.signal = signal;
    return wait.credential = this.#settle(hold, result, options);
  }

  async #settle(hold: Hold, result: MaybePromise<Result>, options: ResolveOptions): Promise<HeldCredential> {
    const settled = await this.wait(hold, result, options);
    if (!isFailed(settled)) return settled;
    const given = options.default;
    if (!given || !settled.defaultable) throw errorOf(hold.plan, settled);
    if (this.#forbidsDefaults()) {
      throw errorOf(hold.plan, settled, settled.code === "not_found" ? "default_forbidden" : settled.code);
    }
    return defaultCredential(this.#defaults, hold.plan, given, settled);
  }

  /** Waits for the result of a walk on behalf of one caller; the walk goes on if the caller stops waiting. */
  wait(hold: Hold, result: MaybePromise<Result>, options: FindOptions = {}): Promise<Result> {
    const { signal, budget = BUDGET_MS } = options;
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (!isThenable(result)) return Promise.resolve(result);
    if (!(budget >= 0)) return Promise.reject(new TypeError("Expected a budget of 0 or more milliseconds"));
    const wait = this.#waitFor(hold, result, budget);
    wait.callers++;
    if (!signal) return wait.result;
    return new Promise((resolve, reject) => {
      const stopListening = onAbort(signal, () => {
        stopListening();
        wait.leave();
        reject(signal.reason);
      });
      const ending = <V>(settle: (value: V) => void) => (value: V) => {
        stopListening();
        settle(value);
      };
      wait.result.then(ending(resolve), ending(reject));
    });
  }

  // Hint: a timer for each of thousands of callers would cost a request's time.
  #waitFor(hold: Hold, walk: PromiseLike<Result>, budget: number): Wait {
    const { clock } = this.#ambient;
    const since = clock.now();
    const last = this.#waits.get(walk);
    if (last?.since === since && last.budget === budget) return last;
    let cancel = () => {};
    const result = new Promise<Result>((resolve, reject) => {
      cancel = clock.after(budget, () => {
        const reason = `no answer within the budget of ${budget} ms`;
        // Hint: what a token was obtained with may be away while the token itself is valid.
        if (hold.valid) resolve(hold.valid);
        else reject(new CredentialError("unavailable", reason, { key: hold.plan.key }));
      });
      walk.then(resolve, reject);
      walk.then(cancel, cancel);
    });
    const leave = () => {
      if (--wait.callers > 0) return;
      cancel();
      this.#waits.delete(walk);
    };
    const wait: Wait = { since, budget, result, callers: 0, leave };
    this.#waits.set(walk, wait);
    return wait;
  }
}
