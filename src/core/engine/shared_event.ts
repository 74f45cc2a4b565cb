import type { Ambient } from "../chain/host.ts";

/** Runs a function once when an event happens; the returned function cancels that. */
export type Listen = (run: () => void) => () => void;

/** Returns an event with one underlying listener however many wait for it, and none while nobody does. */
export function shared(listen: Listen): Listen {
  const waiting = new Set<() => void>();
  let stop: () => void;
  return (run) => {
    if (waiting.size === 0) stop = listen(() => waiting.forEach((each) => each()));
    waiting.add(run);
    return () => {
      if (waiting.delete(run) && waiting.size === 0) stop();
    };
  };
}

// Hint: not a `WeakMap`, since thousands of weak keys cost the garbage collector more than a request takes.
/** The signals that somebody waits on. */
const aborts = new Map<AbortSignal, Listen>();

/**
 * Runs a function when a signal is aborted, with one listener for all that share it; the returned function cancels
 * that.
 *
 * @param signal The signal.
 * @param run The function.
 * @param ambient Says whether promises belong to requests, in which case nothing is shared.
 */
export function onAbort(
  signal: AbortSignal,
  run: () => void,
  { requestBound }: Pick<Ambient, "requestBound">,
): () => void {
  const onAborted = aborts.get(signal) ?? shared((end) => {
    // Hint: a request that is cut off never ends its waits, so its signal would stay forever.
    if (!requestBound) aborts.set(signal, onAborted);
    signal.addEventListener("abort", end);
    return () => {
      aborts.delete(signal);
      signal.removeEventListener("abort", end);
    };
  });
  return onAborted(run);
}
