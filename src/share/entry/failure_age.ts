import type { EntryFailure } from "./entry.ts";

/**
 * The least age of a failure, as one machine sees it, so that setting the engine's clock cannot make a failure last
 * forever.
 */
export class FailureAge {
  /** When the latest failure was, by the engine's clock. */
  #at = -Infinity;
  #age = 0;
  #seenAt = 0;

  /**
   * Notes a failure.
   *
   * @param failure What is there.
   * @param now This machine's time.
   * @param waited Within a run, how long it waited since its last look.
   * @returns How long ago it was first seen, in milliseconds; `Infinity` for one that somebody put back.
   */
  see(failure: EntryFailure | undefined, now: number, waited?: number): number {
    this.#age += waited ?? Math.max(0, now - this.#seenAt);
    this.#seenAt = now;
    if (!failure) return 0;
    if (failure.at < this.#at) return Infinity;
    if (failure.at > this.#at) {
      this.#at = failure.at;
      this.#age = 0;
    }
    return this.#age;
  }
}
