import { FREE_FAILURES } from "../chain/limits.ts";
import type { Refusal } from "../chain/outcome.ts";
import type { Need } from "./answer.ts";
import { backoffUntil, doublingPause, expiresForRenewal, type Failure, pause, pauseUntil } from "./freshness.ts";
import type { TokenGeneration } from "./token_generation.ts";

/** A token that was not obtained. */
export interface Failed {
  readonly refusal: Refusal;
  /** What it was to be obtained with. */
  readonly needs?: readonly Need[] | undefined;
  /** Whether the store gave no answer in time. */
  readonly timedOut?: boolean | undefined;
}

/** A token, or why there is none, and until when it need not be asked for again. */
export interface Obtained {
  readonly generation?: TokenGeneration | undefined;
  /** Why there is no token, or why the held one was not renewed. */
  readonly refusal?: Refusal | undefined;
  readonly until: number;
  readonly ms?: number | undefined;
  /** The needs with which the refusal was received. */
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

  /** Returns the pause at a moment; it is forgotten once it is over, or if the clock went back. */
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

  /** Ends the pause, and forgets the failures in a row. */
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
    // Hint: a pause would spare no server here, and a need that somebody corrects must count soon.
    if (isUnmet && outcome === "invalid") return held && now + pause(random);
    // Hint: a token that a service refused is no better than an expired one, and one that does not expire is like a
    // static answer.
    if (held && held.expiresAt < Infinity && now < expiresForRenewal(held) && held.reason !== "refused") {
      return backoffUntil(failure, held);
    }
    // Hint: a need has pauses of its own, and once it is back nobody should wait for a second one.
    if (isUnmet) return;
    if (!held && ++this.#failures <= FREE_FAILURES && !timedOut && !retryAfter) return;
    return pauseUntil(failure, this.#pauses++);
  }
}
