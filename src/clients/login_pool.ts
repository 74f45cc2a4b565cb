import type { Clock } from "../core/chain/host.ts";

/** How long to wait for the end of a pool in which nothing runs, and then again for its end by force. */
const END_MS = 5_000;

/**
 * A pool of connections, as `pg` and `postgres` create them.
 *
 * @example A stand-in for a pool, in a test
 * ```ts
 * import { createResolver, defineChain, env, required } from "@alphaswarm/credentials";
 * import { type EndablePool, postgresPool } from "@alphaswarm/credentials/clients/postgres";
 *
 * class TestPool implements EndablePool {
 *   query = (text: string) => Promise.resolve([text]);
 *   end = () => Promise.resolve();
 * }
 * const chain = defineChain({
 *   stores: { env: env({ priority: 100 }) },
 *   credentials: {
 *     "pg:app": {
 *       fields: { user: required(), password: required() },
 *       from: { env: { prefix: "DB_" } },
 *     },
 *   },
 * });
 * const resolver = createResolver(chain, {
 *   env: { DB_USER: "app", DB_PASSWORD: "not-a-secret" },
 * });
 * await using database = postgresPool(resolver, "pg:app", () => new TestPool());
 * console.log(await database.use((pool) => pool.query("SELECT 1"))); // ["SELECT 1"]
 * ```
 * @category Clients
 */
export interface EndablePool {
  /** Ends its connections; `postgres` ends busy ones too, after `timeout` seconds. */
  // deno-lint-ignore no-explicit-any
  end(...options: any[]): Promise<unknown>;
  /** Only in `pg`: reports connections. */
  // deno-lint-ignore no-explicit-any
  on?(event: any, listener: (connection: any) => void): unknown;
}

/** A connection of a pool of `pg`. */
interface Connection {
  end(): Promise<unknown>;
  on?(event: "error", listener: () => void): unknown;
}

/** The pools that belong, or belonged, to a login. */
const taken = /* @__PURE__ */ new WeakSet<EndablePool>();

/** The pool of one login: it counts its uses, and ends when it is no longer used. */
export class LoginPool<P extends EndablePool> {
  readonly #pool: P;
  readonly #clock: Clock;
  /** The connections of a pool of `pg`, which can only wait for busy ones. */
  readonly #connections = new Set<Connection>();
  /** The functions that reject each use. */
  readonly #uses = new Set<(error: Error) => void>();
  #unused: (() => void) | undefined;
  #isForced = false;
  #ending: Promise<void> | undefined;

  constructor(pool: P, clock: Clock) {
    if (taken.has(pool)) {
      throw new TypeError("Expected build to create a pool at each call: it gave one of another login");
    }
    taken.add(pool);
    this.#pool = pool;
    this.#clock = clock;
    pool.on?.("connect", (connection) => this.#add(connection));
    pool.on?.("remove", (connection) => this.#connections.delete(connection));
    // Hint: without a listener, an idle connection that the server closes would end the process; the pool opens another
    // one.
    pool.on?.("error", () => {});
  }

  /** Runs something with the pool; rejects if the pool is ended by force meanwhile. */
  async use<T>(run: (pool: P) => PromiseLike<T> | T): Promise<T> {
    let giveUp!: (error: Error) => void;
    const givenUp = new Promise<never>((_, reject) => giveUp = reject);
    this.#uses.add(giveUp);
    try {
      return await Promise.race([run(this.#pool), givenUp]);
    } finally {
      this.#uses.delete(giveUp);
      if (this.#uses.size === 0) this.#unused?.();
    }
  }

  /** Ends the pool once nothing uses it, or by force after some milliseconds. It never rejects. */
  end(overlap: number): Promise<void> {
    return this.#ending ??= this.#end(overlap);
  }

  async #end(overlap: number): Promise<void> {
    if (this.#uses.size > 0) await this.#within(overlap, new Promise<void>((resolve) => this.#unused = resolve));
    const isUsed = this.#uses.size > 0;
    const ended = this.#endPool();
    // Hint: a pool waits forever for a connection that was taken from it and not given back.
    if (!isUsed && await this.#within(END_MS, ended)) return;
    const forced = this.#force();
    // Hint: a pool of `pg` waits for a connection that is not given back even after that has ended.
    await this.#within(END_MS, this.#pool.on ? forced : ended);
  }

  async #endPool(): Promise<void> {
    try {
      // Hint: a pool of `pg` takes any argument for a callback.
      await (this.#pool.on ? this.#pool.end() : this.#pool.end({ timeout: 0 }));
    } catch {
      // Hint: nobody uses it any more, so there is nobody to tell.
    }
  }

  /** Rejects all uses of the pool, and ends the connections of a pool of `pg`. */
  async #force(): Promise<void> {
    this.#isForced = true;
    // Hint: what waits for a connection of an ended pool of `pg` would wait forever.
    const error = new Error("The pool was ended, and its work was not done within the overlap");
    for (const giveUp of this.#uses) giveUp(error);
    await Promise.allSettled([...this.#connections].map((connection) => connection.end()));
  }

  #add(connection: Connection): void {
    // Hint: the server may close a connection that is in use but idle, and an error without a listener ends the
    // process.
    connection.on?.("error", () => {});
    this.#connections.add(connection);
    if (this.#isForced) connection.end().catch(() => {});
  }

  /** Waits for a promise for at most some milliseconds; returns whether it was in time. */
  async #within(ms: number, promise: Promise<void>): Promise<boolean> {
    let cancel!: () => void;
    const late = new Promise<boolean>((resolve) => cancel = this.#clock.after(ms, () => resolve(false)));
    return await Promise.race([promise.then(() => true), late]).finally(cancel);
  }
}
