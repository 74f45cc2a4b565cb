/** Counts what happens, in all and in the busiest second. */
export class Tally {
  total = 0;
  readonly #bySecond: number[] = [];

  add(now: number): void {
    const second = Math.floor(now / 1_000);
    this.total++;
    this.#bySecond[second] = (this.#bySecond[second] ?? 0) + 1;
  }

  get peak(): number {
    return this.#bySecond.reduce((most, count) => Math.max(most, count), 0);
  }

  /** The longest time between two of them, in whole seconds. */
  get longestGap(): number {
    let longest = 0;
    let last: number | undefined;
    // Hint: seconds in which there was none are holes, which are skipped.
    this.#bySecond.forEach((_, second) => {
      longest = Math.max(longest, second - (last ?? second));
      last = second;
    });
    return longest;
  }

  /** Returns how many there were in a time. */
  within(from: number, until: number): number {
    return this.#bySecond.slice(Math.floor(from / 1_000), Math.ceil(until / 1_000))
      .reduce((sum, count) => sum + count, 0);
  }
}
