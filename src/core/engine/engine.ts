import type { AnyChain } from "../chain/chain.ts";
import type { Credential } from "../chain/credential.ts";
import { CredentialError } from "../chain/errors.ts";
import { andThen, type MaybePromise } from "../chain/eventually.ts";
import type { Ambient, Log } from "../chain/host.ts";
import { invalid, type Refusal } from "../chain/outcome.ts";
import { readFlag } from "../chain/reference.ts";
import type { Store, Stores } from "../chain/store.ts";
import type { Need } from "../source/answer.ts";
import type { Call } from "../source/source.ts";
import { CLOSED, StoreInUse } from "../source/store_in_use.ts";
import { Callers } from "./callers.ts";
import { closeStores } from "./close_stores.ts";
import { type ChainDescription, describe } from "./describe.ts";
import { asyncDispose, disposable } from "./disposable.ts";
import { errorOf, needRefusal, unknownKeyError } from "./failure.ts";
import type { HeldCredential } from "./held_credential.ts";
import { Hold, type HoldDeps, isFailed, type Result } from "./hold.ts";
import { withoutStore, withStore } from "./install.ts";
import { INTERNALS, type Internals } from "./internals.ts";
import { Listeners } from "./listeners.ts";
import { compile, dependents, type Plan } from "./plan.ts";
import type { FindOptions, ResolveOptions } from "./resolver.ts";

/** A compiled chain at work: its stores in use, the holds of its credentials, and the callers that wait for them. */
export class Engine {
  readonly #callers: Callers;
  readonly #listeners = new Listeners();
  #stores: ReadonlyMap<string, StoreInUse> = new Map();
  readonly #holds = new Map<string, Hold>();
  /** The stores of the chain itself, without those that were installed. */
  readonly #declared: Stores;
  readonly #deps: HoldDeps;
  #plan!: Plan;
  #logging = false;
  #closing: Promise<void> | undefined;

  constructor(chain: AnyChain, ambient: Ambient) {
    this.#declared = chain.stores;
    this.#callers = new Callers(ambient, () => {
      const { defaults } = this.#plan.chain;
      // Hint: a flag that cannot be read counts as set, since it is there to forbid.
      return typeof defaults === "object"
        ? readFlag(defaults.forbidWhen, ambient.variable) !== false
        : defaults === "forbid";
    });
    this.#deps = {
      ambient: { ...ambient, log: ambient.log && this.#unlogged(ambient.log) },
      resolveNeed: (key, call) => this.#need(key, call),
      // Hint: the walk in which a need was refused goes on with the credential that replaces it.
      refuse: (need, renewed) => {
        const refused = this.#current(need);
        // Hint: a service may have refused a token that is still good; the store that needs it knows better.
        if (!renewed && need.generation?.endPause()) refused?.renew();
        this.#invalidate(refused, (hold) => !hold.walking);
      },
      latestNeed: (key) => this.#holds.get(key)?.latestNeed,
      plan: () => this.#plan,
      store: (name) => this.#stores.get(name)!,
      changed: (credential) => this.#listeners.notify(credential),
    };
    // Hint: not in the class body, since bundlers keep every class with computed names.
    Object.assign(this, {
      [asyncDispose]: () => this.#closing ??= this.#close(),
      [INTERNALS]: () => this.#internals(),
    });
    this.#adopt(chain, []);
  }

  // Hint: not an `async` function, since returning the held promise itself takes a third of the time.
  readonly resolve = (key: string, options?: ResolveOptions): Promise<HeldCredential> => {
    try {
      const hold = this.#known(key);
      options?.signal?.throwIfAborted();
      if (hold.fresh) return hold.promise!;
      // Hint: a caller with a default reuses a recent walk that found nothing, or each of its calls would walk.
      const result = options?.default && hold.recentMiss || this.#walk(hold, options);
      if (result === hold.credential && hold.promise) return hold.promise;
      return this.#callers.settle(hold, result, options);
    } catch (error) {
      return Promise.reject(error);
    }
  };

  readonly find = async (key: string, options?: FindOptions): Promise<HeldCredential | undefined> => {
    const hold = this.#known(key);
    const result = await this.#callers.wait(hold, this.#walk(hold, options), options);
    if (!isFailed(result)) return result;
    if (result.code !== "not_found") throw errorOf(hold.plan, result);
  };

  readonly peek = (key: string): HeldCredential | undefined => this.#holds.get(key)?.unexpired;

  readonly invalidate = (what: string | Pick<Credential, "key" | "source">): void => {
    const key = typeof what === "string" ? what : what.key;
    const hold = this.#holds.get(key);
    if (!hold) return;
    // Hint: a default is current while nothing is held.
    const isCurrent = typeof what === "string" || hold.credential === what ||
      what.source === "default" && hold.recentMiss;
    if (isCurrent) this.#invalidate(hold, () => true);
  };

  readonly onChange = (key: string, listener: (credential: never) => void): Disposable => {
    this.#known(key);
    return this.#listeners.add(key, listener);
  };

  readonly install = (name: string, store: Store, from: object): Disposable => {
    const keys = Object.keys(from);
    if (this.#closing) throw closedError(keys.join(", "));
    this.#adopt(withStore(this.#plan.chain, name, store, from), keys);
    return disposable(() => {
      const { stores, credentials } = this.#plan;
      const removed = this.#closing ? undefined : this.#stores.get(name);
      this.#closeStores({ stores: stores.filter((store) => store.name === name), credentials }, () => removed);
      this.#adopt(withoutStore(this.#plan.chain, name), keys);
    });
  };

  readonly describe = (): ChainDescription => describe(this.#internals(), this.#declared);

  #internals(): Internals {
    return {
      plan: this.#plan,
      deps: this.#deps,
      hold: (key) => this.#holds.get(key),
      run: (ask) => this.#run(ask),
      unlogged: this.#unlogged,
    };
  }

  #close(): Promise<void> {
    const closing = this.#closeStores(this.#plan, (name) => this.#stores.get(name));
    this.#holds.clear();
    this.#listeners.clear();
    return closing;
  }

  #closeStores(plan: Pick<Plan, "stores" | "credentials">, inUse: (name: string) => StoreInUse | undefined) {
    const holds = new Map(this.#holds);
    const need = (key: string) => holds.get(key)?.latestNeed?.credential;
    return closeStores(plan, inUse, need, this.#deps.ambient.clock);
  }

  /** Gets a credential on behalf of a caller, and then tells listeners and the log what happened. */
  #walk(hold: Hold, { waitUntil }: Call = {}): MaybePromise<Result> {
    // Hint: a caller that joins a walk has nothing to tell, and waits on its promise with the others.
    if (hold.walking && !this.#deps.ambient.requestBound) return hold.get();
    return this.#run((call) => hold.get(call), waitUntil);
  }

  /** Runs something that may walk, and then tells listeners and the log what happened. */
  #run<T>(ask: (call: Call) => MaybePromise<T>, waitUntil?: Call["waitUntil"]): MaybePromise<T> {
    const notices: (() => void)[] = [];
    return andThen(ask({ waitUntil, notices, unlogged: this.#logging }), (result) => {
      if (notices.length > 0) this.#listeners.tell(notices);
      return result;
    });
  }

  // Hint: otherwise a log that itself uses a credential would never stop logging.
  readonly #unlogged = (log: Log): Log => (event, walk) => {
    this.#logging = true;
    log(event, walk);
    this.#logging = false;
  };

  /** Invalidates a credential and what it was obtained with, and lets what depends on them be resolved again. */
  #invalidate(first: Hold | undefined, mayRenew: (hold: Hold) => boolean): void {
    const keys: string[] = [];
    const invalidate = (hold: Hold | undefined): void => {
      if (hold?.invalidate((need) => invalidate(this.#current(need)))) keys.push(hold.plan.key);
    };
    invalidate(first);
    const affected = dependents(this.#plan.credentials, keys);
    for (const [key, hold] of this.#holds) {
      if (!keys.includes(key) && (hold.sharesInvalidatedToken || affected.has(key)) && mayRenew(hold)) hold.renew();
    }
  }

  /** Returns the hold of a need, unless another credential took its place. */
  #current(need: Need): Hold | undefined {
    const hold = this.#holds.get(need.key);
    return hold?.isCurrent(need) ? hold : undefined;
  }

  #known(key: string): Hold {
    const hold = this.#holds.get(key);
    if (hold) return hold;
    throw this.#closing ? closedError(key) : unknownKeyError(this.#holds.keys(), key);
  }

  /** Continues with a chain in which the sources of these credentials changed. */
  #adopt(chain: AnyChain, keys: readonly string[]): void {
    if (this.#closing) return;
    const plan = this.#plan = compile(chain);
    this.#stores = new Map(
      plan.stores.map((store) => [store.name, this.#stores.get(store.name) ?? new StoreInUse(store, this.#deps)]),
    );
    const affected = dependents(plan.credentials, keys);
    for (const [key, credential] of plan.credentials) {
      const hold = this.#holds.get(key);
      if (!hold) this.#holds.set(key, new Hold(credential, this.#deps));
      else if (affected.has(key)) hold.adopt(credential);
    }
  }

  #need(key: string, call: Call): MaybePromise<Need | Refusal> {
    const hold = this.#holds.get(key);
    if (!hold) return invalid(CLOSED);
    return andThen(hold.get(call), (result) => {
      return isFailed(result) ? needRefusal(hold.plan, result) : hold.needOf(result);
    });
  }
}

function closedError(key: string): CredentialError {
  return new CredentialError("closed", CLOSED, { key });
}
