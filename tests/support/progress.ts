import type { Clock } from "../../src/core/chain/host.ts";

/** How long a task may print nothing. */
const QUIET_MS = 10_000;

const clock: Clock = {
  now: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** Where a step is announced, and the clock by which it is. */
export interface Announcing {
  readonly print: (line: string) => void;
  readonly clock: Clock;
}

/**
 * Prints what a task does next, does it, and says that it goes on after every ten seconds in which nothing was printed.
 *
 * @param name The name of the step.
 * @param doing What is done in it, which is printed after the name.
 * @param work What is done. It calls `heard` when it has printed something itself.
 * @param announcing Where that is printed; default the standard output.
 * @returns What the work returns.
 */
export async function announced<T>(
  name: string,
  doing: string,
  work: (heard: () => void) => Promise<T>,
  announcing: Announcing = { print: console.log, clock },
): Promise<T> {
  const { print, clock } = announcing;
  const began = clock.now();
  let cancel = () => {};
  const heard = () => {
    cancel();
    cancel = clock.after(QUIET_MS, () => {
      print(`${name}: ${Math.round((clock.now() - began) / 1_000)} s so far`);
      heard();
    });
  };
  print(`${name}: ${doing}`);
  heard();
  try {
    return await work(heard);
  } finally {
    cancel();
  }
}
