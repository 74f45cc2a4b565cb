import type { Credential } from "../credential.ts";
import type { MaybePromise } from "../eventually.ts";
import type { RawValues } from "../field.ts";
import type { Hold } from "../hold.ts";
import { judge } from "../judge.ts";
import { isRefusal } from "../outcome.ts";
import type { Resolver } from "../resolver.ts";
import { announce, rank } from "./announce.ts";
import type { Lock } from "./medium.ts";
import { chooseTarget, compose, readBack, type Target } from "./target.ts";
import { type Given, Task } from "./task.ts";

/** How often one looks whether another's minting is done, in milliseconds. */
const LOOK = 100;

/** How a credential is ensured. @category Bootstrap */
export interface EnsureOptions<F> {
  /**
   * Takes what was minted and isn't used, since another process was quicker or it could not be written: to revoke it.
   */
  readonly onOrphan?: ((values: RawValues<F>) => MaybePromise<void>) | undefined;
  /** Ends the wait for another process that mints, with the signal's reason; never a minting of one's own. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Gives a credential, and mints it where it is missing: where neither the store that it would be written to nor one above
 * has it. Lower stores and defaults don't count, since a static seed is what a minted credential replaces. If one of
 * those stores can't say, nothing is minted: an outage must never create a second principal.
 *
 * Of several processes one mints in the ordinary case, and the others wait for it; whatever happens, one document is
 * committed, and all get what is in it. Two things nobody can promise: after a crash between minting and writing the
 * principal exists and its secret is lost, and a network file system may not keep a link exclusive. So name your
 * principals so that minting twice gives the same one.
 *
 * @param resolver The resolver of the chain.
 * @param key The credential.
 * @param mint Makes it; called only once it is known that it can be written.
 * @param options What becomes of a credential that was minted in vain, and how long to wait.
 * @returns The credential, minted or found.
 * @throws {CredentialError} Where a store can't say whether it has it, or it can't be written.
 *
 * @example
 * ```ts
 * import { defineChain, file, getResolver, required } from "@alphaswarm/credentials";
 * import { ensure } from "@alphaswarm/credentials/bootstrap";
 *
 * const chain = defineChain({
 *   stores: { file: file({ priority: 200, directory: "data/bootstrap" }) },
 *   credentials: {
 *     "polaris:oauth": {
 *       fields: { client_id: required(), client_secret: required() },
 *       from: { file: "polaris-principal.json" },
 *     },
 *   },
 * });
 *
 * function bootstrap(mint: () => Promise<{ client_id: string; client_secret: string }>) {
 *   return ensure(getResolver(chain), "polaris:oauth", mint);
 * }
 * ```
 * @category Bootstrap
 */
export async function ensure<C, K extends keyof C & string>(
  resolver: Resolver<C>,
  key: K,
  mint: () => MaybePromise<RawValues<C[K]>>,
  options: EnsureOptions<C[K]> = {},
): Promise<Credential<C[K], K>> {
  const task = new Task("ensure", resolver, key);
  const { names, required, fields } = task.plan;
  const identity = names.filter((_, at) => fields[at]!.identity);
  const choices = required.length > 0 ? [required.map((at) => names[at]!)] : identity.map((name) => [name]);
  const target = chooseTarget(task, choices);
  const minting = new Minting(task, target, mint, options as EnsureOptions<never>);
  return await minting.run() as Credential<never> as Credential<C[K], K>;
}

/** The mintings of this process, which need no file to know of each other. */
const underWay = /* @__PURE__ */ new WeakSet<Hold>();

class Minting {
  readonly #task: Task;
  readonly #target: Target;
  readonly #mint: () => MaybePromise<object>;
  readonly #options: EnsureOptions<never>;

  constructor(task: Task, target: Target, mint: () => MaybePromise<object>, options: EnsureOptions<never>) {
    this.#task = task;
    this.#target = target;
    this.#mint = mint;
    this.#options = options;
  }

  async run(): Promise<Credential> {
    const hold = this.#task.inside.holds.get(this.#task.key)!;
    for (;;) {
      const found = await this.#standing(hold);
      if (found) return found;
      this.#options.signal?.throwIfAborted();
      if (underWay.has(hold) || !await this.#turn(hold)) await this.#moment();
    }
  }

  /** The credential, where the target or a store above has it. */
  async #standing(hold: Hold): Promise<Credential | undefined> {
    const { plan, inside } = this.#task;
    const lowest = rank(plan, this.#target.source.store.name);
    if (!(hold.fresh && rank(plan, hold.credential!.source) <= lowest)) {
      if (!await this.#anyHas(plan.sources.slice(0, lowest + 1))) return undefined;
      inside.holds.get(plan.key)!.renew();
    }
    const credential = await this.#task.resolve();
    return rank(plan, credential.source) <= lowest ? credential : undefined;
  }

  async #anyHas(sources: Task["plan"]["sources"]): Promise<boolean> {
    const { plan, inside } = this.#task;
    for (const source of sources) {
      if (!source.serves) continue;
      const answer = await inside.stores.get(source.store.name)!.answer(source, source.wanted, undefined, {});
      const { outcome, detail, missing } = judge(plan, source, answer);
      if (outcome === "hit") return true;
      if (outcome === "miss" || outcome === "off") continue;
      const reason = `"${source.store.name}" is ${outcome}${detail ? `: ${detail}` : ""}`;
      throw this.#task.error(outcome, `${reason}; nothing was minted, since it may have the credential`, missing);
    }
    return false;
  }

  /** Mints, unless another process does so; says whether it is worth looking again at once. */
  async #turn(hold: Hold): Promise<boolean> {
    const lock = this.#lock();
    if (!lock) return false;
    underWay.add(hold);
    try {
      // Hint: another process may have written it before it gave the lock up.
      if (await this.#standing(hold)) return true;
      const given = await this.#mint();
      if (await this.#commit(given)) await announce(this.#task, this.#target);
      return true;
    } finally {
      underWay.delete(hold);
      lock.release();
    }
  }

  #lock(): Lock | undefined {
    const lock = this.#target.medium.lock();
    if (isRefusal(lock)) throw this.#task.refused(this.#target.source, lock);
    return lock;
  }

  async #commit(values: object): Promise<boolean> {
    let same = false;
    let committed = false;
    try {
      const given = this.#task.given(values);
      const obstacle = this.#target.layout.obstacle(Object.keys(given));
      if (obstacle) throw this.#task.error("invalid", `"${this.#target.source.store.name}": ${obstacle}`);
      ({ committed, same } = await this.#write(given));
    } finally {
      if (!committed && !same) await this.#options.onOrphan?.(values as never);
    }
    return committed;
  }

  /** Writes what was minted, unless there is something by now: then that counts, and is perhaps the same. */
  async #write(given: Given): Promise<{ readonly committed: boolean; readonly same: boolean }> {
    const { medium, source } = this.#target;
    for (;;) {
      const before = await medium.read();
      if (isRefusal(before)) throw this.#task.refused(source, before);
      const after = compose(this.#task, this.#target, before.value, given);
      if (before.value && this.#has(before.value)) {
        return { committed: false, same: JSON.stringify(before.value) === JSON.stringify(after) };
      }
      const written = await medium.replace(before, after, { exclusive: true });
      if (isRefusal(written)) throw this.#task.refused(source, written);
      if (written) return { committed: true, same: true };
    }
  }

  #has(contents: object): boolean {
    const { plan } = this.#task;
    const reading = readBack(this.#target.source, contents);
    return isRefusal(reading) || plan.fields.some(({ identity }, at) => identity && reading.values[at] !== undefined);
  }

  #moment(): Promise<void> {
    const { signal } = this.#options;
    const { clock } = this.#task.inside.ambient;
    return new Promise((resolve, reject) => {
      const abort = () => {
        cancel();
        reject(signal!.reason);
      };
      const cancel = clock.after(LOOK, () => {
        signal?.removeEventListener("abort", abort);
        resolve();
      });
      signal?.addEventListener("abort", abort, { once: true });
    });
  }
}
