import type { MaybePromise } from "../../core/chain/eventually.ts";
import type { Clock } from "../../core/chain/host.ts";

/** What `timebox` rejects with. */
export const LATE: unique symbol = /* @__PURE__ */ Symbol("late");

/**
 * Awaits what a function returns for some milliseconds. After that it rejects with `LATE`, and ignores what comes
 * later.
 *
 * @param run Gets a check to call before each of its steps, which throws once it is late.
 */
export function timebox<T>(clock: Clock, ms: number, run: (check: () => void) => MaybePromise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    let late = false;
    const check = () => {
      if (late) throw LATE;
    };
    const cancel = clock.after(ms, () => {
      late = true;
      reject(LATE);
    });
    // Hint: runs within a promise, so that an error that is thrown synchronously rejects it too.
    Promise.resolve(check).then(run).then(resolve, reject).finally(cancel);
  });
}

/** Waits for some milliseconds. */
export function sleep(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.after(ms, () => resolve()));
}
