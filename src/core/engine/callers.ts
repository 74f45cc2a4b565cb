import { CredentialError } from "../chain/errors.ts";
import { isThenable, type MaybePromise } from "../chain/eventually.ts";
import type { Ambient } from "../chain/host.ts";
import { defaultCredential } from "./default_credentials.ts";
import { errorOf } from "./failure.ts";
import type { HeldCredential } from "./held_credential.ts";
import { type Hold, isFailed, type Result } from "./hold.ts";
import type { FindOptions, ResolveOptions } from "./resolver.ts";
import { type Listen, onAbort, shared } from "./shared_event.ts";

// Hint: where promises belong to requests, each caller has its own walk, and shares nothing.
/** What is shared by the callers that begin to wait for a walk in the same millisecond, with the same budget. */
interface Wait {
  readonly since: number;
  readonly budget: number;
  /** Ends their wait when the budget is used up. */
  readonly onTimeout: Listen;
  /** The signal of the latest of them; `undefined` if it has none. */
  signal?: AbortSignal | undefined;
  /** What that caller gets, and those that share its signal. */
  result?: Promise<Result>;
}

/** The callers of a resolver: each waits for the result of a walk on its own terms, and may have its own default. */
export class Callers {
  readonly #ambient: Ambient;
  readonly #forbidsDefaults: () => boolean;
  readonly #defaults = new Map<string, readonly HeldCredential[]>();
  readonly #waits = new WeakMap<object, Wait>();
  /** What callers without a default get, by what they wait for. */
  readonly #settled = new WeakMap<object, Promise<HeldCredential>>();

  constructor(ambient: Ambient, forbidsDefaults: () => boolean) {
    this.#ambient = ambient;
    this.#forbidsDefaults = forbidsDefaults;
  }

  /** Returns the credential for one caller, or its default if that may be used. */
  settle(hold: Hold, result: MaybePromise<Result>, options: ResolveOptions = {}): Promise<HeldCredential> {
    const waited = this.wait(hold, result, options);
    if (options.default || !isThenable(waited)) return this.#settle(hold, waited, options);
    // Hint: thousands of callers that wait on the same terms get the same promise, since each promise takes time.
    let settled = this.#settled.get(waited);
    if (!settled) this.#settled.set(waited, settled = this.#settle(hold, waited, options));
    return settled;
  }

  async #settle(hold: Hold, waited: MaybePromise<Result>, options: ResolveOptions): Promise<HeldCredential> {
    const settled = await waited;
    if (!isFailed(settled)) return settled;
    const given = options.default;
    if (!given || !settled.defaultable) throw errorOf(hold.plan, settled);
    if (this.#forbidsDefaults()) {
      throw errorOf(hold.plan, settled, settled.code === "not_found" ? "default_forbidden" : settled.code);
    }
    return defaultCredential(this.#defaults, hold, given, settled);
  }

  /** Waits for the result of a walk on behalf of one caller; the walk goes on if the caller stops waiting. */
  wait(hold: Hold, result: MaybePromise<Result>, options: FindOptions = {}): MaybePromise<Result> {
    const { signal, budget = hold.plan.budget } = options;
    signal?.throwIfAborted();
    if (!isThenable(result)) return result;
    if (!(budget >= 0)) throw new TypeError("Expected a budget of 0 or more milliseconds");
    const wait = this.#waitFor(result, budget);
    if (wait.signal === signal && wait.result) return wait.result;
    wait.signal = signal;
    return wait.result = new Promise((resolve, reject) => {
      const ending = <V>(settle: (value: V) => void) => (value?: V) => {
        cancel();
        stopListening?.();
        settle(value as V);
      };
      const end = ending(() => {
        // Hint: a clock may stand still, and a later caller must wait its whole budget all the same.
        this.#waits.delete(result);
        const reason = `no answer within the budget of ${budget} ms`;
        // Hint: the needs of a token may be unavailable while the token itself is valid.
        if (hold.valid) resolve(hold.valid);
        else reject(new CredentialError("unavailable", reason, { key: hold.plan.key }));
      });
      const cancel = wait.onTimeout(end);
      const stopListening = signal && onAbort(signal, ending(() => reject(signal.reason)), this.#ambient);
      result.then(ending(resolve), ending(reject));
    });
  }

  // Hint: a timer for each of thousands of callers would cost a request's time.
  #waitFor(walk: object, budget: number): Wait {
    const { clock } = this.#ambient;
    const since = clock.now();
    const last = this.#waits.get(walk);
    if (last?.since === since && last.budget === budget) return last;
    const wait: Wait = { since, budget, onTimeout: shared((end) => clock.after(budget, end)) };
    this.#waits.set(walk, wait);
    return wait;
  }
}
