import { state } from "../../../src/core/source/freshness.ts";
import { type Failed, Pauses } from "../../../src/core/source/pauses.ts";
import type { TokenGeneration } from "../../../src/core/source/token_generation.ts";
import type { World } from "./world.ts";

/** What came of a try to obtain a token: one, or why there is none, or when the held one is looked at again. */
export type Obtained =
  | { readonly token: TokenGeneration; readonly number?: number | undefined }
  | { readonly failed: Failed }
  | { readonly lookAt: number };

/** Obtains a token for an isolate. */
export type Obtain = (isolate: Isolate, then: (obtained: Obtained) => void) => void;

/**
 * One process that holds one token, by the package's own rules of freshness. Only the calls that matter happen one by one:
 * since calls come at random, the next one after any moment is as far away as ever.
 */
export class Isolate {
  held: TokenGeneration | undefined;
  /** The number of the held token, where it came by the engine. */
  number: number | undefined;
  readonly owner: string;
  readonly #world: World;
  /** How many calls there are in a millisecond. */
  readonly #rate: number;
  readonly #obtain: Obtain;
  readonly #pauses = new Pauses();
  #nextCall = 0;
  #isBusy = false;

  constructor(owner: string, rate: number, world: World, obtain: Obtain) {
    this.owner = owner;
    this.#rate = rate;
    this.#world = world;
    this.#obtain = obtain;
  }

  /** Whether the held token may be used. */
  get isGood(): boolean {
    return !!this.held?.servable(this.#world.time.now);
  }

  /** Has the next call that matters be the first one after a moment. */
  callAfter(moment: number): void {
    const { time, random } = this.#world;
    this.callAt(Math.max(moment, time.now) + random.wait(this.#rate));
  }

  callAt(moment: number): void {
    const call = ++this.#nextCall;
    this.#world.time.at(moment, () => call === this.#nextCall && this.#call());
  }

  /** Has a service refuse tokens from before a moment. */
  refuseAt(moment: number): void {
    const { time, random } = this.#world;
    time.at(moment + random.wait(this.#rate), () => {
      if (!this.held || this.held.since >= moment) return;
      this.held.invalidate(() => {});
      this.callAt(time.now);
    });
  }

  #call(): void {
    if (this.#isBusy) return;
    const { now } = this.#world.time;
    const pause = this.#pauses.at(now);
    if (pause) return this.callAfter(pause.until);
    const { held } = this;
    const freshness = held && state(now, held);
    if (freshness === "fresh") return this.callAfter(held!.renewsAt);
    const keptUntil = held?.keptUntil(now) ?? 0;
    if (now < keptUntil) return this.callAfter(keptUntil);
    this.#isBusy = true;
    this.#obtain(this, (obtained) => {
      this.#isBusy = false;
      // Hint: in the advisory window, only the caller that starts the renewal waits for it.
      const others = freshness === "advisory" ? 0 : this.#callsWithin(this.#world.time.now - now);
      this.#world.callers.wait(this.#world.time.now - now, others);
      this.#take(obtained, others);
    });
  }

  #take(obtained: Obtained, others: number): void {
    const { time, random, callers } = this.#world;
    const { now } = time;
    if ("failed" in obtained) {
      const pause = this.#pauses.add(obtained.failed, { now, random: random.next() }, this.held);
      const failsFrom = this.#failsFrom();
      if (failsFrom <= now) callers.fail(1 + others);
      if (pause && pause.until > failsFrom) callers.fail(this.#callsWithin(pause.until - failsFrom));
      return this.callAfter(pause?.until ?? now);
    }
    if ("token" in obtained) {
      this.held = obtained.token;
      this.number = obtained.number;
    } else this.held!.lookAt = obtained.lookAt;
    this.#pauses.end();
    this.callAfter(this.held!.renewsAt);
  }

  /** From when on callers fail that do not get another token. */
  #failsFrom(): number {
    const { now } = this.#world.time;
    return this.held && this.held.reason !== "refused" ? Math.max(now, this.held.expiresAt) : now;
  }

  #callsWithin(ms: number): number {
    return this.#world.random.count(this.#rate * ms);
  }
}
