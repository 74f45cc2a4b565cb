import { andThen, type MaybePromise } from "../chain/eventually.ts";
import type { LogEvent, Walked } from "../chain/host.ts";
import { MISS_MS } from "../chain/limits.ts";
import type { Generation, Need, PassOn } from "../source/answer.ts";
import { SingleFlight } from "../source/flight.ts";
import { pause } from "../source/freshness.ts";
import { type Call, type Deps, logLater } from "../source/source.ts";
import type { StoreInUse } from "../source/store_in_use.ts";
import { missingOf, reasonOf } from "./failure.ts";
import { HeldCredential } from "./held_credential.ts";
import type { CredentialPlan } from "./credential_plan.ts";
import { type Failed, type Found, walk } from "./walk.ts";

/** The result of a walk: a credential, or why there is none. */
export type Result = HeldCredential | Failed;

/** Whether a walk failed. */
export function isFailed(result: Result): result is Failed {
  return "found" in result;
}

/** The last walk, for `describe`. */
export interface LastWalk extends Walked {
  readonly error?: string;
  readonly missing?: readonly string[];
}

/** What a hold needs from its resolver. */
export interface HoldDeps extends Deps {
  readonly store: (name: string) => StoreInUse;
  /** Tells the listeners about a new credential. */
  readonly changed: (credential: HeldCredential) => void;
}

/** What is kept for one credential between calls. */
export class Hold {
  plan: CredentialPlan;
  /** The latest credential, kept even while it must not be returned, so that equal values give the same object. */
  credential: HeldCredential | undefined;
  /** A promise of the credential, while that may be returned; with an `until` of `Infinity`, no clock is read. */
  promise: Promise<HeldCredential> | undefined;
  /** Until when the result of the latest walk is used. */
  until = 0;
  last: LastWalk | undefined;
  /** How many values were obtained for the key, including those that are not kept and those of defaults. */
  generations = 0;
  readonly #deps: HoldDeps;
  readonly #flight: SingleFlight<Result>;
  /** The stores of its sources, once they were asked. */
  #stores: readonly StoreInUse[] | undefined;
  /** The latest walk that found the credential. */
  #found: Found | undefined;
  /** The latest walk, if it found none. */
  #failed: Failed | undefined;
  /** Counts the events that make the result of a walk in progress outdated. */
  #epoch = 0;
  #invalidated = false;

  constructor(plan: CredentialPlan, deps: HoldDeps) {
    this.plan = plan;
    this.#deps = deps;
    this.#flight = new SingleFlight(deps.ambient);
  }

  /** Whether the held credential can be given without asking a store. */
  get fresh(): boolean {
    return this.promise !== undefined && this.#isRecent();
  }

  /** The latest walk that found nothing, while callers with a default reuse it. */
  get recentMiss(): Failed | undefined {
    return this.#isRecent() ? this.#failed : undefined;
  }

  /** Resolves the credential: the held one while it is fresh, else by a walk that later callers share. */
  get(call: Call = {}): MaybePromise<Result> {
    return this.fresh || this.#flight.busy && this.#isServable() ? this.credential! : this.#join(call, true);
  }

  // Hint: only one caller waits for a renewal in the advisory window, or to see whether an outage is over.
  /** Whether the held credential may be given while one caller waits for a new one. */
  #isServable(): boolean {
    const { promise, credential, generation, until } = this;
    if (!promise || this.#invalidated) return false;
    const now = this.#now();
    if (generation?.servable(now)) return true;
    const { degraded, expiresAt = Infinity } = credential!;
    // Hint: after an old outage, which may long be over, a new credential is worth waiting for.
    return degraded && until > 0 && now >= this.last!.at && now < Math.min(until + this.plan.budget, expiresAt);
  }

  /** The held credential, unless it has expired. */
  get unexpired(): HeldCredential | undefined {
    const { expiresAt = Infinity } = this.credential ?? {};
    return this.promise && (expiresAt === Infinity || this.#now() < expiresAt) ? this.credential : undefined;
  }

  /** The held credential, if it was assembled from a token that is still valid. */
  get valid(): HeldCredential | undefined {
    const isRefused = this.#invalidated || this.until === 0 || this.generation?.invalidated !== false;
    return isRefused ? undefined : this.unexpired;
  }

  /** What a store gets for a credential that it needs. */
  needOf(credential: HeldCredential): Need {
    const { until, generation, plan: { key } } = this;
    const { source, needs = [] } = this.#found ?? {};
    // Hint: the provenance of a token is its store and that store's needs; of anything else, its values.
    const own = generation ? source : credential.generation;
    const provenance = [key, own, ...needs.flatMap(({ provenance }) => provenance)];
    return { credential, key, until, provenance, generation };
  }

  /** What a store that needs it would get now, without asking anything. */
  get latestNeed(): Need | undefined {
    return this.promise && this.needOf(this.credential!);
  }

  /** The token that it was assembled from. */
  get generation(): Generation | undefined {
    return this.#found?.generation;
  }

  /** Whether a walk is in progress. */
  get walking(): boolean {
    return this.#flight.busy;
  }

  /** Whether the credential that was given for a need is still the one that is held. */
  isCurrent({ credential, generation }: Need): boolean {
    return !this.promise || credential === this.credential && generation === this.generation;
  }

  /** Whether a client of another credential invalidated the token that this one shares. */
  get sharesInvalidatedToken(): boolean {
    return !this.#invalidated && !!this.generation?.invalidated;
  }

  /**
   * Invalidates the held credential, and what it was obtained with.
   *
   * @returns Whether it did; the second call for one credential does nothing.
   */
  invalidate(passOn: PassOn): boolean {
    const found = this.promise && this.#found;
    if (this.#invalidated && found) return false;
    this.#invalidated = true;
    this.renew();
    if (found?.generation) found.generation.invalidate(passOn);
    else (found ?? this.#failed)?.needs.forEach(passOn);
    return true;
  }

  /** Begins a new epoch: the next call walks again, and a walk in progress is not kept. */
  renew(): void {
    this.#epoch++;
    this.until = 0;
    this.#flight.abandon();
  }

  /** Continues with the plan of a changed chain, and drops what is held. */
  adopt(plan: CredentialPlan): void {
    this.plan = plan;
    this.#stores = undefined;
    this.promise = undefined;
    this.renew();
  }

  #isRecent(): boolean {
    // Hint: the clock is read only if it matters, since that takes as long as the rest of a warm resolve.
    if (this.until === 0 || this.until === Infinity) return this.until > 0;
    const now = this.#now();
    return now < this.until && now >= this.last!.at;
  }

  #now(): number {
    return this.#deps.ambient.clock.now();
  }

  // Hint: where promises belong to requests, a walk of one's own is cheaper than waiting for another's.
  #join(call: Call, mayRetry: boolean): MaybePromise<Result> {
    const own = () => this.#flight.start(() => this.#walk(call, mayRetry), call);
    return this.#deps.ambient.requestBound ? own() : this.#flight.join(own);
  }

  #walk(call: Call, mayRetry: boolean): MaybePromise<Result> {
    const epoch = this.#epoch;
    const { sources } = this.plan;
    // Hint: a store that is uninstalled during this walk still answers it.
    const stores = this.#stores ??= sources.map(({ store }) => this.#deps.store(store.name));
    const previous = this.promise && this.#found;
    const ask = (at: number, wanted: readonly number[]) => stores[at]!.answer(sources[at]!, wanted, previous, call);
    return andThen(walk(this.plan, ask, this.last?.trace), (result): MaybePromise<Result> => {
      if (epoch === this.#epoch) return this.#keep(result, call);
      if (mayRetry) return this.#join(call, false);
      return result.found ? new HeldCredential(this.plan, result, ++this.generations) : result;
    });
  }

  #keep(result: Found | Failed, call: Call): Result {
    const now = this.#now();
    this.#invalidated = result.found && !!result.generation?.invalidated;
    if (!result.found) return this.#lose(result, now, call);
    const { source: store, degraded, trace } = result;
    const credential = this.credential?.updated(result) ?? new HeldCredential(this.plan, result, ++this.generations);
    const same = credential === this.credential;
    const isChange = this.last && !same;
    this.last = { at: now, trace };
    this.#found = result;
    this.#failed = undefined;
    this.until = degraded ? Math.min(result.until, now + pause(this.#deps.ambient.random())) : result.until;
    this.#log(call, "walk", { store, degraded });
    if (same && this.promise) return credential;
    this.credential = credential;
    this.promise = Promise.resolve(credential);
    if (degraded) this.#log(call, "degraded", { store });
    if (isChange) {
      this.#log(call, "changed", { store });
      // Hint: listeners are not told about one that was replaced meanwhile, which they would take for the latest.
      call.notices?.push(() => credential === this.credential && this.#deps.changed(credential));
    }
    return credential;
  }

  #lose(failed: Failed, now: number, call: Call): Failed {
    const missing = missingOf(this.plan, failed);
    this.last = { at: now, error: failed.code, trace: failed.trace, ...(missing.length > 0 && { missing }) };
    this.promise = undefined;
    this.#failed = failed;
    this.until = failed.defaultable ? Math.min(failed.until, now + MISS_MS) : 0;
    this.#log(call, "walk", { error: failed.code });
    if (!failed.defaultable) this.#log(call, "stopped", { detail: reasonOf(this.plan, failed) });
    return failed;
  }

  #log(call: Call, type: LogEvent["type"], more: Partial<LogEvent>): void {
    if (this.#deps.ambient.log) logLater(call, this.#deps.ambient, { type, key: this.plan.key, ...more }, this.last);
  }
}
