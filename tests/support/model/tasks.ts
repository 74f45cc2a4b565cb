import { Timers } from "./timers.ts";

/** What a task waits for: given what goes on with it. */
type Wait = (goOn: () => void) => void;

/** A piece of work of the model that may wait. */
export type Task<T> = Generator<Wait, T, void>;

/** Work in progress, which others may wait for. */
export interface Flight<T> {
  landed?: { readonly value: T; readonly round: number };
  readonly waiting: (() => void)[];
}

/** Runs tasks in explicit time, each without interruption until it waits. */
export class Tasks {
  readonly timers: Timers;
  readonly #ready: (() => void)[] = [];
  /** Counts what goes on at the same time. */
  #round = 0;

  constructor(start: number) {
    this.timers = new Timers(start);
  }

  /** Starts a task. It runs at once, until it first waits. */
  start<T>(task: Task<T>): Flight<T> {
    const flight: Flight<T> = { waiting: [] };
    let isLate = false;
    const goOn = () => {
      const { done, value } = task.next();
      if (!done) return value(goOn);
      flight.landed = { value, round: isLate ? this.#round : -1 };
      this.#ready.push(...flight.waiting);
    };
    goOn();
    isLate = true;
    return flight;
  }

  /** Whether a flight may be joined: what goes on at the same time as its landing still joins it. */
  isBusy(flight: Flight<unknown> | undefined): boolean {
    return flight !== undefined && (!flight.landed || flight.landed.round === this.#round);
  }

  /** Waits some milliseconds, in one instant with others at the place that was taken. */
  *wait(ms: number, place: number = this.timers.place()): Task<void> {
    yield (goOn) => this.timers.afterAt(place, ms, goOn);
  }

  /** Lets others go first, in the same instant. */
  *turn(): Task<void> {
    yield (goOn) => void this.#ready.push(goOn);
  }

  /** Waits for a flight, if it has not landed yet. */
  *join<T>(flight: Flight<T>): Task<T> {
    if (!flight.landed) yield (goOn) => void flight.waiting.push(goOn);
    return flight.landed!.value;
  }

  /** Runs what is ready, without any time passing. */
  settle(): void {
    for (this.#round++; this.#ready.length > 0; this.#round++) {
      for (const goOn of this.#ready.splice(0)) goOn();
    }
  }

  /** Lets some milliseconds pass. */
  advance(ms: number): void {
    this.settle();
    const end = this.timers.now() + ms;
    for (let run = this.timers.next(end); run; run = this.timers.next(end)) {
      run();
      this.settle();
    }
  }
}
