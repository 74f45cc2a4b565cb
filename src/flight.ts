import { isThenable, type MaybePromise } from "./eventually.ts";
import type { Ambient } from "./host.ts";

/** How often a follower looks whether another request's flight has landed, in milliseconds. */
const LOOK = 25;
/** How long it looks before it takes the flight over, in milliseconds. */
const BOUND = 2_000;

/** Who asks, as far as flights are concerned. */
export interface Call {
  /** Keeps the request alive until a flight that it started has landed (a Worker's `ctx.waitUntil`). */
  readonly waitUntil?: ((promise: Promise<unknown>) => void) | undefined;
}

interface Aloft<T> {
  readonly promise: Promise<T>;
  readonly since: number;
  landed?: { readonly value: T };
}

/**
 * One request at a time for what many want at once.
 *
 * Where a promise belongs to the request that made it (workerd), awaiting another request's throws or hangs once that
 * request has ended. So there a follower looks at shared state on its own timer, and at the bound one takes over.
 */
export class SingleFlight<T> {
  #aloft: Aloft<T> | undefined;
  readonly #ambient: Ambient;

  constructor(ambient: Ambient) {
    this.#ambient = ambient;
  }

  /** Whether one is on; where promises belong to requests, one that takes long may never land. */
  get busy(): boolean {
    if (this.#aloft === undefined || !this.#ambient.requestBound) return this.#aloft !== undefined;
    const age = this.#ambient.clock.now() - this.#aloft.since;
    return age >= 0 && age < BOUND;
  }

  /** Starts one; whoever comes while it is on joins it. `begin` must not reject. */
  start(begin: () => MaybePromise<T>, { waitUntil }: Call): MaybePromise<T> {
    const since = this.#ambient.requestBound ? this.#ambient.clock.now() : 0;
    const answer = begin();
    if (!isThenable(answer)) return answer;
    const aloft: Aloft<T> = {
      since,
      promise: Promise.resolve(answer).then((value) => {
        aloft.landed = { value };
        return value;
      }).finally(() => {
        if (this.#aloft === aloft) this.#aloft = undefined;
      }),
    };
    this.#aloft = aloft;
    waitUntil?.(aloft.promise);
    return aloft.promise;
  }

  /** Joins the one that is on; `again` is asked where its request went away before it landed. */
  join(again: () => MaybePromise<T>): MaybePromise<T> {
    const aloft = this.#aloft;
    if (aloft === undefined) return again();
    return this.#ambient.requestBound ? this.#follow(aloft, again) : aloft.promise;
  }

  /** Lets nobody join the one that is on. */
  abandon(): void {
    this.#aloft = undefined;
  }

  async #follow(aloft: Aloft<T>, again: () => MaybePromise<T>): Promise<T> {
    for (let waited = 0; waited < BOUND; waited += LOOK) {
      await new Promise<void>((resolve) => this.#ambient.clock.after(LOOK, resolve));
      if (aloft.landed) return aloft.landed.value;
    }
    if (this.#aloft === aloft) this.#aloft = undefined;
    return await again();
  }
}
