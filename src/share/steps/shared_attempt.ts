import type { MaybePromise } from "../../core/chain/eventually.ts";
import { DEFAULT_LIFETIME_MS } from "../../core/chain/limits.ts";
import { denied, invalid, isRefusal, type Refusal, type Shared, unavailable } from "../../core/chain/outcome.ts";
import type { Token } from "../../core/chain/shape.ts";
import type { Need } from "../../core/source/answer.ts";
import { type Attempt, refusalOf } from "../../core/source/attempt.ts";
import { expiry, MAX_LIFETIME_MS } from "../../core/source/freshness.ts";
import { SealWatch } from "./seal_watch.ts";
import type { SharedNotes } from "../../core/source/shared_notes.ts";
import { type Call, recheckOf } from "../../core/source/source.ts";
import type { EntryFailure, EntryToken } from "../entry/entry.ts";
import type { EntryKeys } from "../entry/entry_keys.ts";
import type { Look } from "../client/entry_register.ts";
import type { RequestContext } from "./sharing_context.ts";

/** Asks the store itself. */
export type Mint<T> = (attempt: Attempt<T>, repeats?: boolean) => MaybePromise<Attempt<T>>;

/** The keys of a token's entry, and the seal that they were derived from. */
export interface Naming {
  readonly keys: EntryKeys;
  readonly seal: Need;
}

/** What the server gave: a token with its lifetime by this machine's clock, or anything else. */
export interface Minted<T> {
  readonly attempt: Attempt<T>;
  readonly token?: Pick<SharedNotes, "since" | "expiresAt" | "stated"> & Pick<Token, "values">;
}

/** One attempt to obtain a shared token, and each way in which it can end. */
export class SharedAttempt<T> {
  readonly sharing: RequestContext;
  readonly call: Call;
  readonly naming: Naming | undefined;
  readonly #attempt: Attempt<T>;
  readonly #mint: Mint<T>;
  readonly #began: number;
  #minted: Promise<Minted<T>> | undefined;

  constructor(sharing: RequestContext, attempt: Attempt<T>, mint: Mint<T>, call: Call, naming?: Naming) {
    this.sharing = sharing;
    this.call = call;
    this.naming = naming;
    this.#attempt = attempt;
    this.#mint = mint;
    this.#began = this.#now();
  }

  #now(): number {
    return this.sharing.store.deps.ambient.clock.now();
  }

  /** Whether the server was asked. */
  get asked(): boolean {
    return this.#minted !== undefined;
  }

  /**
   * Asks the server, once; never rejects.
   *
   * @param repeats Whether it is asked again if this machine was suspended meanwhile; `true` unless set.
   */
  mint(repeats?: boolean): Promise<Minted<T>> {
    return this.#minted ??= this.#ask(repeats).catch((thrown) => {
      this.#attempt.answer = refusalOf(thrown);
      return { attempt: this.#attempt };
    });
  }

  /** Allows asking the server again. */
  forget(): void {
    this.#minted = undefined;
  }

  async #ask(repeats?: boolean): Promise<Minted<T>> {
    const began = this.#now();
    const attempt = await this.#mint(this.#attempt, repeats);
    const { answer } = attempt;
    const values = isRefusal(answer) ? undefined : Object(answer).values;
    if (typeof values !== "object" || values === null) return { attempt };
    const since = attempt.retriedAt ?? began;
    const { defaultLifetime } = this.sharing.store.plan.options;
    const expires = expiry(since, this.#now(), answer as Token, defaultLifetime);
    if (isRefusal(expires)) return { attempt };
    this.sharing.store.minted++;
    return { attempt, token: { since, ...expires, values } };
  }

  /** Ends with what the server gives to this machine alone. */
  async alone(): Promise<Attempt<T>> {
    return this.own(await this.mint());
  }

  /**
   * Ends with what the server gave.
   *
   * @param how Whether it is for this machine alone, or for the fleet.
   * @param shared What is in the engine for it, or may be.
   */
  own({ attempt, token }: Minted<T>, how: Shared = "alone", shared?: EntryToken): Attempt<T> {
    if (!token) return attempt;
    const { sharing: { known, held }, naming } = this;
    const { values, ...lifespan } = token;
    const numbered = shared && { number: shared.number, end: shared.end ?? Infinity };
    if (naming) known.add(values, { name: naming.keys.name, how, ...numbered });
    const before = held();
    const refusals = before?.endsRefused(lifespan.since) ? before.refusals + 1 : 0;
    attempt.shared = this.#notes({ how, ...lifespan, refusals: shared?.refusals ?? refusals });
    return attempt;
  }

  /** Ends with the token of another machine. */
  adopt(token: EntryToken, look: Look): Attempt<T> {
    const { sharing: { known, store }, naming } = this;
    const { number, values, lifetime, end, stated, refusals } = token;
    const place = store.deps.ambient.random();
    const left = end === null || lifetime === null ? Infinity : Math.min(end - look.now, lifetime);
    const expiresAt = look.asked + left;
    // Hint: a token that does not expire is asked for again, but not by all machines at one instant.
    const later = place * Math.min(recheckOf(store.plan, undefined, DEFAULT_LIFETIME_MS), MAX_LIFETIME_MS) / 4;
    const since = lifetime === null
      ? Math.min(look.asked, look.asked - (look.now - number) + later)
      : expiresAt - lifetime;
    store.received++;
    if (naming) known.add(values, { name: naming.keys.name, how: "received", number, end: end ?? Infinity });
    return this.#answer({ values }, this.#notes({ how: "received", since, expiresAt, stated, refusals }, place));
  }

  /** Ends with the held token; the engine is asked about it again after some milliseconds. */
  keep(after: number): Attempt<T> {
    const held = this.sharing.held()!;
    const { values, since, expiresAt, stated, refusals, how = "alone" } = held;
    const lookAt = this.#now() + after;
    return this.#answer({ values }, {
      ...this.#notes({ how, since, expiresAt, stated, refusals }, held.place),
      lookAt,
    });
  }

  /** Ends with the failure of another machine. */
  fail({ outcome, detail, need }: EntryFailure, after: number): Attempt<T> {
    return this.refuse(REFUSALS[outcome](detail, { ...(need !== undefined && { need }), retryAfter: after }));
  }

  /** Ends with a refusal. */
  refuse(refusal: Refusal): Attempt<T> {
    return this.#answer(refusal);
  }

  #answer(answer: object, shared?: SharedNotes): Attempt<T> {
    const attempt = this.#attempt;
    attempt.answer = answer as T | Refusal;
    attempt.shared = shared;
    attempt.ms = Math.max(0, this.#now() - this.#began);
    return attempt;
  }

  #notes(known: Omit<SharedNotes, "place" | "seal">, place = this.sharing.store.deps.ambient.random()): SharedNotes {
    const { naming, sharing: { store } } = this;
    return { ...known, place, seal: naming && new SealWatch(naming.seal, store.deps) };
  }
}

const REFUSALS = { denied, invalid, unavailable };
