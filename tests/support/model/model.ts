import type { Need } from "./answer.ts";
import type { Call, Event } from "./call.ts";
import { type CredentialDecl, type Declaration, needsOf } from "./declaration.ts";
import {
  emptyHold,
  endPause,
  generationOf,
  hasSameValues,
  type Hold,
  invalidateHold,
  isCurrent,
  isEqual,
  isRecent,
  type ModelCredential,
  needOf,
  renewHold,
  type Result,
} from "./hold.ts";
import type { Refusal } from "./reading.ts";
import type { TokenState } from "./renewal.ts";
import { askStore, emptyStore, type StoreState } from "./stores.ts";
import type { Task, Tasks } from "./tasks.ts";
import { walk, type Walked } from "./walk.ts";
import { pauseOf, stateAt } from "./windows.ts";
import type { Side } from "./world.ts";

/** How long an answer is given during an outage while one caller asks whether that is over. */
const BUDGET = 10_000;

/** A call as the model itself sees it. */
interface OutermostCall extends Call {
  /** Tells listeners. */
  told(credential: ModelCredential): void;
  /** Tells all that is to be told. */
  tell(): void;
}

/** The reference model of one resolver: the rules of the walk and of freshness, as plain data and explicit time. */
export class Model {
  decl: Declaration;
  readonly tasks: Tasks;
  readonly side: Side;
  readonly holds = new Map<string, Hold>();
  readonly events: Event[] = [];
  /** What listeners were told, in order. */
  readonly told: ModelCredential[] = [];
  readonly #stores = new Map<string, StoreState>();

  constructor(decl: Declaration, tasks: Tasks, side: Side) {
    this.decl = decl;
    this.tasks = tasks;
    this.side = side;
    this.adopt(decl, []);
  }

  get now(): number {
    return this.tasks.timers.now();
  }

  /** Begins a call. What is to be told of it is told once its outermost walk is over. */
  newCall(): OutermostCall {
    const news: (() => void)[] = [];
    const call: OutermostCall = {
      decl: this.decl,
      tasks: this.tasks,
      side: this.side,
      resolveNeed: (key) => this.#need(call, key),
      latestNeed: (key) => {
        const hold = this.holds.get(key)!;
        return hold.held && needOf(hold, hold.held);
      },
      refuse: (need, isAgain) => {
        const refused = this.#current(need);
        if (refused && !isAgain) endPause(refused);
        this.#invalidate(refused, (hold) => !this.tasks.isBusy(hold.flight));
      },
      log: (event) => void news.push(() => void this.events.push(event)),
      told: (credential) =>
        void news.push(() => {
          if (this.holds.get(credential.key)!.latest === credential) this.told.push(credential);
        }),
      tell: () => news.splice(0).forEach((each) => each()),
    };
    return call;
  }

  /** Goes on with a chain in which the stores of some credentials changed. */
  adopt(decl: Declaration, keys: readonly string[]): void {
    this.decl = decl;
    const names = decl.stores.map(({ name }) => name);
    for (const name of this.#stores.keys()) if (!names.includes(name)) this.#stores.delete(name);
    for (const name of names) if (!this.#stores.has(name)) this.#stores.set(name, emptyStore());
    const affected = this.#dependents(keys);
    for (const credential of decl.credentials) {
      const hold = this.holds.get(credential.key);
      if (!hold) this.holds.set(credential.key, emptyHold(credential));
      else if (affected.has(credential.key)) {
        hold.decl = credential;
        hold.held = undefined;
        hold.memories = new Map();
        renewHold(hold);
      }
    }
  }

  /** These credentials, and all that need one of them. */
  #dependents(keys: readonly string[]): ReadonlySet<string> {
    const affected = new Set(keys);
    for (let size = -1; size !== affected.size;) {
      size = affected.size;
      for (const credential of this.decl.credentials) {
        if (needsOf(this.decl, credential).some((key) => affected.has(key))) affected.add(credential.key);
      }
    }
    return affected;
  }

  /** What is known of the tokens that a credential asks for. */
  tokensOf({ decl: { from } }: Hold): readonly TokenState[] {
    return Object.entries(from).flatMap(([store, { resource }]) =>
      this.#stores.get(store)?.tokens.get(resource ?? "") ?? []
    );
  }

  isFresh(hold: Hold): boolean {
    return hold.held !== undefined && isRecent(this.now, hold);
  }

  /** Gives a credential: the held one while it is fresh, else by a walk that later callers share. */
  *get(call: OutermostCall, hold: Hold): Task<Result> {
    if (this.isFresh(hold)) return { credential: hold.held! };
    if (this.tasks.isBusy(hold.flight) && this.#isServable(hold)) return { credential: hold.held! };
    return yield* this.#join(call, hold, true);
  }

  /** Whether what is held may be given while one caller waits for a renewal, or for the end of an outage. */
  #isServable(hold: Hold): boolean {
    const { held, invalidated, until, resolvedAt } = hold;
    if (!held || invalidated) return false;
    const token = generationOf(hold);
    if (token && ["fresh", "advisory"].includes(stateAt(this.now, token))) return true;
    const isOfNow = until > 0 && this.now >= resolvedAt && this.now < Math.min(until + BUDGET, held.expiresAt);
    return held.degraded && isOfNow;
  }

  *#join(call: OutermostCall, hold: Hold, mayRepeat: boolean): Task<Result> {
    if (!this.tasks.isBusy(hold.flight)) {
      const flight = this.tasks.start(this.#walk(call, hold, mayRepeat));
      hold.flight = flight;
      return yield* this.tasks.join(flight);
    }
    return yield* this.tasks.join(hold.flight!);
  }

  *#walk(call: OutermostCall, hold: Hold, mayRepeat: boolean): Task<Result> {
    const { epoch, decl: credential, memories } = hold;
    const { decl } = this;
    const stores = new Map(this.#stores);
    const previous = hold.held && hold.found;
    const walked = yield* walk(decl, credential, (store, wanted) => {
      const { source, reading, expiresAt } = previous ?? {};
      const gave = source === store.name ? { reading: reading!, expiresAt: expiresAt! } : undefined;
      return askStore(call, { decl, credential, store, wanted, memories, previous: gave }, stores.get(store.name)!);
    });
    if (epoch === hold.epoch) return this.#keep(call, hold, walked);
    if (mayRepeat) return yield* this.#join(call, hold, false);
    return walked.code ? { failed: walked } : { credential: credentialOf(credential, walked, ++hold.generations) };
  }

  #keep(call: OutermostCall, hold: Hold, walked: Walked): Result {
    const { now } = this;
    const isFirst = !hold.last;
    hold.invalidated = !walked.code && !!walked.generation?.invalidated;
    hold.resolvedAt = now;
    if (walked.code) return this.#lose(call, hold, walked);
    hold.last = { at: now, walked };
    hold.found = walked;
    hold.failed = undefined;
    hold.until = walked.degraded ? Math.min(walked.until, now + pauseOf(this.decl.random)) : walked.until;
    const credential = credentialOf(hold.decl, walked, numbered(hold, walked));
    const isSame = isEqual(hold.latest, credential);
    if (!isSame) hold.latest = credential;
    if (isSame && hold.held) return { credential: hold.latest! };
    hold.held = hold.latest!;
    const event = { key: hold.decl.key, store: walked.source! };
    if (walked.degraded) call.log({ type: "degraded", ...event });
    if (!isFirst && !isSame) {
      call.log({ type: "changed", ...event });
      call.told(hold.held);
    }
    return { credential: hold.held };
  }

  #lose(call: OutermostCall, hold: Hold, walked: Walked): Result {
    hold.last = { at: this.now, error: walked.code!, walked };
    hold.held = undefined;
    hold.failed = walked;
    hold.until = walked.defaultable ? Math.min(walked.until, this.now + 1_000) : 0;
    if (!walked.defaultable) call.log({ type: "stopped", key: hold.decl.key });
    return { failed: walked };
  }

  *#need(call: OutermostCall, key: string): Task<Need | Refusal> {
    const hold = this.holds.get(key)!;
    const result = yield* this.get(call, hold);
    if ("credential" in result) return needOf(hold, result.credential);
    const { code } = result.failed;
    return { outcome: code === "denied" || code === "unavailable" ? code : "invalid", detail: `needs "${key}"` };
  }

  /** Invalidates what is held of a credential. */
  invalidate(hold: Hold): void {
    this.#invalidate(hold, () => true);
  }

  #current(need: Need): Hold | undefined {
    const hold = this.holds.get(need.key);
    return hold && isCurrent(hold, need) ? hold : undefined;
  }

  #invalidate(first: Hold | undefined, mayRenew: (hold: Hold) => boolean): void {
    const keys: string[] = [];
    const invalidate = (hold?: Hold): void => {
      if (hold && invalidateHold(hold, (need) => invalidate(this.#current(need)))) keys.push(hold.decl.key);
    };
    invalidate(first);
    const affected = this.#dependents(keys);
    for (const [key, hold] of this.holds) {
      const sharesToken = !hold.invalidated && generationOf(hold)?.invalidated;
      if (!keys.includes(key) && (sharesToken || affected.has(key)) && mayRenew(hold)) renewHold(hold);
    }
  }
}

/** Returns the number of what a walk found: that of what is kept if its values are the same. */
function numbered(hold: Hold, walked: Walked): number {
  const { latest } = hold;
  const isLatest = latest && hasSameValues(latest, credentialOf(hold.decl, walked, latest.generation));
  return isLatest ? latest.generation : ++hold.generations;
}

function credentialOf({ key }: CredentialDecl, walked: Walked, generation: number): ModelCredential {
  const { source, supplied, degraded, expiresAt, steps } = walked;
  return { key, source: source!, values: supplied, degraded, expiresAt: expiresAt!, steps, generation };
}
