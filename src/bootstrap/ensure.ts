import type { Credential } from "../core/chain/credential.ts";
import type { MaybePromise } from "../core/chain/eventually.ts";
import type { RawValues } from "../core/chain/field.ts";
import type { FileLock } from "../core/chain/host.ts";
import { isRefusal } from "../core/chain/outcome.ts";
import { judge } from "../core/engine/judge.ts";
import type { Resolver } from "../core/engine/resolver.ts";
import { announce, rank } from "./announce.ts";
import { chooseTarget, compose, readBack, type Target } from "./target.ts";
import { type RawFields, WriteCall } from "./write_call.ts";

/** The options of `ensure`. @category Bootstrap */
export interface EnsureOptions<F> {
  /**
   * Receives values that were minted and are not used, because another process was quicker or they could not be
   * written: to revoke them.
   */
  readonly onOrphan?: ((values: RawValues<F>) => MaybePromise<void>) | undefined;
  /** Ends the wait for another process that mints, with the signal's reason; it never ends `mint` itself. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Resolves a credential, and mints it where it is missing: where neither the store that it would be written to nor one
 * above has it. Lower stores and defaults do not count, since a static seed is what a minted credential replaces. If one
 * of those stores cannot answer, nothing is minted: an outage must never create a second principal.
 *
 * What is promised: of several processes one mints, and the others wait for it and get what it wrote.
 * - In a `file` store on a local file system, by a lock. `mint` may hold it as long as it takes, also where it blocks its
 *   thread, as `execFileSync` does. The lock of a process that was killed is taken over after 10 s.
 * - In a store of documents with a `write` that checks versions, whose look-up gives them (`answer`), by a claim: an empty
 *   document, which is a miss for every reader. It is taken over after 60 s, whether or not its process was killed, so
 *   `mint` must be quicker.
 *
 * What is not promised:
 * - After a crash between minting and writing, the principal exists and its secret is lost.
 * - Several processes may mint at once on a network file system that does not keep a link exclusive, and, with a `write`
 *   of a store's own, in one of variables, in a document that other credentials share, and where it checks no versions.
 *   Where it checks them, one is committed, all get that one, and the others go to `onOrphan`; else the last to write
 *   replaces the others.
 * - Under Node's permissions without `--allow-worker`, a `mint` that blocks its thread keeps the lock for 10 s.
 *
 * So name your principals in such a way that minting twice gives the same one.
 *
 * @param resolver The resolver of the chain.
 * @param key The credential's key.
 * @param mint Creates the credential; called only once it is known that it can be written.
 * @param options What to do with a credential that was minted in vain, and how long to wait.
 * @returns The credential, minted or found.
 * @throws {CredentialError} If a store cannot say whether it has the credential, or it cannot be written.
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
  const call = new WriteCall("ensure", resolver, key);
  const { names, required, fields } = call.plan;
  const identity = names.filter((_, at) => fields[at]!.identity);
  const choices = required.length > 0 ? [required.map((at) => names[at]!)] : identity.map((name) => [name]);
  const target = chooseTarget(call, choices);
  const ensuring = new EnsureCall(resolver, call, { ...target, choices }, mint, options as EnsureOptions<never>);
  return await ensuring.run() as Credential<never> as Credential<C[K], K>;
}

/** The keys that this process is minting, by resolver: callers in one process need no file to know of each other. */
const mintingKeys = /* @__PURE__ */ new WeakMap<object, Set<string>>();

/** Where a minted credential is written, and which fields it may consist of. */
interface MintTarget extends Target {
  readonly choices: readonly (readonly string[])[];
}

class EnsureCall {
  readonly #call: WriteCall;
  readonly #target: MintTarget;
  readonly #mint: () => MaybePromise<object>;
  readonly #options: EnsureOptions<never>;
  /** The keys that are being minted with this resolver. */
  readonly #mintingKeys: Set<string>;

  constructor(
    resolver: object,
    call: WriteCall,
    target: MintTarget,
    mint: () => MaybePromise<object>,
    options: EnsureOptions<never>,
  ) {
    this.#mintingKeys = mintingKeys.get(resolver) ?? new Set();
    mintingKeys.set(resolver, this.#mintingKeys);
    this.#call = call;
    this.#target = target;
    this.#mint = mint;
    this.#options = options;
  }

  async run(): Promise<Credential> {
    for (;;) {
      const found = await this.#existing();
      if (found) return found;
      this.#options.signal?.throwIfAborted();
      if (this.#mintingKeys.has(this.#call.key) || !await this.#tryToMint()) await this.#pause();
    }
  }

  /** Returns the credential, where the target or a store above has it. */
  async #existing(): Promise<Credential | undefined> {
    const { plan, access } = this.#call;
    // Hint: this fails with the resolver's own error, before anything is minted in vain.
    if (!access.keeps(plan.key)) return await this.#call.resolve();
    const lowest = rank(plan, this.#target.source.store.name);
    const held = access.freshSource(plan.key);
    if (held === undefined || rank(plan, held) > lowest) {
      if (!await this.#anyHas(plan.sources.slice(0, lowest + 1))) return undefined;
      access.renew([plan.key]);
    }
    const credential = await this.#call.resolve();
    return rank(plan, credential.source) <= lowest ? credential : undefined;
  }

  async #anyHas(sources: WriteCall["plan"]["sources"]): Promise<boolean> {
    const { plan, access } = this.#call;
    for (const source of sources) {
      if (!source.mapsIdentity) continue;
      const { outcome, detail, missing } = judge(plan, source, await access.ask(source));
      if (outcome === "hit") return true;
      if (outcome === "miss" || outcome === "off") continue;
      const reason = `"${source.store.name}" is ${outcome}${detail ? `: ${detail}` : ""}`;
      throw this.#call.error(
        outcome,
        `${reason}; nothing was minted, because this store may have the credential`,
        missing,
      );
    }
    return false;
  }

  /** Mints, unless another process does so; returns whether to look for the credential again without a pause. */
  async #tryToMint(): Promise<boolean> {
    this.#mintingKeys.add(this.#call.key);
    let lock: FileLock | undefined;
    try {
      lock = await this.#lock();
      if (!lock) return false;
      // Hint: another process may have written it before it released the lock.
      if (await this.#existing()) return true;
      await this.#checkPlace();
      const given = await this.#mint();
      if (await this.#commit(given)) await announce(this.#call, this.#target);
      return true;
    } finally {
      this.#mintingKeys.delete(this.#call.key);
      lock?.release();
    }
  }

  /** Fails where no identity has a place in what the target holds: what is minted would be lost. */
  async #checkPlace(): Promise<void> {
    const { medium, layout, choices, source } = this.#target;
    const before = await medium.read();
    if (isRefusal(before)) throw this.#call.refused(source, before);
    const probes = choices.map((fields) => Object.fromEntries(fields.map((field) => [field, ""])));
    const composed = probes.map((probe) => layout.compose(before.value, probe));
    if (composed.length > 0 && composed.every(isRefusal)) throw this.#call.refused(source, composed[0]!);
  }

  async #lock(): Promise<FileLock | undefined> {
    const lock = await this.#target.medium.lock();
    if (isRefusal(lock)) throw this.#call.refused(this.#target.source, lock);
    return lock;
  }

  async #commit(values: object): Promise<boolean> {
    let same = false;
    let committed = false;
    try {
      const given = this.#call.presentFields(values);
      const obstacle = this.#target.layout.obstacle(Object.keys(given));
      if (obstacle) throw this.#call.error("invalid", `"${this.#target.source.store.name}" ${obstacle}`);
      ({ committed, same } = await this.#write(given));
    } finally {
      if (!committed && !same) await this.#options.onOrphan?.(values as never);
    }
    return committed;
  }

  /** Writes what was minted, unless the credential is there by now: then that one counts, and may be the same. */
  async #write(given: RawFields): Promise<{ readonly committed: boolean; readonly same: boolean }> {
    const { medium, source } = this.#target;
    for (;;) {
      const before = await medium.read();
      if (isRefusal(before)) throw this.#call.refused(source, before);
      const after = compose(this.#call, this.#target, before.value, given);
      if (before.value && this.#has(before.value)) {
        return { committed: false, same: JSON.stringify(before.value) === JSON.stringify(after) };
      }
      const written = await medium.replace(before, after, { exclusive: true });
      if (isRefusal(written)) throw this.#call.refused(source, written);
      if (written) return { committed: true, same: true };
    }
  }

  #has(contents: object): boolean {
    const { plan } = this.#call;
    const reading = readBack(this.#target.source, contents);
    if (reading.outcome !== "found") return isRefusal(reading);
    return plan.fields.some(({ identity }, at) => identity && reading.values[at] !== undefined);
  }

  #pause(): Promise<void> {
    const { signal } = this.#options;
    const { clock } = this.#call.access.ambient;
    return new Promise((resolve, reject) => {
      const abort = () => {
        cancel();
        reject(signal!.reason);
      };
      const cancel = clock.after(this.#target.medium.pollMs, () => {
        signal?.removeEventListener("abort", abort);
        resolve();
      });
      signal?.addEventListener("abort", abort, { once: true });
    });
  }
}
