import type { Surroundings } from "../../core/chain/store_spec.ts";

/** How long a closing store waits for requests in progress: two stores must close one after the other. */
const WAIT_MS = 2_000;

/** Requests in progress, whose results are revoked if they arrive after the store was closed. */
export class UnderWay {
  readonly #requests = new Set<Promise<unknown>>();

  async run<T>(request: Promise<T>): Promise<T> {
    this.#requests.add(request);
    return await request.finally(() => this.#requests.delete(request));
  }

  // Hint: if promises belong to requests, one that another request awaits never ends here.
  /** Waits a limited time until they have ended. */
  async ended({ clock, requestBound }: Surroundings): Promise<void> {
    if (requestBound || !this.#requests.size) return;
    await new Promise<void>((resolve) => {
      const cancel = clock.after(WAIT_MS, resolve);
      Promise.allSettled(this.#requests).then(cancel).then(resolve);
    });
  }
}
