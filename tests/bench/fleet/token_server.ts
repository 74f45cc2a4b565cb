import { type Refusal, unavailable } from "../../../mod.ts";
import { TIMEOUT_MS } from "../../../src/core/chain/limits.ts";
import type { Random } from "./random.ts";
import { Tally } from "./tally.ts";
import type { Timeline } from "./timeline.ts";

/** What is wrong with a server for some time. */
export interface Outage {
  readonly from: number;
  readonly until: number;
  readonly what: "unreachable" | "503";
  /** What its answers ask for, in milliseconds. */
  readonly retryAfter?: number;
}

/** What came of a request: no refusal is a token that is valid for an hour. */
export interface Response {
  readonly refusal?: Refusal;
  readonly timedOut?: boolean;
}

/** The time that a token server takes for an answer, in milliseconds. */
const ANSWER_MS = [50, 250] as const;

/** A token server, which counts what it is asked. */
export class TokenServer {
  readonly requests = new Tally();
  readonly #time: Timeline;
  readonly #random: Random;
  readonly #outage: Outage | undefined;

  constructor(time: Timeline, random: Random, outage: Outage | undefined) {
    this.#time = time;
    this.#random = random;
    this.#outage = outage;
  }

  ask(then: (response: Response) => void): void {
    const { now } = this.#time;
    this.requests.add(now);
    const { from, until, what, retryAfter } = this.#outage ?? { from: Infinity, until: Infinity };
    const isOut = now >= from && now < until;
    if (isOut && what === "unreachable") {
      return this.#time.after(TIMEOUT_MS, () => then({ refusal: unavailable("no answer"), timedOut: true }));
    }
    const response = isOut ? { refusal: unavailable("HTTP 503", retryAfter ? { retryAfter } : undefined) } : {};
    this.#time.after(this.#random.between(...ANSWER_MS), () => then(response));
  }
}
