import { CredentialError } from "../chain/errors.ts";
import { isThenable, type MaybePromise } from "../chain/eventually.ts";
import type { Ambient } from "../chain/host.ts";
import { BUDGET_MS } from "../chain/limits.ts";
import { defaultCredential } from "./default_credentials.ts";
import { errorOf } from "./failure.ts";
import type { HeldCredential } from "./held_credential.ts";
import { type Hold, isFailed, type Result } from "./hold.ts";
import type { FindOptions, ResolveOptions } from "./resolver.ts";
import { Signals } from "./signals.ts";

/** The latest wait for a walk that callers share. */
interface Wait {
  readonly since: number;
  readonly signal: AbortSignal | undefined;
  readonly credential: Promise<HeldCredential>;
}

/** The callers of one resolver: each waits for the result of a walk on its own terms, and takes a default of its own. */
export class Callers {
  readonly #ambient: Ambient;
  readonly #forbidsDefaults: () => boolean;
  readonly #defaults = new Map<string, readonly HeldCredential[]>();
  readonly #waits = new WeakMap<object, Wait>();
  readonly #signals = new Signals();

  constructor(ambient: Ambient, forbidsDefaults: () => boolean) {
    this.#ambient = ambient;
    this.#forbidsDefaults = forbidsDefaults;
  }

  /** Returns the credential for one caller, or its default where that may be used. */
  settle(hold: Hold, result: MaybePromise<Result>, options: ResolveOptions = {}): Promise<HeldCredential> {
    const { signal, default: given, budget } = options;
    const { requestBound, clock } = this.#ambient;
    if (given || budget !== undefined || requestBound || !isThenable(result)) {
      return this.#settle(hold, result, options);
    }
    // Hint: callers in the same millisecond wait on one timer; a timer for each of thousands would cost a request's time.
    const since = clock.now();
    const last = this.#waits.get(result);
    if (last?.since === since && last.signal === signal) return last.credential;
    const credential = this.#settle(hold, result, options);
    this.#waits.set(result, { since, signal, credential });
    return credential;
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
    const { key } = hold.plan;
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (!isThenable(result)) return Promise.resolve(result);
    if (!(budget >= 0)) return Promise.reject(new TypeError("Expected a budget of 0 or more milliseconds"));
    return new Promise((resolve, reject) => {
      const ending = <V>(settle: (value: V) => void) => (value?: V) => {
        cancel();
        stopListening?.();
        settle(value as V);
      };
      const end = ending(() => {
        // Hint: what a token was obtained with may be away while the token itself is valid.
        if (hold.valid) resolve(hold.valid);
        else reject(new CredentialError("unavailable", `no answer within the budget of ${budget} ms`, { key }));
      });
      const cancel = this.#ambient.clock.after(budget, end);
      const stopListening = signal && this.#signals.onAbort(signal, ending(() => reject(signal.reason)));
      result.then(ending(resolve), ending(reject));
    });
  }
}
