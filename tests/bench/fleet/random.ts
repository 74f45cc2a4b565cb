import { chance } from "../../support/outages/chance.ts";

/** Random numbers from a seed. */
export class Random {
  /** Returns a number, at least 0 and less than 1. */
  readonly next: () => number;

  constructor(seed: number) {
    this.next = chance(seed);
  }

  between(least: number, most: number): number {
    return least + (most - least) * this.next();
  }

  /** Returns how long it takes until what happens at a rate happens next. */
  wait(rate: number): number {
    return -Math.log(1 - this.next()) / rate;
  }

  /** Returns how often something happens that happens this often on average (Poisson). */
  count(mean: number): number {
    if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * this.#normal()));
    let count = 0;
    for (let product = this.next(); product > Math.exp(-mean); product *= this.next()) count++;
    return count;
  }

  #normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  }
}
