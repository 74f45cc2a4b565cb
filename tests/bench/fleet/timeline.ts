/** What happens at one moment. */
type Event = () => void;

/** Simulated time: events happen in the order of their moments, in milliseconds, and take none. */
export class Timeline {
  now = 0;
  readonly #moments: number[] = [];
  readonly #events: Event[] = [];

  /** Has something happen at a moment. */
  at(moment: number, event: Event): void {
    let index = this.#moments.length;
    while (index > 0) {
      const parent = index - 1 >> 1;
      if (this.#moments[parent]! <= moment) break;
      this.#put(index, this.#moments[parent]!, this.#events[parent]!);
      index = parent;
    }
    this.#put(index, moment, event);
  }

  /** Has something happen in some milliseconds. */
  after(ms: number, event: Event): void {
    this.at(this.now + ms, event);
  }

  /** Lets everything happen until a moment. */
  runUntil(end: number): void {
    while (this.#moments.length > 0 && this.#moments[0]! <= end) {
      this.now = this.#moments[0]!;
      const event = this.#events[0]!;
      this.#removeFirst();
      event();
    }
    this.now = end;
  }

  #removeFirst(): void {
    const moment = this.#moments.pop()!;
    const event = this.#events.pop()!;
    const { length } = this.#moments;
    if (length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= length) break;
      if (child + 1 < length && this.#moments[child + 1]! < this.#moments[child]!) child++;
      if (this.#moments[child]! >= moment) break;
      this.#put(index, this.#moments[child]!, this.#events[child]!);
      index = child;
    }
    this.#put(index, moment, event);
  }

  #put(index: number, moment: number, event: Event): void {
    this.#moments[index] = moment;
    this.#events[index] = event;
  }
}
