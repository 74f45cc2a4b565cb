import { andThen, type MaybePromise } from "./eventually.ts";
import { type Call, SingleFlight } from "./flight.ts";
import { backoffUntil, expiry, pause, state } from "./freshness.ts";
import type { Ambient } from "./host.ts";
import { invalid, isRefusal, type Refusal } from "./outcome.ts";
import { answerOfKept } from "./kept_answer.ts";
import { Minted } from "./minted.ts";
import type { Reader, Token } from "./shapes/shape.ts";
import type { Answer } from "./walk.ts";

/** A credential that an answer was obtained with, and until when it need not be looked at again. */
export interface Needed {
  readonly credential: { readonly degraded: boolean };
  readonly key: string;
  readonly until: number;
  /** What it goes back to, which stays the same when it is merely renewed. */
  readonly origin: readonly unknown[];
}

/** What a token store said. */
export interface Asked {
  readonly answer: unknown;
  readonly needs: readonly Needed[];
  readonly ms?: number | undefined;
  /** When the try began that gave the answer, where that was the second. */
  readonly retriedAt?: number | undefined;
}

/** What the keeper gives: an answer, or why there is none, and until when this need not be asked again. */
export interface Kept {
  readonly minted?: Minted | undefined;
  /** Why there is no answer, or why the one that is held could not be renewed. */
  readonly refusal?: Refusal | undefined;
  readonly until: number;
  readonly ms?: number | undefined;
}

/** What renewing stands on. */
export interface Ground {
  readonly ambient: Ambient;
  readonly store: string;
  readonly advisoryWindow?: number | undefined;
  readonly defaultLifetime?: number | undefined;
  /** How long it counts that the store has nothing, in milliseconds. */
  readonly recheck: number;
  /** Asks the store; never rejects. */
  ask(request: unknown, call: Call): MaybePromise<Asked>;
  /** Looks at a need again; never rejects. */
  need(key: string, call: Call): MaybePromise<Needed | Refusal>;
  /** Passes on that a credential was refused. */
  invalidate(credential: object): void;
}

/** Keeps the answers of one store, one for each request. */
export interface Keeper {
  get(request: unknown, call: Call): MaybePromise<Kept>;
  /** What is held, without asking anybody. */
  held(request: unknown): Minted | undefined;
  /** What is given while nobody is to be asked, after a failure; nothing where the next call asks. */
  paused(request: unknown): Kept | undefined;
  /** What is made of what it gave for one credential's fields. */
  answer(kept: Kept, reader: Reader, wanted: readonly number[]): Answer;
}

/** Makes the keeper of a store. */
export type Keep = (ground: Ground) => Keeper;

/** Keeps what expires: it is renewed before it does, and one flight serves all who want the same. */
export const keepTokens: Keep = (ground) => {
  const renewals = new Map<string, Renewal>();
  return {
    held: (request) => renewals.get(canonical(request))?.held,
    paused: (request) => renewals.get(canonical(request))?.paused(),
    get: (request, call) => {
      const name = canonical(request);
      let renewal = renewals.get(name);
      if (!renewal) renewals.set(name, renewal = new Renewal(ground, request));
      return renewal.get(call);
    },
    answer: (kept, reader, wanted) => answerOfKept(kept, reader, wanted, ground.ambient),
  };
};

class Renewal {
  held: Minted | undefined;
  readonly #ground: Ground;
  readonly #request: unknown;
  readonly #flight: SingleFlight<Kept>;
  #failures = 0;
  #pause: { readonly since: number; readonly until: number; readonly refusal: Refusal } | undefined;

  constructor(ground: Ground, request: unknown) {
    this.#ground = ground;
    this.#request = request;
    this.#flight = new SingleFlight(ground.ambient);
  }

  get(call: Call): MaybePromise<Kept> {
    const paused = this.paused();
    if (paused) return paused;
    return andThen(this.#lookAtNeeds(call), (trouble) => trouble ? this.#failed(trouble) : this.#serve(call));
  }

  #now(): number {
    return this.#ground.ambient.clock.now();
  }

  /** What a failure left, while its pause lasts. */
  paused(): Kept | undefined {
    const pause = this.#pause;
    if (!pause) return;
    const now = this.#now();
    if (now >= pause.since && now < pause.until) return this.#refused(pause.refusal, pause.until);
    this.#pause = undefined;
  }

  #serve(call: Call): MaybePromise<Kept> {
    const held = this.held;
    const freshness = held && state(this.#now(), held);
    if (freshness === "fresh") return this.#kept(held!);
    if (!this.#flight.busy) return this.#flight.start(() => this.#renew(call), call);
    if (freshness === "advisory") return { minted: held, until: 0 };
    return this.#flight.join(() => this.get(call));
  }

  #renew(call: Call, again = true): MaybePromise<Kept> {
    const began = this.#now();
    return andThen(this.#ground.ask(this.#request, call), ({ answer, needs, ms, retriedAt: since = began }) => {
      if (isRefusal(answer)) {
        // Hint: what was refused once is not handed out again while the next renewal is on.
        if (answer.outcome === "denied" && this.held) this.held.marked = true;
        return { ...this.#failed(answer), ms };
      }
      if (answer === undefined) {
        this.held = undefined;
        return { until: this.#now() + this.#ground.recheck, ms };
      }
      if (!hasValues(answer)) return { ...this.#failed(invalid("the look-up gave no values")), ms };
      const expiresAt = expiry(since, this.#now(), answer, this.#ground.defaultLifetime);
      if (expiresAt === undefined) return { ...this.#failed(invalid("an expiry that makes no sense")), ms };
      const { store, advisoryWindow, ambient } = this.#ground;
      // Hint: whoever is refused with the generation before has no say about this one.
      if (this.held) this.held.marked = true;
      const minted = this.held = new Minted(answer.values, { since, expiresAt, advisoryWindow }, needs);
      this.#failures = 0;
      ambient.log({ type: "renewed", store });
      // Hint: what it was obtained with may have changed meanwhile, and who came after that is not to get this one.
      return andThen(
        this.#lookAtNeeds(call),
        () => minted.marked && again ? this.#renew(call, false) : { ...this.#kept(minted), ms },
      );
    });
  }

  #kept(held: Minted): Kept {
    if (held.marked) return { minted: held, until: 0 };
    return { minted: held, until: Math.min(held.renewsAt, ...held.needs.map(({ until }) => until)) };
  }

  /** A need that changed marks what was obtained with it; one that can not be met is a failed renewal. */
  #lookAtNeeds(call: Call): MaybePromise<Refusal | undefined> {
    const held = this.held;
    return held && this.#lookFrom(0, held, [], call);
  }

  #lookFrom(at: number, held: Minted, seen: Needed[], call: Call): MaybePromise<Refusal | undefined> {
    const need = held.needs[at];
    if (!need) {
      held.needs = seen;
      return;
    }
    return andThen(this.#ground.need(need.key, call), (now) => {
      if (isRefusal(now)) return now;
      if (now.credential !== need.credential && !same(now.origin, need.origin)) held.marked = true;
      return this.#lookFrom(at + 1, held, [...seen, now], call);
    });
  }

  #failed(refusal: Refusal): Kept {
    const { held } = this;
    const now = this.#now();
    const random = this.#ground.ambient.random();
    const expired = held === undefined || now >= held.expiresAt;
    if (refusal.outcome === "denied") {
      this.#pause = { since: now, until: now + pause(random), refusal };
    } else if (held && (refusal.outcome === "unavailable" || !expired)) {
      const failures = expired ? this.#failures++ : 0;
      const until = backoffUntil({ now, random, failures, retryAfter: refusal.retryAfter }, held);
      this.#pause = { since: now, until, refusal };
    }
    // Hint: where a lower store answers instead, its answer's own time spaces the asking out.
    return this.#refused(refusal, this.#pause?.until ?? Infinity);
  }

  /** What a failure leaves: the held answer where that is still good, or expired but worth having; else the refusal. */
  #refused(refusal: Refusal, until: number): Kept {
    const { held } = this;
    if (!held || refusal.outcome === "denied") return { refusal, until };
    const expired = this.#now() >= held.expiresAt;
    if (refusal.outcome === "invalid" && expired) return { refusal, until };
    return { minted: held, refusal, until: expired ? until : Math.min(until, held.expiresAt) };
  }
}

function same(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((one, at) => one === b[at]);
}

function hasValues(answer: unknown): answer is Token {
  const { values } = (answer ?? {}) as Partial<Token>;
  return typeof values === "object" && values !== null;
}

/** The same request is the same text, in whatever order its members were written. */
export function canonical(request: unknown): string {
  return JSON.stringify(
    request,
    (_, value) =>
      typeof value === "object" && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1))
        : value,
  ) ?? "";
}
