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
  /** How many such pauses in a row there were before it. */
  readonly before: number;
}

/** The names for which a store gave no answer in time, or a `Retry-After`: it is not asked for them for a while. */
export class Silences {
  readonly #ambient: Ambient;
  readonly #byName = new Map<unknown, Silence>();

  constructor(ambient: Ambient) {
    this.#ambient = ambient;
  }

  /** Returns what counts as the answer while the store is not asked for a name. */
  refusal(name: unknown): Refusal | undefined {
    const silence = this.#byName.get(name);
    const now = silence ? this.#ambient.clock.now() : 0;
    return silence && now >= silence.since && now < silence.until ? silence.refusal : undefined;
  }

  /**
   * Returns a look-up that observes the pauses, including those that its answers ask for, and notes which names are
   * awaited.
   */
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
      if (isThenable(answer)) {
        const pending = context.pending ??= new Map();
        pending.set(name, before);
        const answered = (value: unknown) => pending.delete(name) && this.#heed(name, before, value);
        answer.then(answered, answered);
      } else this.#heed(name, before, answer);
      return answer;
    };
  }

  /** Begins a pause for each name that was still awaited when the time was up; a later answer does not count. */
  add({ pending }: Notes, refusal: Refusal): void {
    pending?.forEach((before, name) => pending.delete(name) && this.#begin(name, before, refusal));
  }

  // Hint: the pause begins at once, since another name of the same reading may be refused too, and later only that
  // refusal may count.
  /** Begins a pause if an answer asks for one. */
  #heed(name: unknown, before: number, answer: unknown): void {
    if (isRefusal(answer) && answer.retryAfter !== undefined) this.#begin(name, before, answer);
  }

  #begin(name: unknown, last: number, refusal: Refusal): void {
    const since = this.#ambient.clock.now();
    // Hint: two credentials may have waited for the same name.
    const before = Math.max(last + 1, this.#byName.get(name)?.before ?? 0);
    const until = pauseUntil({ now: since, random: this.#ambient.random(), retryAfter: refusal.retryAfter }, before);
    this.#byName.set(name, { since, until, refusal, before });
  }
}
