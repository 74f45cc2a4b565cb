import type { Ambient } from "../chain/host.ts";

/** Runs a function once at an event; the returned function cancels that. */
export type Listen = (run: () => void) => () => void;

/** Returns an event that is listened to once, however many wait for it, and only while there are any. */
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

// Hint: not by weak keys, of which thousands cost a garbage collector more than a request takes.
/** The signals on which somebody waits. */
const aborts = new Map<AbortSignal, Listen>();

/**
 * Runs a function when a signal is aborted, with one listener for all who share it; the returned function cancels that.
 *
 * @param signal The signal.
 * @param run The function.
 * @param ambient Says whether promises belong to requests: there nothing is shared.
 */
export function onAbort(
  signal: AbortSignal,
  run: () => void,
  { requestBound }: Pick<Ambient, "requestBound">,
): () => void {
  const onAborted = aborts.get(signal) ?? shared((end) => {
    // Hint: a request that is cut off never ends its waits, and its signal would stay for ever.
    if (!requestBound) aborts.set(signal, onAborted);
    signal.addEventListener("abort", end);
    return () => {
      aborts.delete(signal);
      signal.removeEventListener("abort", end);
    };
  });
  return onAborted(run);
}
