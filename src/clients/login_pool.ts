import type { Clock } from "../core/chain/host.ts";

/**
 * A pool of connections, as `pg` and `postgres` make them.
 *
 * @category Clients
 */
export interface EndablePool {
  /** Ends its connections: `postgres` those that are busy too, after `timeout` seconds. */
  // deno-lint-ignore no-explicit-any
  end(...options: any[]): Promise<unknown>;
  /** Of `pg`: tells of connections. */
  // deno-lint-ignore no-explicit-any
  on?(event: any, listener: (connection: any) => void): unknown;
}

/** The pool of one login: it counts what uses it, and ends when it is not used any more. */
export class LoginPool<P extends EndablePool> {
  readonly pool: P;
  readonly #clock: Clock;
  /** The connections of a pool of `pg`, which can only wait for busy ones. */
  readonly #connections = new Set<{ end(): Promise<unknown> }>();
  readonly #forced = Promise.withResolvers<never>();
  #uses = 0;
  #unused: (() => void) | undefined;
  #ending: Promise<void> | undefined;

  constructor(pool: P, clock: Clock) {
    this.pool = pool;
    this.#clock = clock;
    this.#forced.promise.catch(() => {});
    pool.on?.("connect", (connection) => this.#connections.add(connection));
    pool.on?.("remove", (connection) => this.#connections.delete(connection));
    // Hint: an idle connection that the server ends would else end the process; the pool opens another one.
    pool.on?.("error", () => {});
  }

  /** Runs something with the pool; it is rejected where the pool is ended by force meanwhile. */
  async use<T>(run: (pool: P) => PromiseLike<T> | T): Promise<T> {
    this.#uses++;
    try {
      return await Promise.race([run(this.pool), this.#forced.promise]);
    } finally {
      if (--this.#uses === 0) this.#unused?.();
    }
  }

  /** Ends the pool once nothing uses it, after some milliseconds by force. */
  end(overlap: number): Promise<void> {
    return this.#ending ??= this.#end(overlap);
  }

  async #end(overlap: number): Promise<void> {
    if (this.#uses > 0) {
      await new Promise<void>((resolve) => {
        const cancel = this.#clock.after(overlap, resolve, true);
        this.#unused = () => {
          cancel();
          resolve();
        };
      });
    }
    // Hint: a pool of `pg` takes anything for a callback.
    const ended = this.pool.on ? this.pool.end() : this.pool.end({ timeout: 0 });
    if (this.#uses > 0) {
      // Hint: what waits for a connection of a pool of `pg` that has ended would wait for ever.
      this.#forced.reject(new Error("The pool was replaced, and its work was not done within the overlap"));
      for (const connection of this.#connections) connection.end().catch(() => {});
    }
    await ended;
  }
}
