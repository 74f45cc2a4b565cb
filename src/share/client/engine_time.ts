import { MINUTE } from "../../core/chain/limits.ts";

/** How far an engine's clock may go back at once: that of a server that takes over may be behind. */
const MAX_BACK_MS = 5_000;
/** How long another time must go on before it is the engine's new one. */
const PERSISTS_MS = MINUTE;
/** How much of the time that passes a clock may lose without being noticed. */
const DRIFT = 0.001;

/** By how much the engine's clock was ahead of this machine's, and when. */
interface Lead {
  readonly ahead: number;
  readonly at: number;
}

/** What a machine knows of an engine's clock: one that goes back would make expired tokens valid again. */
export class EngineTime {
  #known: Lead | undefined;
  /** What it is since it went back. */
  #other: Lead | undefined;

  /**
   * Whether a time of the engine's may be one.
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
