import { setImmediate } from "node:timers";
import type { TestClock } from "../../../src/testing/test_clock.ts";

let pending = 0;

// Hint: WebCrypto works in threads of its own, for as many turns of the event loop as it takes, and no runtime tells whether
// it still does.
for (const name of ["digest", "importKey", "deriveBits", "deriveKey", "encrypt", "decrypt"] as const) {
  const original = SubtleCrypto.prototype[name] as (...args: unknown[]) => Promise<unknown>;
  SubtleCrypto.prototype[name] = function (this: SubtleCrypto, ...args: unknown[]) {
    pending++;
    return original.apply(this, args).finally(() => pending--);
  } as never;
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Waits until nothing happens any more without time passing. */
export async function quiet(): Promise<void> {
  for (let still = 0; still < 2; still++) {
    await turn();
    if (pending > 0) still = -1;
  }
}

/** Lets time pass until a promise is settled, and returns its value. */
export async function until<T>(clock: TestClock, promise: Promise<T>, most = 60_000, step = 10): Promise<T> {
  let settled = false;
  promise.then(() => settled = true, () => settled = true);
  const end = clock.now() + most;
  await quiet();
  while (!settled) {
    if (clock.now() >= end) throw new Error(`not settled within ${most} ms`);
    await clock.advance(step);
  }
  return await promise;
}
