import { andThen, type MaybePromise } from "../chain/eventually.ts";
import type { Ambient } from "../chain/host.ts";
import { invalid, isRefusal, type Refusal } from "../chain/outcome.ts";
import type { Token } from "../chain/shape.ts";
import type { Need } from "./answer.ts";
import { type Call, SingleFlight } from "./flight.ts";
import { backoffUntil, expiry, pause, state } from "./freshness.ts";
import type { Reply } from "./look_up.ts";
import type { ResolveNeed } from "./source.ts";
import { TokenGeneration } from "./token_generation.ts";

/** A token, or why there is none, and until when this need not be asked again. */
export interface Obtained {
  readonly generation?: TokenGeneration | undefined;
  /** Why there is no token, or why the held one could not be renewed. */
  readonly refusal?: Refusal | undefined;
  readonly until: number;
  readonly ms?: number | undefined;
}

/** What a renewal needs of its store and its resolver. */
export interface RenewalDeps {
  readonly ambient: Ambient;
  readonly store: string;
  readonly advisoryWindow?: number | undefined;
  readonly defaultLifetime?: number | undefined;
  /** How long it counts that the store has nothing, in milliseconds. */
  readonly recheck: number;
  /** Asks the store; never rejects. */
  readonly ask: (call: Call) => MaybePromise<Reply<unknown>>;
  readonly need: ResolveNeed;
}

interface Pause {
  readonly since: number;
  readonly until: number;
  readonly refusal: Refusal;
}

/** The token of one store and request: it is held, renewed before it expires, and asked for by one flight at a time. */
export class Renewal {
  held: TokenGeneration | undefined;
  readonly #deps: RenewalDeps;
  readonly #flight: SingleFlight<Obtained>;
  #failuresSinceExpiry = 0;
  #pause: Pause | undefined;

  constructor(deps: RenewalDeps) {
    this.#deps = deps;
    this.#flight = new SingleFlight(deps.ambient);
  }

  /** Returns the token, after a renewal where that is due; never rejects. */
  get(call: Call): MaybePromise<Obtained> {
    const paused = this.paused();
    if (paused) return paused;
    return andThen(this.#lookAtNeeds(call), (refusal) => refusal ? this.#recordFailure(refusal) : this.#serve(call));
  }

  /** Returns what a failure left, while its pause lasts. */
  paused(): Obtained | undefined {
    const pause = this.#pause;
    if (!pause) return;
    const now = this.#now();
    if (now >= pause.since && now < pause.until) return this.#afterFailure(pause.refusal, pause.until);
    this.#pause = undefined;
  }

  #now(): number {
    return this.#deps.ambient.clock.now();
  }

  #serve(call: Call): MaybePromise<Obtained> {
    const held = this.held;
    const freshness = held && state(this.#now(), held);
    if (freshness === "fresh") return this.#result(held!);
    if (!this.#flight.busy) return this.#flight.start(() => this.#renew(call), call);
    if (freshness === "advisory") return { generation: held, until: 0 };
    return this.#flight.join(() => this.get(call));
  }

  #renew(call: Call, mayRetry = true): MaybePromise<Obtained> {
    const began = this.#now();
    return andThen(this.#deps.ask(call), (reply) => this.#take(reply, began, call, mayRetry));
  }

  #take({ answer, needs, ms, retriedAt }: Reply<unknown>, began: number, call: Call, mayRetry: boolean) {
    if (isRefusal(answer)) {
      // Hint: a refused token is not returned again while the next renewal is in progress.
      if (answer.outcome === "denied" && this.held) this.held.invalidated = true;
      return { ...this.#recordFailure(answer), ms };
    }
    if (answer === undefined) {
      this.held = undefined;
      return { until: this.#now() + this.#deps.recheck, ms };
    }
    if (!hasValues(answer)) {
      return { ...this.#recordFailure(invalid("its look-up returned no values: fix the store's code")), ms };
    }
    const since = retriedAt ?? began;
    const expiresAt = expiry(since, this.#now(), answer, this.#deps.defaultLifetime);
    if (expiresAt === undefined) {
      return { ...this.#recordFailure(invalid("the expiry of the token is not a time in the future")), ms };
    }
    const { advisoryWindow } = this.#deps;
    return this.#keep(
      new TokenGeneration(answer.values, { since, expiresAt, advisoryWindow }, needs),
      ms,
      call,
      mayRetry,
    );
  }

  #keep(fresh: TokenGeneration, ms: number | undefined, call: Call, mayRetry: boolean): MaybePromise<Obtained> {
    // Hint: a 401 for the previous token must not invalidate this one.
    if (this.held) this.held.invalidated = true;
    this.held = fresh;
    this.#failuresSinceExpiry = 0;
    this.#deps.ambient.log({ type: "renewed", store: this.#deps.store });
    // Hint: its needs may have changed meanwhile, and a later caller must not get the outdated token.
    return andThen(
      this.#lookAtNeeds(call),
      () => fresh.invalidated && mayRetry ? this.#renew(call, false) : { ...this.#result(fresh), ms },
    );
  }

  #result(held: TokenGeneration): Obtained {
    if (held.invalidated) return { generation: held, until: 0 };
    return { generation: held, until: Math.min(held.renewsAt, ...held.needs.map(({ until }) => until)) };
  }

  /** A need that changed invalidates the token obtained with it; one that cannot be met is a failed renewal. */
  #lookAtNeeds(call: Call): MaybePromise<Refusal | undefined> {
    const held = this.held;
    return held && this.#lookFrom(0, held, [], call);
  }

  #lookFrom(at: number, held: TokenGeneration, seen: Need[], call: Call): MaybePromise<Refusal | undefined> {
    const need = held.needs[at];
    if (!need) {
      held.needs = seen;
      return;
    }
    return andThen(this.#deps.need(need.key, call), (now) => {
      if (isRefusal(now)) return now;
      if (now.credential !== need.credential && !sameItems(now.provenance, need.provenance)) held.invalidated = true;
      return this.#lookFrom(at + 1, held, [...seen, now], call);
    });
  }

  #recordFailure(refusal: Refusal): Obtained {
    const { held } = this;
    const now = this.#now();
    const random = this.#deps.ambient.random();
    const expired = held === undefined || now >= held.expiresAt;
    if (refusal.outcome === "denied") {
      this.#pause = { since: now, until: now + pause(random), refusal };
    } else if (held && (refusal.outcome === "unavailable" || !expired)) {
      const failures = this.#failuresSinceExpiry;
      if (expired) this.#failuresSinceExpiry++;
      const until = backoffUntil({ now, random, failures, retryAfter: refusal.retryAfter }, held);
      this.#pause = { since: now, until, refusal };
    }
    // Hint: without a pause the store sets no limit; a credential from a lower store is degraded, and used for 1 to 5 s.
    return this.#afterFailure(refusal, this.#pause?.until ?? Infinity);
  }

  /** Returns what a failure leaves: the held token, also an expired one as a last resort, or else the refusal. */
  #afterFailure(refusal: Refusal, until: number): Obtained {
    const { held } = this;
    if (!held || refusal.outcome === "denied") return { refusal, until };
    const expired = this.#now() >= held.expiresAt;
    if (refusal.outcome === "invalid" && expired) return { refusal, until };
    return { generation: held, refusal, until: expired ? until : Math.min(until, held.expiresAt) };
  }
}

function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, at) => item === b[at]);
}

function hasValues(answer: unknown): answer is Token {
  const { values } = (answer ?? {}) as Partial<Token>;
  return typeof values === "object" && values !== null;
}
