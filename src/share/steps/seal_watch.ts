import { andThen, type MaybePromise } from "../../core/chain/eventually.ts";
import { isRefusal } from "../../core/chain/outcome.ts";
import { type Need, wasRotated } from "../../core/source/answer.ts";
import { pause } from "../../core/source/freshness.ts";
import type { Call, Deps } from "../../core/source/source.ts";

/** The seal that named a token. Only its rotation counts: a seal that is unavailable or degraded changes nothing. */
export class SealWatch {
  #need: Need;
  #until: number;
  readonly #deps: Deps;

  constructor(need: Need, deps: Deps) {
    this.#need = need;
    this.#until = need.until;
    this.#deps = deps;
  }

  /** Until when it need not be checked again. */
  get until(): number {
    return this.#until;
  }

  /** Checks whether it is another one now. */
  look(call: Call): MaybePromise<boolean> {
    const { resolveNeed, ambient } = this.#deps;
    const before = this.#need;
    return andThen(resolveNeed(before.key, call), (now) => {
      if (isRefusal(now) || now.credential!.degraded) {
        this.#until = ambient.clock.now() + pause(ambient.random());
        return false;
      }
      this.#until = now.until;
      this.#need = now;
      return wasRotated(now, before);
    });
  }
}
