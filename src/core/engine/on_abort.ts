/** The functions to run when a signal is aborted, and their listener. */
interface Waiting {
  readonly callers: Set<() => void>;
  readonly abort: () => void;
}

// Hint: not by weak keys, of which thousands cost a garbage collector more than a request takes.
/** Who waits with each signal: callers who share a signal share one listener on it. */
const bySignal = new Map<AbortSignal, Waiting>();

/** Runs a function when a signal is aborted; the returned function cancels that. */
export function onAbort(signal: AbortSignal, run: () => void): () => void {
  const { callers, abort } = bySignal.get(signal) ?? listenTo(signal);
  callers.add(run);
  return () => {
    if (!callers.delete(run) || callers.size > 0) return;
    signal.removeEventListener("abort", abort);
    bySignal.delete(signal);
  };
}

function listenTo(signal: AbortSignal): Waiting {
  const callers = new Set<() => void>();
  const waiting = { callers, abort: () => callers.forEach((run) => run()) };
  signal.addEventListener("abort", waiting.abort);
  bySignal.set(signal, waiting);
  return waiting;
}
