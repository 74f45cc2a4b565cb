import type { Lease } from "./entry.ts";

/** How many owners are remembered. */
const MAX_OWNERS = 32;

/** How long the owner of a lease has shown no heartbeat, as one machine sees it; remembered between runs. */
export class Heartbeats {
  /** The latest beat of each owner: an earlier one that somebody put back is not a heartbeat. */
  readonly #beats = new Map<string, number>();
  #silentFor = 0;
  #seenAt = 0;

  /**
   * Notes a lease.
   *
   * @param lease What is there.
   * @param now This machine's time.
   * @param waited Within a run, how long it waited since its last look, by a timer, since a clock may be set.
   * @returns How long it has been silent, in milliseconds.
   */
  see(lease: Lease | undefined, now: number, waited?: number): number {
    const since = waited ?? Math.max(0, now - this.#seenAt);
    this.#seenAt = now;
    if (!lease) return this.#silentFor = 0;
    const { owner, beat } = lease;
    const known = this.#beats.get(owner);
    if (known !== undefined && beat <= known) return this.#silentFor += since;
    this.#beats.set(owner, beat);
    if (this.#beats.size > MAX_OWNERS) this.#beats.delete(this.#beats.keys().next().value!);
    return this.#silentFor = 0;
  }
}
