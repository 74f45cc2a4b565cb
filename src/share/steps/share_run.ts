import { isRefusal, unavailable } from "../../core/chain/outcome.ts";
import type { Attempt } from "../../core/source/attempt.ts";
import type { TokenGeneration } from "../../core/source/token_generation.ts";
import { decide, type Decision, type HeldToken, pollPause } from "../entry/decide.ts";
import { EntryRegister, type Look } from "../client/entry_register.ts";
import { lead } from "./lead.ts";
import type { EngineCalls } from "../client/engine_calls.ts";
import type { Naming, SharedAttempt } from "./shared_attempt.ts";
import { HeldLease } from "./held_lease.ts";

/** How many times in a row another machine may be faster to take the lease. */
export const MAX_LOST = 3;
/** How many calls to the engine it takes to obtain a token for all: to take the lease, and to write the result. */
const CALLS_TO_LEAD = 2;

/** One run through the steps by which a machine gets a shared token. */
export class ShareRun<T> {
  readonly #shared: SharedAttempt<T>;
  readonly #name: string;
  readonly #register: EntryRegister;
  readonly #calls: EngineCalls;
  readonly #ownLease: HeldLease;
  /** How long it had waited before its last look; absent before the first. */
  #spent: number | undefined;
  /** Whether another machine was obtaining the token then. */
  #isLed = false;
  #lost = 0;
  /** The number of the token that was there before it waited. */
  #before: number | undefined;
  /** What this machine held when it began. */
  readonly #held: TokenGeneration | undefined;

  constructor(shared: SharedAttempt<T>, { keys }: Naming, calls: EngineCalls) {
    const { clock } = shared.sharing.store.deps.ambient;
    this.#shared = shared;
    this.#held = shared.sharing.held();
    this.#name = keys.name;
    this.#calls = calls;
    this.#register = new EntryRegister(calls, keys, clock);
    this.#ownLease = new HeldLease(this.#register, clock, shared.sharing.store.lease);
  }

  /** Runs until there is a token, or a failure. */
  async end(): Promise<Attempt<T>> {
    const { known, held, store } = this.#shared.sharing;
    for (let polls = 0; this.#calls.left > 0 && this.#lost < MAX_LOST; polls++) {
      if (polls > 0) await this.#calls.wait(pollPause(polls - 1, store.deps.ambient.random()));
      const look = await this.#register.look();
      if (this.#isReplaced()) break;
      if (isRefusal(look)) {
        if (this.#isLed && this.#calls.isOver) return this.#shared.refuse(STILL_LED);
        break;
      }
      const own = known.held(held(), this.#name, look);
      const decision: Decision = this.#ownLease.hasTaken(look) ? { do: "lead" } : this.#decide(look, own);
      this.#isLed = decision.do === "poll";
      const result = await this.#do(decision, look, own);
      if (result) return result;
    }
    return this.#isReplaced() ? this.#shared.keep(0) : await this.#shared.alone();
  }

  // Hint: on workerd, a request takes over from one that takes long, which may still finish first.
  /** Whether this machine now holds another valid token than when it began. */
  #isReplaced(): boolean {
    const { held, store } = this.#shared.sharing;
    const now = held();
    return now !== this.#held && now?.servable(store.deps.ambient.clock.now()) === true;
  }

  #decide({ entry, now, answered }: Look, held: HeldToken | undefined): Decision {
    const { store, heartbeats, failures, known } = this.#shared.sharing;
    const { spent } = this.#calls;
    const waited = this.#spent === undefined ? undefined : spent - this.#spent;
    this.#spent = spent;
    const silentFor = heartbeats.see(entry.lease, answered, waited);
    const failureAge = failures.see(entry.failure, answered, waited);
    const { owner, lease, bound, plan: { options: { advisoryWindow } }, deps: { ambient } } = store;
    const awaitsAfter = this.#before;
    this.#before ??= entry.token?.number ?? 0;
    const random = ambient.random();
    const mine = { owner, held, silentFor, failureAge, lease, bound, random, advisoryWindow, awaitsAfter };
    return decide(known.unrefused(entry, this.#name), mine, now);
  }

  /** Does what was decided; gives `undefined` if it is to look again. */
  async #do(decision: Decision, look: Look, held: HeldToken | undefined): Promise<Attempt<T> | undefined> {
    const shared = this.#shared;
    const { isOver } = this.#calls;
    switch (decision.do) {
      case "adopt":
        return shared.adopt(decision.token, look);
      case "keep":
        return shared.keep(decision.after);
      case "fail":
        return shared.fail(decision.failure, decision.after);
      case "poll":
        this.#lost = 0;
        return isOver ? shared.refuse(STILL_LED) : undefined;
      case "lead":
        this.#lost++;
        // Hint: the server is not asked twice in one run.
        return isOver || shared.asked || this.#calls.left < CALLS_TO_LEAD
          ? await shared.alone()
          : await lead(shared, this.#ownLease, look, held);
    }
  }
}

const STILL_LED = /* @__PURE__ */ unavailable("another machine is still obtaining the token");
