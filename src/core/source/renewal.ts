import { andThen, type MaybePromise } from "../chain/eventually.ts";
import type { Ambient } from "../chain/host.ts";
import { invalid, isRefusal, type Refusal, unavailable } from "../chain/outcome.ts";
import type { Token } from "../chain/shape.ts";
import type { TokenContext } from "../chain/store_spec.ts";
import { isAnother, type Need, unmet, wasRotated } from "./answer.ts";
import { type Call, SingleFlight } from "./flight.ts";
import { backoffUntil, denialPause, expiry, pause, state } from "./freshness.ts";
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
  /** What a refusal was obtained with. */
  readonly needs?: readonly Need[] | undefined;
}

/** Why a store is asked, and the token that is held. */
export type Why = Pick<TokenContext, "reason" | "previous">;

/** What a renewal needs of its store and its resolver. */
export interface RenewalDeps {
  readonly ambient: Ambient;
  readonly store: string;
  readonly advisoryWindow?: number | undefined;
  readonly defaultLifetime?: number | undefined;
  /** How long it counts that the store has nothing, in milliseconds. */
  readonly recheck: number;
  /** Asks the store; never rejects. */
  readonly ask: (why: Why, call: Call) => MaybePromise<Reply<unknown>>;
  readonly need: ResolveNeed;
}

interface Pause {
  readonly since: number;
  readonly until: number;
  readonly refusal: Refusal;
  /** The needs of what was denied: another credential for one of them ends the pause. */
  readonly needs?: readonly Need[] | undefined;
}

/** A need that can no longer be resolved. */
type RefusedNeed = Pick<Pause, "refusal" | "needs">;

/** The token of one store and request: it is held, renewed before it expires, and asked for by one flight at a time. */
export class Renewal {
  held: TokenGeneration | undefined;
  readonly #deps: RenewalDeps;
  readonly #flight: SingleFlight<Obtained>;
  #failuresSinceExpiry = 0;
  #denials = 0;
  #pause: Pause | undefined;

  constructor(deps: RenewalDeps) {
    this.#deps = deps;
    this.#flight = new SingleFlight(deps.ambient);
  }

  /** Returns the token, after a renewal where that is due; never rejects. */
  get(call: Call): MaybePromise<Obtained> {
    const paused = this.paused();
    if (!paused) return this.#afterNeeds(call);
    return andThen(this.#findAnother(this.#pause?.needs, 0, call), (found) => {
      if (!found) return paused;
      this.#pause = undefined;
      this.#denials = 0;
      return this.#afterNeeds(call);
    });
  }

  #afterNeeds(call: Call): MaybePromise<Obtained> {
    return andThen(
      this.#lookAtNeeds(call),
      (refused) => refused ? this.#recordFailure(refused.refusal, refused.needs) : this.#serve(call),
    );
  }

  /** Whether one of these needs is another credential now. */
  #findAnother(needs: readonly Need[] = [], at: number, call: Call): MaybePromise<boolean> {
    const need = needs[at];
    if (!need) return false;
    return andThen(
      this.#deps.need(need.key, call),
      (now) => !isRefusal(now) && isAnother(now, need) || this.#findAnother(needs, at + 1, call),
    );
  }

  /** Returns what a failure left, while its pause lasts. */
  paused(): Obtained | undefined {
    const pause = this.#pause;
    if (!pause) return;
    const now = this.#now();
    if (now >= pause.since && now < pause.until) return this.#afterFailure(pause.refusal, pause.until, pause.needs);
    this.#pause = undefined;
  }

  #now(): number {
    return this.#deps.ambient.clock.now();
  }

  #serve(call: Call): MaybePromise<Obtained> {
    const held = this.held;
    const now = this.#now();
    const freshness = held && state(now, held);
    if (freshness === "fresh") return this.#result(held!);
    const until = held?.keptUntil(now) ?? 0;
    if (now < until) return { generation: held, refusal: REFUSED_AGAIN, until };
    if (!this.#flight.busy) return this.#flight.start(() => this.#renew(call), call);
    if (freshness === "advisory") return { generation: held, until: 0 };
    return this.#flight.join(() => this.get(call));
  }

  #renew(call: Call, mayRetry = true): MaybePromise<Obtained> {
    const began = this.#now();
    const { held } = this;
    const why: Why = held
      ? { reason: held.reason, previous: { values: held.values, expiresAt: held.expiresAt } }
      : { reason: "first", previous: undefined };
    return andThen(this.#deps.ask(why, call), (reply) => this.#take(reply, began, call, mayRetry));
  }

  #take({ answer, needs, ms, retriedAt }: Reply<unknown>, began: number, call: Call, mayRetry: boolean) {
    if (isRefusal(answer)) {
      // Hint: a refused token is not returned again while the next renewal is in progress.
      if (answer.outcome === "denied" && this.held) this.held.invalidated = true;
      return { ...this.#recordFailure(answer, needs), ms };
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
    if (isRefusal(expiresAt)) return { ...this.#recordFailure(expiresAt), ms };
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
    if (this.held?.wasRefused(fresh.since)) fresh.refusals = this.held.refusals + 1;
    this.held = fresh;
    this.#failuresSinceExpiry = 0;
    this.#denials = 0;
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
  #lookAtNeeds(call: Call): MaybePromise<RefusedNeed | undefined> {
    const held = this.held;
    return held && this.#lookFrom(0, held, [], call);
  }

  #lookFrom(at: number, held: TokenGeneration, seen: Need[], call: Call): MaybePromise<RefusedNeed | undefined> {
    const need = held.needs[at];
    if (!need) {
      held.needs = seen;
      return;
    }
    return andThen(this.#deps.need(need.key, call), (now) => {
      if (isRefusal(now)) return { refusal: now, needs: [unmet(need.key)] };
      if (wasRotated(now, need) && !held.invalidated) {
        held.invalidated = true;
        held.reason = "need";
      }
      return this.#lookFrom(at + 1, held, [...seen, now], call);
    });
  }

  #recordFailure(refusal: Refusal, needs?: readonly Need[]): Obtained {
    const { held } = this;
    const now = this.#now();
    const random = this.#deps.ambient.random();
    const expired = !held || now >= held.expiresAt;
    // Hint: a token that a service refused is worth no more than an expired one.
    const unusable = expired || held.reason === "refused";
    if (refusal.outcome === "denied") {
      this.#pause = { since: now, until: now + denialPause(this.#denials++, random), refusal, needs };
    } else if (held && (refusal.outcome === "unavailable" || !expired)) {
      const failures = this.#failuresSinceExpiry;
      if (unusable) this.#failuresSinceExpiry++;
      // Hint: no server is spared by waiting for a need that somebody corrects, and the correction must count soon.
      const until = refusal.outcome === "invalid" && needs?.some(({ credential }) => !credential)
        ? now + pause(random)
        : backoffUntil({ now, random, failures, retryAfter: refusal.retryAfter, unusable }, held);
      this.#pause = { since: now, until, refusal };
    }
    // Hint: without a pause the store sets no limit; a credential from a lower store is degraded, and used for 1 to 5 s.
    return this.#afterFailure(refusal, this.#pause?.until ?? Infinity, needs);
  }

  /** Returns what a failure leaves: the held token, also an expired one as a last resort, or else the refusal. */
  #afterFailure(refusal: Refusal, until: number, needs?: readonly Need[]): Obtained {
    const { held } = this;
    if (!held || refusal.outcome === "denied") return { refusal, until, needs };
    const expired = this.#now() >= held.expiresAt;
    if (refusal.outcome === "invalid" && expired) return { refusal, until, needs };
    return { generation: held, refusal, until: expired ? until : Math.min(until, held.expiresAt) };
  }
}

const REFUSED_AGAIN = /* @__PURE__ */ unavailable(
  "the token was refused again after its renewal, so it is not renewed again at once",
);

function hasValues(answer: unknown): answer is Token {
  const { values } = Object(answer) as Partial<Token>;
  return typeof values === "object" && values !== null;
}
