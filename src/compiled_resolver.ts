import type { Credential, HeldCredential } from "./credential.ts";
import { KnownDefaults } from "./default.ts";
import { type ChainDescription, describe } from "./describe.ts";
import { asyncDispose, disposable } from "./disposable.ts";
import { CredentialError } from "./errors.ts";
import { andThen, isThenable, type MaybePromise } from "./eventually.ts";
import { errorOf, needRefusal } from "./failure.ts";
import type { Call } from "./flight.ts";
import { Hold, type HoldGround, isFailed, type Result } from "./hold.ts";
import type { Ambient } from "./host.ts";
import { type AnyChain, INSIDES, type Insides } from "./insides.ts";
import { dependents, withoutStore, withStore } from "./install.ts";
import { invalid, type Refusal } from "./outcome.ts";
import { compile, type Plan } from "./plan.ts";
import { readFlag } from "./reference.ts";
import type { Needed } from "./renewal.ts";
import type { FindOptions, ResolveOptions, Resolver } from "./resolver.ts";
import { type Common, LiveStore } from "./sources.ts";
import type { Store } from "./stores/store.ts";
import { waitFor } from "./wait.ts";

/** The latest wait for a walk, for those who wait on the same terms. */
interface Wait {
  readonly result: MaybePromise<Result>;
  readonly since: number;
  readonly settled: Promise<HeldCredential>;
}

/** What `createResolver` gives; its types are those of `Resolver`. */
export class CompiledResolver implements Resolver<never> {
  readonly #ambient: Ambient;
  readonly #now: () => number;
  readonly #defaults = new KnownDefaults();
  readonly #listeners = new Map<string, Set<(credential: never) => void>>();
  readonly #stores = new Map<string, LiveStore>();
  readonly #holds = new Map<string, Hold>();
  readonly #waits = new Map<string, Wait>();
  readonly #installed = new Set<string>();
  #chain!: AnyChain;
  #plan!: Plan;
  readonly #common: Common;
  readonly #ground: HoldGround;
  #closed = false;

  constructor(chain: AnyChain, ambient: Ambient) {
    this.#ambient = ambient;
    this.#now = () => ambient.clock.now();
    const invalidate = (credential: object) => this.invalidate(credential as Credential);
    this.#common = { ambient, invalidate, resolveNeed: (key, call) => this.#need(key, call) };
    this.#ground = {
      ambient,
      invalidate,
      store: (name) => this.#stores.get(name)!,
      changed: (credential) => this.#changed(credential),
    };
    this.#use(chain, compile(chain), []);
  }

  // Hint: not an `async` function, since handing out the held promise itself takes a third of the time.
  resolve(key: string, options?: ResolveOptions): Promise<never> {
    const hold = this.#holds.get(key);
    if (hold === undefined || options?.signal?.aborted) return this.#settle(key, undefined, options) as Promise<never>;
    if (hold.fresh) return hold.settled as Promise<never>;
    const result = options?.default && hold.absence || hold.get(options ?? NO_OPTIONS);
    if (result === hold.credential) return hold.settled as Promise<never>;
    const shares = options === undefined && !this.#ambient.requestBound;
    return (shares ? this.#together(key, result) : this.#settle(key, result, options)) as Promise<never>;
  }

  async find(key: string, options?: FindOptions): Promise<undefined | never> {
    const hold = this.#known(key);
    const result = await waitFor(hold.get(options ?? {}), key, this.#ambient.clock, options);
    if (!isFailed(result)) return result as never;
    if (result.code !== "not_found") throw errorOf(hold.plan, result);
  }

  peek(key: string): never | undefined {
    const hold = this.#holds.get(key);
    if (hold?.settled === undefined) return undefined;
    const { expiresAt } = hold.credential!;
    return expiresAt === undefined || this.#now() < expiresAt ? hold.credential as never : undefined;
  }

  invalidate(what: string | Pick<Credential, "key" | "source">): void {
    const key = typeof what === "string" ? what : what.key;
    const hold = this.#holds.get(key);
    if (hold === undefined || !(typeof what === "string" || isCurrent(what, hold)) || !hold.invalidate()) return;
    const affected = dependents(this.#plan, [key]);
    for (const [other, { outdated }] of this.#holds) {
      if (other !== key && (outdated || affected.has(other))) this.#holds.get(other)!.renew();
    }
  }

  onChange(key: string, listener: (credential: never) => void): Disposable {
    this.#known(key);
    const listeners = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, listeners);
    // Hint: a wrapper, so that a function registered twice is two listeners.
    const mine = (credential: never) => listener(credential);
    listeners.add(mine);
    return disposable(() => listeners.delete(mine));
  }

  install(name: string, store: Store, from: object): Disposable {
    const keys = Object.keys(from);
    if (this.#closed) throw closed(keys.join(", "));
    const chain = withStore(this.#chain, name, store, from);
    this.#use(chain, compile(chain), keys);
    this.#installed.add(name);
    return disposable(() => {
      const without = withoutStore(this.#chain, name);
      this.#installed.delete(name);
      this.#use(without, compile(without), keys);
    });
  }

  describe(): ChainDescription {
    return describe(this[INSIDES]());
  }

  [asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#holds.clear();
    this.#waits.clear();
    this.#listeners.clear();
    return Promise.resolve();
  }

  [INSIDES](): Insides {
    return {
      chain: this.#chain,
      plan: this.#plan,
      ambient: this.#ambient,
      holds: this.#holds,
      stores: this.#stores,
      installed: this.#installed,
    };
  }

  // Hint: thousands who come in the same millisecond wait on one timer; setting one each would cost as much as a request.
  #together(key: string, result: MaybePromise<Result>): Promise<HeldCredential> {
    const now = this.#now();
    const last = this.#waits.get(key);
    if (last?.result === result && last.since === now) return last.settled;
    const settled = this.#settle(key, result);
    if (isThenable(result)) this.#waits.set(key, { result, since: now, settled });
    return settled;
  }

  async #settle(
    key: string,
    result: MaybePromise<Result> | undefined,
    options: ResolveOptions = {},
  ): Promise<HeldCredential> {
    const hold = this.#known(key);
    options.signal?.throwIfAborted();
    const settled = await waitFor(result ?? hold.get(options), key, this.#ambient.clock, options);
    if (!isFailed(settled)) return settled;
    const given = options.default;
    if (!given || !settled.defaultable) throw errorOf(hold.plan, settled);
    if (this.#defaultsForbidden()) {
      throw errorOf(hold.plan, settled, settled.code === "not_found" ? "default_forbidden" : settled.code);
    }
    return this.#defaults.credential(hold.plan, given, settled);
  }

  #known(key: string): Hold {
    const hold = this.#holds.get(key);
    if (hold) return hold;
    if (this.#closed) throw closed(key);
    const keys = [...this.#holds.keys()].join(", ");
    throw new CredentialError("unknown_key", `the chain has no such credential: it has ${keys}`, { key });
  }

  // Hint: a flag that can't be read counts as set, since it is there to forbid.
  #defaultsForbidden(): boolean {
    const { defaults } = this.#plan;
    return typeof defaults === "object"
      ? readFlag(defaults.forbidWhen, this.#ambient.variable) !== false
      : defaults === "forbid";
  }

  #use(chain: AnyChain, plan: Plan, keys: readonly string[]): void {
    if (this.#closed) return;
    this.#chain = chain;
    this.#plan = plan;
    for (const name of this.#stores.keys()) {
      if (!Object.hasOwn(chain.stores, name)) this.#stores.delete(name);
    }
    for (const store of plan.stores) {
      if (!this.#stores.has(store.name)) this.#stores.set(store.name, new LiveStore(store, this.#common));
    }
    const affected = dependents(plan, keys);
    for (const [key, credential] of plan.credentials) {
      const hold = this.#holds.get(key);
      if (!hold) this.#holds.set(key, new Hold(credential, this.#ground));
      else if (affected.has(key)) hold.adopt(credential);
    }
  }

  #need(key: string, call: Call): MaybePromise<Needed | Refusal> {
    if (this.#closed) return invalid(CLOSED);
    const hold = this.#known(key);
    return andThen(
      hold.get(call),
      (result) =>
        isFailed(result)
          ? needRefusal(hold.plan, result)
          : { credential: result, key, until: hold.until, origin: hold.origin },
    );
  }

  #changed(credential: HeldCredential): void {
    this.#ambient.log({ type: "changed", key: credential.key, store: credential.source });
    for (const listener of [...this.#listeners.get(credential.key) ?? []]) {
      try {
        listener(credential as never);
      } catch {
        // Hint: a listener's fault is its own, and must not fail the resolve that told it.
      }
    }
  }
}

/** Whether it is what is held, or a default that serves because nothing is. */
function isCurrent(credential: Pick<Credential, "source">, hold: Hold): boolean {
  return hold.credential === credential || (credential.source === "default" && hold.absence !== undefined);
}

function closed(key: string): CredentialError {
  return new CredentialError("closed", CLOSED, { key });
}

const CLOSED = "the resolver was disposed of";

const NO_OPTIONS = {};
