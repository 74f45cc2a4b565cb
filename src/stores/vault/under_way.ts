import type { Surroundings } from "../../core/chain/store_spec.ts";

/** How long a store that is closed waits for what is under way: two stores must close one after the other. */
const WAIT_MS = 2_000;

/** Requests for what is revoked when it arrives after its store was closed. */
export class UnderWay {
  readonly #requests = new Set<Promise<unknown>>();

  async run<T>(request: Promise<T>): Promise<T> {
    this.#requests.add(request);
    return await request.finally(() => this.#requests.delete(request));
  }

  // Hint: where requests are bound, what another one awaits never ends here.
  /** Waits until they have ended, though not for long. */
  async ended({ clock, requestBound }: Surroundings): Promise<void> {
    if (requestBound || !this.#requests.size) return;
    await new Promise<void>((resolve) => {
      const cancel = clock.after(WAIT_MS, resolve);
      Promise.allSettled(this.#requests).then(cancel).then(resolve);
    });
  }
}
