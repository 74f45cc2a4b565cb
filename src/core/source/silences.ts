import { isThenable, type MaybePromise } from "../chain/eventually.ts";
import type { Ambient } from "../chain/host.ts";
import type { Refusal } from "../chain/outcome.ts";
import { doublingPause } from "./freshness.ts";
import type { Notes, UntypedLook } from "./reader.ts";

/** A name for which there was no answer in time. */
interface Silence {
  readonly since: number;
  readonly until: number;
  readonly refusal: Refusal;
  /** How many such pauses in a row were before it. */
  readonly before: number;
}

/** The names for which a store gave no answer in time: it is not asked for them for a while, so that no one waits again. */
export class Silences {
  readonly #ambient: Ambient;
  readonly #byName = new Map<unknown, Silence>();

  constructor(ambient: Ambient) {
    this.#ambient = ambient;
  }

  /** Returns what stands for an answer while the store is not asked for a name. */
  refusal(name: unknown): Refusal | undefined {
    const silence = this.#byName.get(name);
    if (!silence) return;
    const now = this.#ambient.clock.now();
    return now >= silence.since && now < silence.until ? silence.refusal : undefined;
  }

  /** Returns a look-up that heeds the pauses, and notes which names are awaited. */
  heeding(look: UntypedLook): UntypedLook {
    return (name, context) => {
      const refusal = this.#byName.size > 0 && this.refusal(name);
      if (refusal) return refusal;
      const answer = look(name, context) as MaybePromise<unknown>;
      if (!isThenable(answer)) return answer;
      const pending = context.pending ??= new Set();
      pending.add(name);
      const answered = () => {
        pending.delete(name);
        if (!context.timedOut) this.#byName.delete(name);
      };
      answer.then(answered, answered);
      return answer;
    };
  }

  /** Begins a pause for each name that was still awaited when the time was up. */
  add({ pending = new Set() }: Notes, refusal: Refusal): void {
    const { clock, random } = this.#ambient;
    const since = clock.now();
    for (const name of pending) {
      const { before = -1 } = this.#byName.get(name) ?? {};
      this.#byName.set(name, {
        since,
        until: since + doublingPause(before + 1, random()),
        refusal,
        before: before + 1,
      });
    }
  }
}
