import { MINUTE } from "../../core/chain/limits.ts";

/** How far an engine's clock may go back at once: a server that takes over may have a clock that is behind. */
const MAX_BACK_MS = 5_000;
/** How long a different time must persist before it is taken for the engine's new one. */
const PERSISTS_MS = MINUTE;
/** Which fraction of the passing time a clock may lose unnoticed. */
const DRIFT = 0.001;

/** How far the engine's clock was ahead of this machine's, and when. */
interface Lead {
  readonly ahead: number;
  readonly at: number;
}

/** What a machine knows about an engine's clock: a clock that goes back would make expired tokens valid again. */
export class EngineTime {
  #known: Lead | undefined;
  /** The lead since the clock went back. */
  #other: Lead | undefined;

  /**
   * Whether a time that the engine states is plausible.
   *
   * @param now The engine's time.
   * @param at This machine's time.
   */
  accepts(now: number, at: number): boolean {
    const ahead = now - at;
    const { ahead: known, at: before } = this.#known ?? { ahead, at };
    const least = known - Math.max(0, at - before) * DRIFT;
    if (ahead >= least - MAX_BACK_MS) return this.#take({ ahead: Math.max(ahead, least), at });
    const other = this.#other;
    if (!other || at < other.at || Math.abs(ahead - other.ahead) > MAX_BACK_MS) {
      this.#other = { ahead, at };
      return false;
    }
    return at - other.at >= PERSISTS_MS && this.#take({ ahead, at });
  }

  #take(known: Lead): true {
    this.#known = known;
    this.#other = undefined;
    return true;
  }
}
