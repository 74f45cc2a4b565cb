import { FREE_FAILURES } from "../chain/limits.ts";
import type { Refusal } from "../chain/outcome.ts";
import type { Need } from "./answer.ts";
import { backoffUntil, doublingPause, expiresFor, type Failure, pause, pauseUntil } from "./freshness.ts";
import type { TokenGeneration } from "./token_generation.ts";

/** A token that was not obtained. */
export interface Failed {
  readonly refusal: Refusal;
  /** What it was to be obtained with. */
  readonly needs?: readonly Need[] | undefined;
  /** Whether the store gave no answer in time. */
  readonly timedOut?: boolean | undefined;
}

/** A token, or why there is none, and until when this need not be asked again. */
export interface Obtained {
  readonly generation?: TokenGeneration | undefined;
  /** Why there is no token, or why the held one could not be renewed. */
  readonly refusal?: Refusal | undefined;
  readonly until: number;
  readonly ms?: number | undefined;
  /** What a refusal was obtained with. */
  readonly needs?: readonly Need[] | undefined;
}

/** The time in which a store is not asked after a failure. */
interface Pause extends Failed {
  readonly since: number;
  readonly until: number;
}

/** The pauses of one renewal, which grow with every failure in a row. */
export class Pauses {
  current: Pause | undefined;
  /** How many failures in a row there were with nothing held. */
  #failures = 0;
  /** How many pauses in a row there were with no valid token. */
  #pauses = 0;
  #denials = 0;

  /** Returns the pause at a moment; one that is over is forgotten, and so is every one after the clock went back. */
  at(now: number): Pause | undefined {
    const { current } = this;
    if (current && now >= current.since && now < current.until) return current;
    this.current = undefined;
  }

  /** Notes a failure, and returns its pause, if it has one. */
  add(failed: Failed, moment: Omit<Failure, "retryAfter">, held: TokenGeneration | undefined): Pause | undefined {
    const { refusal } = failed;
    const until = this.#until(failed, { ...moment, retryAfter: refusal.retryAfter }, held);
    if (until === undefined) return;
    return this.current = { ...failed, since: moment.now, until };
  }

  /** Ends the pause, and with it the row of failures. */
  end(): void {
    this.current = undefined;
    this.#failures = this.#pauses = this.#denials = 0;
  }

  #until(
    { refusal: { outcome }, needs, timedOut }: Failed,
    failure: Failure,
    held?: TokenGeneration,
  ): number | undefined {
    const { now, random, retryAfter } = failure;
    if (outcome === "denied") return now + doublingPause(this.#denials++, random);
    const isUnmet = needs?.some(({ credential }) => !credential);
    // Hint: no server is spared by waiting for a need that somebody corrects, and the correction must count soon.
    if (isUnmet && outcome === "invalid") return held && now + pause(random);
    // Hint: a token that a service refused is worth no more than an expired one, and one that does not expire is a static
    // answer.
    if (held && held.expiresAt < Infinity && now < expiresFor(held) && held.reason !== "refused") {
      return backoffUntil(failure, held);
    }
    // Hint: a need has pauses of its own, and nobody is to wait for another one once it is there again.
    if (isUnmet) return;
    if (!held && ++this.#failures <= FREE_FAILURES && !timedOut && !retryAfter) return;
    return pauseUntil(failure, this.#pauses++);
  }
}
