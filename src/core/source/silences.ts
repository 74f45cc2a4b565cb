import { isThenable, type MaybePromise } from "../chain/eventually.ts";
import type { Ambient } from "../chain/host.ts";
import { isRefusal, type Refusal } from "../chain/outcome.ts";
import { pauseUntil } from "./freshness.ts";
import type { Notes, UntypedLook } from "./reader.ts";

/** A name that is not asked for. */
interface Silence {
  readonly since: number;
  readonly until: number;
  readonly refusal: Refusal;
  /** How many such pauses in a row were before it. */
  readonly before: number;
}

/**
 * The names for which a store gave no answer in time, or asks to be left alone by a `Retry-After`: it is not asked for them
 * for a while.
 */
export class Silences {
  readonly #ambient: Ambient;
  readonly #byName = new Map<unknown, Silence>();

  constructor(ambient: Ambient) {
    this.#ambient = ambient;
  }

  /** Returns what stands for an answer while the store is not asked for a name. */
  refusal(name: unknown): Refusal | undefined {
    const silence = this.#byName.get(name);
    const now = silence ? this.#ambient.clock.now() : 0;
    return silence && now >= silence.since && now < silence.until ? silence.refusal : undefined;
  }

  /** Returns a look-up that heeds the pauses, and notes which names are awaited. */
  heeding(look: UntypedLook): UntypedLook {
    return (name, context) => {
      let before = -1;
      if (this.#byName.size > 0) {
        const refusal = this.refusal(name);
        if (refusal) return refusal;
        before = this.#byName.get(name)?.before ?? -1;
        this.#byName.delete(name);
      }
      const answer = look(name, context) as MaybePromise<unknown>;
      const isAwaited = isThenable(answer);
      if (!isAwaited && !asksToWait(answer)) return answer;
      const pending = context.pending ??= new Map();
      pending.set(name, before);
      const answered = (value: unknown) => asksToWait(value) || pending.delete(name);
      if (isAwaited) answer.then(answered, answered);
      return answer;
    };
  }

  /** Begins a pause for each name that was still awaited when the time was up, or whose answer asks for one. */
  add({ pending = new Map() }: Notes, refusal: Refusal): void {
    const { clock, random } = this.#ambient;
    const since = clock.now();
    const failure = { now: since, random: random(), retryAfter: refusal.retryAfter };
    for (const [name, last] of pending) {
      // Hint: two credentials may have waited for one name.
      const before = Math.max(last + 1, this.#byName.get(name)?.before ?? 0);
      this.#byName.set(name, { since, until: pauseUntil(failure, before), refusal, before });
    }
  }
}

function asksToWait(answer: unknown): boolean {
  return isRefusal(answer) && answer.retryAfter !== undefined;
}
