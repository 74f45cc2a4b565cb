import { invalid, isRefusal, type Refusal, unavailable } from "../../core/chain/outcome.ts";
import type { EngineState, OpenRegister } from "../../core/chain/share.ts";
import type { MaybePromise } from "../../core/chain/eventually.ts";
import type { NeededCredential } from "../../core/chain/store_spec.ts";
import { isAnother, mayReplace, type Need } from "../../core/source/answer.ts";
import { pause } from "../../core/source/freshness.ts";
import { type Call, type Deps, logLater } from "../../core/source/source.ts";
import { Connection } from "./connection.ts";
import { EngineTime } from "./engine_time.ts";
import { forbidden } from "./client_failure.ts";
import { LATE, timebox } from "./timebox.ts";

/** How long the first answer of an engine may take: it includes the time to connect. */
export const FIRST_ANSWER_MS = 3_000;
/** How long calls wait for a connection that is being opened before another one is opened. */
const MAX_OPENING_MS = 10_000;

/** How an engine is reached. */
export interface EngineAccess {
  /** Opens a connection. */
  readonly open: (credential: NeededCredential | undefined) => MaybePromise<OpenRegister>;
  /** The key of its credential. */
  readonly credential: string | undefined;
  /** How long it may take for one answer, in milliseconds. */
  readonly timeout: number;
  /** How long all calls of a run that a caller waits for may take. */
  readonly bound: number;
}

interface Opening {
  readonly need: Need | undefined;
  readonly since: number;
  readonly promise: Promise<Connection>;
}

/** The engine of one store: how it is reached, and what is known about it. */
export class EngineClient {
  state: EngineState | undefined;
  readonly deps: Deps;
  readonly #store: string;
  readonly #access: EngineAccess;
  #connection: Connection | undefined;
  #opening: Opening | undefined;
  /** Why it is not asked, and until when. */
  #pause: { readonly refusal: Refusal; readonly since: number; readonly until: number } | undefined;
  /** The credential by which it was reached last. */
  #used: Need | undefined;
  /** The credential that took the place of a refused one, until the engine answers. */
  #renewed: Need | undefined;
  #wasAsked = false;
  closed = false;
  readonly time = new EngineTime();

  constructor(store: string, access: EngineAccess, deps: Deps) {
    this.#store = store;
    this.#access = access;
    this.deps = deps;
  }

  /** Returns why it is not asked now, if it is not. An outage does not keep back what is urgent. */
  unasked(urgent: boolean): Refusal | undefined {
    if (this.closed) return CLOSED;
    const now = this.deps.ambient.clock.now();
    if (!urgent && this.#pause && now >= this.#pause.since && now < this.#pause.until) return this.#pause.refusal;
  }

  /** How long all calls of a run that a caller waits for may take. */
  get bound(): number {
    return this.#access.bound;
  }

  /** How long the next answer may take. */
  get limit(): number {
    const { timeout, bound } = this.#access;
    return Math.min(this.#wasAsked ? timeout : Math.max(FIRST_ANSWER_MS, timeout), bound);
  }

  /** Awaits an answer within the engine's time, and for `most` milliseconds at most. */
  async within<T>(run: (check: () => void) => Promise<T>, most = Infinity): Promise<T | Refusal> {
    const { limit } = this;
    try {
      return await timebox(this.deps.ambient.clock, Math.min(limit, most), run);
    } catch (error) {
      if (error === LATE) return most < limit ? OVERDUE : TOO_LATE;
      return isRefusal(error) ? error : forbidden(error) ?? unavailable("the engine did not answer");
    } finally {
      this.#wasAsked = true;
    }
  }

  /** Notes the result of a call. */
  note(refusal: Refusal | undefined, call: Call): void {
    const { clock, random } = this.deps.ambient;
    const now = clock.now();
    this.#pause = refusal && { refusal, since: now, until: now + pause(random()) };
    if (!refusal) this.#renewed = undefined;
    const state = refusal ? STATES[refusal.outcome] : "on";
    const before = this.state;
    this.state = state;
    if (state === (before ?? "on")) return;
    const detail = refusal ? `${refusal.detail}: tokens are obtained alone` : "the engine answers again";
    logLater(call, this.deps.ambient, { type: "share", store: this.#store, detail });
  }

  /** Invalidates the refused credential, and returns whether another one took its place. */
  async renewCredential(connection: Connection | undefined, call: Call): Promise<boolean> {
    const need = connection ? connection.need : this.#used;
    if (!need || !mayReplace(need, this.#renewed, this.deps.ambient.clock.now())) return false;
    // Hint: an engine is asked so often that a static credential would be read again and again.
    if (this.#renewed && !need.generation && !isAnother(need, this.#renewed)) return false;
    this.deps.refuse(need, this.#renewed);
    const now = await this.#resolveCredential(call);
    this.#renewed = now;
    return !!now && isAnother(now, need);
  }

  /** Returns a connection with the present credential. */
  async connect(call: Call): Promise<Connection> {
    const need = await this.#resolveCredential(call);
    const { clock, requestBound } = this.deps.ambient;
    if (requestBound) return await this.#open(need);
    const fits = (other: { readonly need: Need | undefined }) => !need || !!other.need && !isAnother(need, other.need);
    const current = this.#connection;
    if (current && !current.retired && fits(current)) return current;
    current?.retire();
    const now = clock.now();
    const opening = this.#opening;
    const age = opening ? now - opening.since : Infinity;
    if (opening && fits(opening) && age >= 0 && age < MAX_OPENING_MS) return await opening.promise;
    return await this.#begin({ need, since: now, promise: this.#open(need) });
  }

  #begin(opening: Opening): Promise<Connection> {
    this.#opening = opening;
    const isLatest = () => this.#opening === opening && !this.closed;
    return opening.promise.then((connection) => {
      if (isLatest()) this.#connection = connection;
      else connection.retire();
      return connection;
    }).finally(() => {
      if (isLatest()) this.#opening = undefined;
    });
  }

  async #open(need: Need | undefined): Promise<Connection> {
    return new Connection(await this.#access.open(need?.credential as NeededCredential | undefined), need);
  }

  async #resolveCredential(call: Call): Promise<Need | undefined> {
    const { credential } = this.#access;
    this.#used = undefined;
    if (credential === undefined) return undefined;
    const need = await this.deps.resolveNeed(credential, call);
    if (isRefusal(need)) throw need;
    return this.#used = need;
  }

  /** Closes the connection; no call follows. */
  async close(): Promise<void> {
    this.closed = true;
    const connection = this.#connection;
    if (connection) await this.within(() => connection.close());
  }
}

/** What is returned if an answer takes too long. */
export const TOO_LATE: Refusal = /* @__PURE__ */ unavailable("the engine did not answer");

/** What is returned if a caller waits no longer, which says nothing about the engine. */
export const OVERDUE: Refusal = /* @__PURE__ */ unavailable("the engine did not answer while a caller waits");

const STATES = { denied: "refused", invalid: "misunderstood", unavailable: "away" } as const;

const CLOSED = /* @__PURE__ */ invalid("the resolver is disposed: create another");
