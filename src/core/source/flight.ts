import { callSafely, isThenable, type MaybePromise } from "../chain/eventually.ts";
import type { Ambient } from "../chain/host.ts";
import { POLL_MS, TAKE_OVER_MS } from "../chain/limits.ts";
import type { Call } from "./source.ts";

interface Flight<T> {
  readonly promise: Promise<T>;
  readonly since: number;
  landed?: { readonly value: T };
}

/**
 * Runs one request at a time, which concurrent callers share.
 *
 * On workerd a promise belongs to the request that made it: awaiting another request's throws or hangs once that request
 * has ended. There, a follower polls shared state on its own timer, and takes the flight over when that takes too long.
 */
export class SingleFlight<T> {
  #flight: Flight<T> | undefined;
  /** Counts the flights that were abandoned. */
  #abandoned = 0;
  readonly #ambient: Ambient;

  constructor(ambient: Ambient) {
    this.#ambient = ambient;
  }

  /** Whether a flight is in progress; on workerd, one that takes too long may never land, and does not count. */
  get busy(): boolean {
    if (!this.#flight || !this.#ambient.requestBound) return !!this.#flight;
    const age = this.#ambient.clock.now() - this.#flight.since;
    return age >= 0 && age < TAKE_OVER_MS;
  }

  /** Starts a flight, which later callers join until it lands. `begin` must not reject. */
  start(begin: () => MaybePromise<T>, { waitUntil }: Call): MaybePromise<T> {
    const since = this.#ambient.requestBound ? this.#ambient.clock.now() : 0;
    const abandoned = this.#abandoned;
    const answer = begin();
    if (!isThenable(answer)) return answer;
    const flight: Flight<T> = {
      since,
      promise: Promise.resolve(answer).then((value) => {
        flight.landed = { value };
        return value;
      }).finally(() => {
        if (this.#flight === flight) this.#flight = undefined;
      }),
    };
    // Hint: a flight that was abandoned while it began would wait for itself if it joined a flight.
    if (abandoned === this.#abandoned) this.#flight = flight;
    // Hint: `waitUntil` may throw once the request is over; the flight goes on all the same.
    if (waitUntil) callSafely(() => waitUntil(flight.promise));
    return flight.promise;
  }

  /** Joins the flight in progress; without one, or if its request ended before it landed, calls `begin`. */
  join(begin: () => MaybePromise<T>): MaybePromise<T> {
    const flight = this.#flight;
    if (!flight) return begin();
    return this.#ambient.requestBound ? this.#follow(flight, begin) : flight.promise;
  }

  /** Prevents later callers from joining the flight in progress. */
  abandon(): void {
    this.#abandoned++;
    this.#flight = undefined;
  }

  async #follow(flight: Flight<T>, begin: () => MaybePromise<T>): Promise<T> {
    for (let waited = 0; waited < TAKE_OVER_MS; waited += POLL_MS) {
      await new Promise<void>((resolve) => this.#ambient.clock.after(POLL_MS, resolve));
      if (flight.landed) return flight.landed.value;
    }
    if (this.#flight === flight) this.#flight = undefined;
    return await begin();
  }
}
