import type { Clock } from "../core/chain/host.ts";

/** How long is waited for the end of a pool in which nothing runs, and again for its end by force. */
const END_MS = 5_000;

/**
 * A pool of connections, as `pg` and `postgres` make them.
 *
 * @example A pool that a test plays
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
  /** Ends its connections: `postgres` those that are busy too, after `timeout` seconds. */
  // deno-lint-ignore no-explicit-any
  end(...options: any[]): Promise<unknown>;
  /** Of `pg`: tells of connections. */
  // deno-lint-ignore no-explicit-any
  on?(event: any, listener: (connection: any) => void): unknown;
}

/** A connection of a pool of `pg`. */
interface Connection {
  end(): Promise<unknown>;
  on?(event: "error", listener: () => void): unknown;
}

/** The pools that are, or were, of a login. */
const taken = /* @__PURE__ */ new WeakSet<EndablePool>();

/** The pool of one login: it counts what uses it, and ends when it is not used any more. */
export class LoginPool<P extends EndablePool> {
  readonly #pool: P;
  readonly #clock: Clock;
  /** The connections of a pool of `pg`, which can only wait for busy ones. */
  readonly #connections = new Set<Connection>();
  /** What rejects each use. */
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
    // Hint: an idle connection that the server ends would else end the process; the pool opens another one.
    pool.on?.("error", () => {});
  }

  /** Runs something with the pool; it is rejected where the pool is ended by force meanwhile. */
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

  /** Ends the pool once nothing uses it, after some milliseconds by force. It never rejects. */
  end(overlap: number): Promise<void> {
    return this.#ending ??= this.#end(overlap);
  }

  async #end(overlap: number): Promise<void> {
    if (this.#uses.size > 0) await this.#within(overlap, new Promise<void>((resolve) => this.#unused = resolve));
    const isUsed = this.#uses.size > 0;
    const ended = this.#endPool();
    // Hint: a connection that was taken from the pool and not given back would be waited for without an end.
    if (!isUsed && await this.#within(END_MS, ended)) return;
    const forced = this.#force();
    // Hint: a pool of `pg` waits for a connection that is not given back even where that one has ended.
    await this.#within(END_MS, this.#pool.on ? forced : ended);
  }

  async #endPool(): Promise<void> {
    try {
      // Hint: a pool of `pg` takes anything for a callback.
      await (this.#pool.on ? this.#pool.end() : this.#pool.end({ timeout: 0 }));
    } catch {
      // Hint: nobody uses it any more who could be told.
    }
  }

  /** Gives up what uses the pool, and ends the connections of a pool of `pg`. */
  async #force(): Promise<void> {
    this.#isForced = true;
    // Hint: what waits for a connection of a pool of `pg` that has ended would wait for ever.
    const error = new Error("The pool was ended, and its work was not done within the overlap");
    for (const giveUp of this.#uses) giveUp(error);
    await Promise.allSettled([...this.#connections].map((connection) => connection.end()));
  }

  #add(connection: Connection): void {
    // Hint: the server may end one that is in use and runs nothing, and an error without a listener ends the process.
    connection.on?.("error", () => {});
    this.#connections.add(connection);
    if (this.#isForced) connection.end().catch(() => {});
  }

  /** Waits for a promise, at most some milliseconds; returns whether it was in time. */
  async #within(ms: number, promise: Promise<void>): Promise<boolean> {
    let cancel!: () => void;
    const late = new Promise<boolean>((resolve) => cancel = this.#clock.after(ms, () => resolve(false)));
    return await Promise.race([promise.then(() => true), late]).finally(cancel);
  }
}
