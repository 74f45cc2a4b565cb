import { andThen, type MaybePromise } from "../chain/eventually.ts";
import type { Ambient } from "../chain/host.ts";
import type { Step } from "../chain/outcome.ts";
import { type Call, SingleFlight } from "../source/flight.ts";
import { pause } from "../source/freshness.ts";
import type { StoreInUse } from "../source/store_in_use.ts";
import { missingOf, reasonOf } from "./failure.ts";
import { HeldCredential } from "./held_credential.ts";
import type { CredentialPlan } from "./plan.ts";
import { type Failed, type Found, walk } from "./walk.ts";

/** How long a walk that found nothing is reused for callers with a default. */
const ABSENCE_MS = 1_000;

/** What a walk ends with: a credential, or why there is none. */
export type Result = HeldCredential | Failed;

/** Tells a failed walk from a credential. */
export function isFailed(result: Result): result is Failed {
  return "found" in result;
}

/** The last walk, for `describe`. */
export interface LastWalk {
  readonly at: number;
  readonly error?: string;
  readonly missing?: readonly string[];
  readonly trace: readonly Step[];
}

/** What a hold needs of its resolver. */
export interface HoldDeps {
  readonly ambient: Ambient;
  readonly store: (name: string) => StoreInUse;
  invalidate(credential: object): void;
  changed(credential: HeldCredential): void;
}

/** What is kept of one credential between calls. */
export class Hold {
  plan: CredentialPlan;
  /** The latest credential, also while it is not given, so that equal values are the same object again. */
  credential: HeldCredential | undefined;
  /** A promise of the credential, while it may be given; no clock is read where `until` is `Infinity`. */
  promise: Promise<HeldCredential> | undefined;
  since = 0;
  until = 0;
  resolvedAt = 0;
  last: LastWalk | undefined;
  readonly #deps: HoldDeps;
  readonly #flight: SingleFlight<Result>;
  #stores: readonly StoreInUse[];
  #found: Found | undefined;
  #absence: { readonly failed: Failed; readonly since: number; readonly until: number } | undefined;
  #epoch = 0;
  #invalidated = false;

  constructor(plan: CredentialPlan, deps: HoldDeps) {
    this.plan = plan;
    this.#deps = deps;
    this.#flight = new SingleFlight(deps.ambient);
    this.#stores = this.#storesOf(plan);
  }

  /** Whether the held credential can be given without asking a store. */
  get fresh(): boolean {
    if (this.promise === undefined) return false;
    if (this.until === Infinity) return true;
    const now = this.#now();
    return now < this.until && now >= this.since;
  }

  /** When the renewal of the held credential is due. */
  get renewsAt(): number | undefined {
    return this.#found?.generation?.renewsAt;
  }

  /** The latest walk that found nothing, while callers with a default reuse it. */
  get absence(): Failed | undefined {
    const absence = this.#absence;
    const now = absence ? this.#now() : 0;
    return absence && now < absence.until && now >= absence.since ? absence.failed : undefined;
  }

  /** Resolves the credential: the held one while it is fresh, else by a walk that later callers share. */
  get(call: Call): MaybePromise<Result> {
    if (this.fresh) return this.credential!;
    if (this.#flight.busy && this.#servable()) return this.credential!;
    return this.#join(call, true);
  }

  /** What the credential goes back to: itself, or for a token its store and what the token was obtained with. */
  get provenance(): readonly unknown[] {
    const { source, generation, needs = [] } = this.#found ?? {};
    return [generation ? source : this.credential, ...needs.flatMap(({ provenance }) => provenance)];
  }

  /** Whether a client of another credential invalidated the token that this one shares. */
  get sharesInvalidatedToken(): boolean {
    return !this.#invalidated && this.#found?.generation?.invalidated === true;
  }

  /**
   * Invalidates the held credential, and what it was obtained with.
   *
   * @returns Whether it did; the second call for one credential does nothing.
   */
  invalidate(): boolean {
    const found = this.promise && this.#found;
    if (this.#invalidated && found) return false;
    this.#invalidated = true;
    this.renew();
    if (found?.generation) found.generation.invalidate(this.#deps.invalidate);
    else for (const { credential } of found?.needs ?? []) this.#deps.invalidate(credential);
    return true;
  }

  /** Begins a new epoch: the next call walks again, and a walk that is on is not kept. */
  renew(): void {
    this.#epoch++;
    this.until = 0;
    this.#absence = undefined;
    this.#flight.abandon();
  }

  /** Goes on with the plan of a changed chain, and drops what is held. */
  adopt(plan: CredentialPlan): void {
    this.plan = plan;
    this.#stores = this.#storesOf(plan);
    this.promise = undefined;
    this.renew();
  }

  #storesOf({ sources }: CredentialPlan): readonly StoreInUse[] {
    return sources.map(({ store }) => this.#deps.store(store.name));
  }

  #now(): number {
    return this.#deps.ambient.clock.now();
  }

  /** In the advisory window one caller awaits the renewal, and the others get the held credential. */
  #servable(): boolean {
    const generation = this.promise && !this.#invalidated ? this.#found?.generation : undefined;
    return generation !== undefined && generation.servable(this.#now());
  }

  // Hint: where promises belong to requests, a walk of one's own costs less than waiting for another's.
  #join(call: Call, again: boolean): MaybePromise<Result> {
    const own = () => this.#flight.start(() => this.#walk(call, again), call);
    return this.#deps.ambient.requestBound ? own() : this.#flight.join(own);
  }

  #walk(call: Call, again: boolean): MaybePromise<Result> {
    const epoch = this.#epoch;
    const { sources } = this.plan;
    const stores = this.#stores;
    const previous = this.promise && this.#found;
    const ask = (at: number, wanted: readonly number[]) => stores[at]!.answer(sources[at]!, wanted, previous, call);
    const walked = walk(this.plan, ask, this.last?.trace);
    return andThen(walked, (result): MaybePromise<Result> => {
      if (epoch === this.#epoch) return this.#keep(result);
      if (again) return this.#join(call, false);
      return result.found ? new HeldCredential(this.plan.key, this.plan.names, result) : result;
    });
  }

  #keep(result: Found | Failed): Result {
    const now = this.#now();
    const known = this.last !== undefined;
    this.#invalidated = result.found && result.generation?.invalidated === true;
    if (!result.found) return this.#lose(result, now);
    this.last = { at: now, trace: result.trace };
    this.#found = result;
    this.#absence = undefined;
    this.since = now;
    this.until = result.degraded ? Math.min(result.until, now + pause(this.#deps.ambient.random())) : result.until;
    this.resolvedAt = now;
    const { key, names } = this.plan;
    const credential = this.credential?.equals(result) ? this.credential : new HeldCredential(key, names, result);
    if (credential === this.credential && this.promise) return credential;
    const same = credential === this.credential;
    this.credential = credential;
    this.promise = Promise.resolve(credential);
    if (result.degraded) this.#deps.ambient.log({ type: "degraded", key, store: result.source });
    if (known && !same) this.#deps.changed(credential);
    return credential;
  }

  #lose(failed: Failed, now: number): Failed {
    const missing = missingOf(this.plan, failed);
    this.last = { at: now, error: failed.code, trace: failed.trace, ...(missing.length > 0 ? { missing } : {}) };
    this.promise = undefined;
    this.until = 0;
    if (failed.defaultable) {
      this.#absence = { failed, since: now, until: Math.min(failed.until, now + ABSENCE_MS) };
    } else {
      this.#absence = undefined;
      this.#deps.ambient.log({ type: "stopped", key: this.plan.key, detail: reasonOf(this.plan, failed) });
    }
    return failed;
  }
}
