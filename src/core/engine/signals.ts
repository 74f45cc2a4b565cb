/** The callers that wait with one signal. */
interface Waiting {
  readonly callers: Set<() => void>;
  readonly abort: () => void;
}

/** The signals of those who wait: callers who share a signal share one listener on it. */
export class Signals {
  readonly #waiting = new WeakMap<AbortSignal, Waiting>();

  /** Runs a function when a signal is aborted; the returned function cancels that. */
  onAbort(signal: AbortSignal, run: () => void): () => void {
    const { callers, abort } = this.#waiting.get(signal) ?? this.#listenTo(signal);
    callers.add(run);
    return () => {
      callers.delete(run);
      if (callers.size > 0) return;
      signal.removeEventListener("abort", abort);
      this.#waiting.delete(signal);
    };
  }

  #listenTo(signal: AbortSignal): Waiting {
    const callers = new Set<() => void>();
    const waiting = { callers, abort: () => callers.forEach((run) => run()) };
    signal.addEventListener("abort", waiting.abort);
    this.#waiting.set(signal, waiting);
    return waiting;
  }
}
