import { andThen, type MaybePromise } from "../chain/eventually.ts";
import { DEFAULT_LIFETIME_MS } from "../chain/limits.ts";
import { invalid, isRefusal, unavailable } from "../chain/outcome.ts";
import type { Token } from "../chain/shape.ts";
import { isAnother, type Need, unmet } from "./answer.ts";
import type { Operation, Reply } from "./attempt.ts";
import { endWithNeeds, wasReplaced } from "./binding.ts";
import { SingleFlight } from "./flight.ts";
import { expiry, state } from "./freshness.ts";
import { LookUp } from "./look_up.ts";
import { type Failed, type Obtained, Pauses } from "./pauses.ts";
import type { UntypedLook } from "./reader.ts";
import { type Call, type Deps, logLater, recheckOf, type StorePlan } from "./source.ts";
import { FIRST, type Renewed, TokenGeneration } from "./token_generation.ts";

/** When a token was asked for, and what it renews if the held one was merely `due`. */
interface Request {
  readonly began: number;
  renewed: Renewed | undefined;
}

/** The token of one store and request: held, renewed before it expires, and asked for by one flight at a time. */
export class Renewal {
  held: TokenGeneration | undefined;
  readonly #store: StorePlan;
  readonly #deps: Deps;
  readonly #look: UntypedLook;
  readonly #request: unknown;
  readonly #lookUp: LookUp;
  readonly #flight: SingleFlight<Obtained>;
  readonly #pauses = new Pauses();

  constructor(
    store: StorePlan,
    deps: Deps,
    look: UntypedLook,
    request: unknown,
    lookUp = new LookUp(store, deps),
  ) {
    this.#store = store;
    this.#deps = deps;
    this.#look = look;
    this.#request = request;
    this.#lookUp = lookUp;
    this.#flight = new SingleFlight(deps.ambient);
  }

  /** Returns the token, after a renewal if one is due; never rejects. */
  get(call: Call): MaybePromise<Obtained> {
    const paused = this.paused();
    if (paused?.refusal?.outcome !== "denied") return paused ?? this.#afterNeeds(call);
    return andThen(this.#findAnother(paused.needs, 0, call), (found) => {
      if (!found) return paused;
      this.#pauses.end();
      return this.#afterNeeds(call);
    });
  }

  #afterNeeds(call: Call): MaybePromise<Obtained> {
    return andThen(
      this.#lookAtNeeds(call),
      (needs) => "refusal" in needs ? this.#recordFailure(needs, call) : this.#serve(call, needs),
    );
  }

  /** Whether one of these needs now gives another credential. */
  #findAnother(needs: readonly Need[] = [], at: number, call: Call): MaybePromise<boolean> {
    const need = needs[at];
    if (!need) return false;
    return andThen(
      this.#deps.resolveNeed(need.key, call),
      (now) => !isRefusal(now) && isAnother(now, need) || this.#findAnother(needs, at + 1, call),
    );
  }

  /** Returns what a failure left, while its pause lasts. */
  paused(): Obtained | undefined {
    const pause = this.#pauses.at(this.#now());
    return pause && this.#afterFailure(pause, pause.until);
  }

  #now(): number {
    return this.#deps.ambient.clock.now();
  }

  #serve(call: Call, needs: readonly Need[]): MaybePromise<Obtained> {
    const held = this.held;
    const now = this.#now();
    const freshness = held && state(now, held);
    if (freshness === "fresh") return this.#result(held!);
    const until = held?.keptUntil(now) ?? 0;
    if (now < until) {
      // Hint: another machine may have one that is not refused.
      if (held!.how) held!.degraded = true;
      return { generation: held, refusal: REFUSED_AGAIN, until: Math.min(until, ...needs.map(({ until }) => until)) };
    }
    if (!this.#flight.busy) return this.#flight.start(() => this.#renew(call, needs), call);
    if (freshness === "advisory") return { generation: held, until: 0 };
    return this.#flight.join(() => this.get(call));
  }

  #renew(call: Call, needs: readonly Need[], mayRetry = true): MaybePromise<Obtained> {
    const { held } = this;
    const request: Request = { began: this.#now(), renewed: undefined };
    const ask: Operation<unknown> = (context) => {
      // Hint: this runs again once a refused need has been replaced.
      if (held?.needs.some((need) => this.#wasReplaced(need))) held.rotate();
      // Hint: read at this moment, since another call may have found that a need was replaced.
      request.renewed = held?.renewed;
      return andThen(this.#look(this.#request, Object.assign(context, held?.why ?? FIRST)), copyOf);
    };
    return andThen(this.#lookUp.run(ask, call, needs), (reply) => this.#take(reply, request, call, mayRetry));
  }

  #take(reply: Reply<unknown>, { began, renewed }: Request, call: Call, mayRetry: boolean): MaybePromise<Obtained> {
    const { answer, needs, ms, retriedAt, timedOut, shared } = reply;
    const { held } = this;
    if (held && shared?.lookAt) {
      held.lookAt = shared.lookAt;
      return this.#settle(held, call, mayRetry);
    }
    if (isRefusal(answer)) {
      // Hint: a refused token is not returned again while the next renewal is in progress.
      if (answer.outcome === "denied" && held) held.invalidated = true;
      return { ...this.#recordFailure({ refusal: answer, needs, timedOut }, call), ms };
    }
    if (answer === undefined) {
      this.held = undefined;
      this.#pauses.end();
      return { until: this.#now() + recheckOf(this.#store), ms };
    }
    const { advisoryWindow, defaultLifetime } = this.#store.options;
    const recheck = recheckOf(this.#store, undefined, DEFAULT_LIFETIME_MS);
    const since = retriedAt ?? began;
    const now = this.#now();
    const expires = hasValues(answer)
      ? shared ?? expiry(since, now, answer, defaultLifetime)
      : invalid("its look-up returned no values: fix the store's code");
    if (isRefusal(expires)) return { ...this.#recordFailure({ refusal: expires }, call), ms };
    const lifespan = { since, ...expires, advisoryWindow, recheck, request: this.#request };
    const fresh = new TokenGeneration((answer as Token).values, lifespan, needs, renewed);
    endWithNeeds(this.#store, fresh);
    if (fresh.expiresAt <= now) return { ...this.#recordFailure({ refusal: NEED_EXPIRED }, call), ms };
    return andThen(this.#keep(fresh, call, mayRetry), (obtained) => ({ ms, ...obtained }));
  }

  #keep(fresh: TokenGeneration, call: Call, mayRetry: boolean): MaybePromise<Obtained> {
    const { held } = this;
    const { how } = fresh;
    // Hint: a 401 for the previous token must not invalidate this one.
    if (held) held.invalidated = true;
    if (!how && held?.endsRefused(fresh.since)) fresh.refusals = held.refusals + 1;
    if (held && held.reason !== "due") fresh.replaced = held.replaced + 1;
    this.held = fresh;
    logLater(call, this.#deps.ambient, { type: "renewed", store: this.#store.name, ...(how && { shared: how }) });
    return this.#settle(fresh, call, mayRetry);
  }

  #settle(latest: TokenGeneration, call: Call, mayRetry: boolean): MaybePromise<Obtained> {
    this.#pauses.end();
    // Hint: a later caller must not get a token that was obtained with what was replaced meanwhile.
    return andThen(
      latest.needs.every((need) => this.#isLatest(need)) ? undefined : this.#lookAtNeeds(call),
      (looked) => {
        if (looked && "refusal" in looked) return this.#recordFailure(looked, call);
        return latest.invalidated && mayRetry ? this.#renew(call, [], false) : this.#result(latest);
      },
    );
  }

  #isLatest(need: Need): boolean {
    const latest = this.#deps.latestNeed(need.key);
    return !!latest?.until && !this.#wasReplaced(need, latest);
  }

  #wasReplaced(need: Need, now = this.#deps.latestNeed(need.key)): boolean {
    return !!now && wasReplaced(this.#store, now, need);
  }

  #result(held: TokenGeneration): Obtained {
    if (held.invalidated) return { generation: held, until: 0 };
    const needs = held.seal ? [...held.needs, held.seal] : held.needs;
    return { generation: held, until: Math.min(held.renewsAt, ...needs.map(({ until }) => until)) };
  }

  /**
   * Resolves the needs again: a changed one invalidates the token obtained with it, and one that cannot be met is a
   * failed renewal.
   */
  #lookAtNeeds(call: Call): MaybePromise<readonly Need[] | Failed> {
    return this.held ? this.#lookFrom(0, this.held, [], call) : [];
  }

  #lookFrom(
    at: number,
    held: TokenGeneration,
    seen: readonly Need[],
    call: Call,
  ): MaybePromise<readonly Need[] | Failed> {
    const need = held.needs[at];
    if (!need) {
      held.see(seen);
      endWithNeeds(this.#store, held);
      return andThen(held.seal?.look(call), (isAnother) => {
        if (isAnother) held.rotate();
        return seen;
      });
    }
    return andThen(this.#deps.resolveNeed(need.key, call), (now) => {
      if (isRefusal(now)) return { refusal: now, needs: [unmet(need.key)] };
      if (this.#wasReplaced(need, now)) held.rotate();
      return this.#lookFrom(at + 1, held, [...seen, now], call);
    });
  }

  #recordFailure(failed: Failed, call: Call): Obtained {
    const { ambient } = this.#deps;
    const pause = this.#pauses.add(failed, { now: this.#now(), random: ambient.random() }, this.held);
    const { outcome: error, detail } = failed.refusal;
    logLater(call, ambient, { type: "failed", store: this.#store.name, error, detail });
    // Hint: without a pause the store sets no limit; a credential from a lower store is degraded, and used for 1 to 5 s.
    return this.#afterFailure(failed, pause?.until ?? Infinity);
  }

  /** Returns what a failure leaves: the held token, even an expired one as a last resort, or else the refusal. */
  #afterFailure({ refusal, refusal: { outcome }, needs }: Failed, until: number): Obtained {
    const { held } = this;
    const expired = !held || this.#now() >= held.expiresAt;
    // Hint: an expired token, or one that never expires, is treated like what a static store gave.
    const isRecoverable = outcome === "unavailable" || outcome === "invalid" && !expired && held.expiresAt < Infinity;
    if (!held || !isRecoverable) return { refusal, until, needs };
    return { generation: held, refusal, until: expired ? until : Math.min(until, held.expiresAt) };
  }
}

const REFUSED_AGAIN = /* @__PURE__ */ unavailable(
  "the token was refused again after its renewal, so it is not renewed again at once",
);

const NEED_EXPIRED = /* @__PURE__ */ unavailable("the credential that it ends with has expired");

// Hint: reading what a look-up returned may throw, which is the look-up's failure.
/** Returns a copy of an answer with the members that count. */
function copyOf(answer: unknown): unknown {
  if (answer === undefined || isRefusal(answer)) return answer;
  const { values, expiresIn, expiresAt, expires } = Object(answer) as Partial<Token>;
  return { values, expiresIn, expiresAt: expiresAt && Number(expiresAt), expires };
}

function hasValues(answer: unknown): answer is Token {
  const { values } = Object(answer) as Partial<Token>;
  return typeof values === "object" && values !== null;
}
