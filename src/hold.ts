import { HeldCredential } from "./credential.ts";
import { andThen, type MaybePromise } from "./eventually.ts";
import { missingOf, reasonOf } from "./failure.ts";
import { type Call, SingleFlight } from "./flight.ts";
import { pause } from "./freshness.ts";
import type { Ambient } from "./host.ts";
import type { Step } from "./outcome.ts";
import type { CredentialPlan } from "./plan.ts";
import type { LiveStore } from "./sources.ts";
import { type Failed, type Found, walk } from "./walk.ts";

/** How long a walk that found nothing spares a caller with a default another one, in milliseconds. */
const ABSENCE = 1_000;

/** What came of a walk: the credential, or why there is none. */
export type Result = HeldCredential | Failed;

/** Tells a walk that failed from a credential. */
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

/** What a hold stands on. */
export interface HoldGround {
  readonly ambient: Ambient;
  store(name: string): LiveStore;
  invalidate(credential: object): void;
  changed(credential: HeldCredential): void;
}

/** What is kept of one credential between calls. */
export class Hold {
  plan: CredentialPlan;
  /** The latest credential, also while it isn't served, so that equal values are the same object again. */
  credential: HeldCredential | undefined;
  /** A promise of it, while it may be served; no clock is read where `until` is `Infinity`. */
  settled: Promise<HeldCredential> | undefined;
  since = 0;
  until = 0;
  resolvedAt = 0;
  last: LastWalk | undefined;
  readonly #ground: HoldGround;
  readonly #flight: SingleFlight<Result>;
  #stores: readonly LiveStore[];
  #found: Found | undefined;
  #absence: { readonly failed: Failed; readonly since: number; readonly until: number } | undefined;
  #epoch = 0;
  #marked = false;

  constructor(plan: CredentialPlan, ground: HoldGround) {
    this.plan = plan;
    this.#ground = ground;
    this.#flight = new SingleFlight(ground.ambient);
    this.#stores = this.#storesOf(plan);
  }

  /** Whether what is held needs no look. */
  get fresh(): boolean {
    if (this.settled === undefined) return false;
    if (this.until === Infinity) return true;
    const now = this.#now();
    return now < this.until && now >= this.since;
  }

  /** When the renewal of what is held is due. */
  get renewsAt(): number | undefined {
    return this.#found?.minted?.renewsAt;
  }

  /** The latest walk that found nothing, while it spares a caller with a default another one. */
  get absence(): Failed | undefined {
    const absence = this.#absence;
    const now = absence ? this.#now() : 0;
    return absence && now < absence.until && now >= absence.since ? absence.failed : undefined;
  }

  /** Resolves it: what is held where that is fresh, else by a walk that all who come meanwhile share. */
  get(call: Call): MaybePromise<Result> {
    if (this.fresh) return this.credential!;
    if (this.#flight.busy && this.#servable()) return this.credential!;
    return this.#join(call, true);
  }

  /** What the credential goes back to: itself, or for one that is renewed what it is minted with. */
  get origin(): readonly unknown[] {
    const { source, minted, needs = [] } = this.#found ?? {};
    return [minted ? source : this.credential, ...needs.flatMap(({ origin }) => origin)];
  }

  /** Whether it stands on an answer that was refused, by another credential's client, and doesn't know it. */
  get outdated(): boolean {
    return !this.#marked && this.#found?.minted?.marked === true;
  }

  /**
   * Marks what is held for a new walk, and what it was obtained with.
   *
   * @returns Whether it did; a second time does nothing.
   */
  invalidate(): boolean {
    const found = this.settled && this.#found;
    if (this.#marked && found) return false;
    this.#marked = true;
    this.renew();
    if (found?.minted) found.minted.mark(this.#ground.invalidate);
    else for (const { credential } of found?.needs ?? []) this.#ground.invalidate(credential);
    return true;
  }

  /** Begins a new epoch: what is held is looked at again, and a walk that is on isn't kept. */
  renew(): void {
    this.#epoch++;
    this.until = 0;
    this.#absence = undefined;
    this.#flight.abandon();
  }

  /** Goes on with another plan, after the chain has changed around it; what is held is dropped. */
  adopt(plan: CredentialPlan): void {
    this.plan = plan;
    this.#stores = this.#storesOf(plan);
    this.settled = undefined;
    this.renew();
  }

  #storesOf({ sources }: CredentialPlan): readonly LiveStore[] {
    return sources.map(({ store }) => this.#ground.store(store.name));
  }

  #now(): number {
    return this.#ground.ambient.clock.now();
  }

  /** In the advisory window one caller awaits the renewal, and the others get what is held. */
  #servable(): boolean {
    const minted = this.settled && !this.#marked ? this.#found?.minted : undefined;
    return minted !== undefined && minted.servable(this.#now());
  }

  // Hint: where promises belong to requests, a walk of one's own costs less than waiting for another's.
  #join(call: Call, again: boolean): MaybePromise<Result> {
    const own = () => this.#flight.start(() => this.#walk(call, again), call);
    return this.#ground.ambient.requestBound ? own() : this.#flight.join(own);
  }

  #walk(call: Call, again: boolean): MaybePromise<Result> {
    const epoch = this.#epoch;
    const { sources } = this.plan;
    const stores = this.#stores;
    const previous = this.settled && this.#found;
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
    this.#marked = result.found && result.minted?.marked === true;
    if (!result.found) return this.#lose(result, now);
    this.last = { at: now, trace: result.trace };
    this.#found = result;
    this.#absence = undefined;
    this.since = now;
    this.until = result.degraded ? Math.min(result.until, now + pause(this.#ground.ambient.random())) : result.until;
    this.resolvedAt = now;
    const { key, names } = this.plan;
    const credential = this.credential?.equals(result) ? this.credential : new HeldCredential(key, names, result);
    if (credential === this.credential && this.settled) return credential;
    const same = credential === this.credential;
    this.credential = credential;
    this.settled = Promise.resolve(credential);
    if (result.degraded) this.#ground.ambient.log({ type: "degraded", key, store: result.source });
    if (known && !same) this.#ground.changed(credential);
    return credential;
  }

  #lose(failed: Failed, now: number): Failed {
    const missing = missingOf(this.plan, failed);
    this.last = { at: now, error: failed.code, trace: failed.trace, ...(missing.length > 0 ? { missing } : {}) };
    this.settled = undefined;
    this.until = 0;
    if (failed.defaultable) {
      this.#absence = { failed, since: now, until: Math.min(failed.until, now + ABSENCE) };
    } else {
      this.#absence = undefined;
      this.#ground.ambient.log({ type: "stopped", key: this.plan.key, detail: reasonOf(this.plan, failed) });
    }
    return failed;
  }
}
