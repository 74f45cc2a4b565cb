import { unavailable } from "../../../mod.ts";
import { TIMEOUT_MS } from "../../../src/core/chain/limits.ts";
import { pause } from "../../../src/core/source/freshness.ts";
import type { Failed } from "../../../src/core/source/pauses.ts";
import { TokenGeneration } from "../../../src/core/source/token_generation.ts";
import { decide, type HeldToken, pollPause } from "../../../src/share/entry/decide.ts";
import { FIRST_ANSWER_MS } from "../../../src/share/client/engine_client.ts";
import type { Entry } from "../../../src/share/entry/entry.ts";
import { ANSWER_MS, LEASE_MS } from "../../../src/share/define/share_engine.ts";
import { MAX_LOST } from "../../../src/share/steps/share_run.ts";
import { Heartbeats } from "../../../src/share/entry/heartbeats.ts";
import { MARGIN_MS } from "../../../src/share/steps/store_sharing.ts";
import { BEATS_PER_LEASE } from "../../../src/share/steps/held_lease.ts";
import { beat, fail, renew, takeLease } from "../../../src/share/entry/transitions.ts";
import type { Read } from "./engine.ts";
import type { Isolate, Obtain, Obtained } from "./isolate.ts";
import type { Response } from "./token_server.ts";
import type { World } from "./world.ts";

/** How long tokens are valid. */
export const LIFETIME_MS = 3_600_000;
/** How long an isolate waits at most for what another one obtains. */
export const BOUND_MS = TIMEOUT_MS + LEASE_MS + MARGIN_MS;
/** How often the one that obtains it shows that it is alive. */
export const BEAT_MS = LEASE_MS / BEATS_PER_LEASE;

/** Creates a token that was asked for at a moment; one that is shared has a place in the windows. */
export function createToken(since: number, place?: number): TokenGeneration {
  const lifespan = { since, expiresAt: since + LIFETIME_MS, stated: true, request: {} };
  return new TokenGeneration({}, place === undefined ? lifespan : { ...lifespan, place }, []);
}

/** Obtains tokens as a store without `share` does. */
export function obtainAlone({ time, server }: World): Obtain {
  return (_, then) => {
    const { now } = time;
    server.ask(({ refusal, timedOut }) =>
      then(refusal ? { failed: { refusal, timedOut } } : { token: createToken(now) })
    );
  };
}

/** Obtains tokens by the engine. */
export function obtainShared(world: World): Obtain {
  const members = new WeakMap<Isolate, Member>();
  return (isolate, then) => {
    let member = members.get(isolate);
    // Hint: one that holds a token at the beginning had it from the engine.
    if (!member) members.set(isolate, member = new Member(isolate.number !== undefined));
    new Run(world, isolate, member, then).begin();
  };
}

/** What an isolate knows of the engine between two runs. */
class Member {
  awayUntil = 0;
  wasAsked: boolean;
  readonly heartbeats = new Heartbeats();

  constructor(wasAsked: boolean) {
    this.wasAsked = wasAsked;
  }
}

/** One walk through the steps. */
class Run {
  readonly #world: World;
  readonly #isolate: Isolate;
  readonly #member: Member;
  readonly #then: (obtained: Obtained) => void;
  readonly #began: number;
  #polls = 0;
  #lost = 0;
  #response: Response | undefined;
  #isBeating = false;

  constructor(world: World, isolate: Isolate, member: Member, then: (obtained: Obtained) => void) {
    this.#world = world;
    this.#isolate = isolate;
    this.#member = member;
    this.#then = then;
    this.#began = world.time.now;
  }

  begin(): void {
    if (this.#now < this.#member.awayUntil) this.#alone();
    else this.#look();
  }

  get #now(): number {
    return this.#world.time.now;
  }

  #look(): void {
    this.#world.engine.get(this.#timeout(), (read) => read ? this.#decide(read) : this.#away());
  }

  #timeout(): number {
    const timeout = this.#member.wasAsked ? ANSWER_MS : FIRST_ANSWER_MS;
    this.#member.wasAsked = true;
    return timeout;
  }

  #decide(read: Read): void {
    const decision = this.#decisionOn(read.entry);
    if (decision.do === "adopt") this.#receive(decision.token.number, decision.token.end! - LIFETIME_MS);
    if (decision.do === "keep") this.#then({ lookAt: this.#now + decision.after });
    if (decision.do === "poll") this.#poll();
    if (decision.do === "lead") this.#lead(read);
    if (decision.do === "fail") this.#fail({ refusal: unavailable("HTTP 503", { retryAfter: decision.after }) });
  }

  #decisionOn(entry: Entry) {
    const { owner } = this.#isolate;
    const silentFor = this.#member.heartbeats.see(entry.lease, this.#now);
    const random = this.#world.random.next();
    return decide(entry, { owner, held: this.#held, silentFor, lease: LEASE_MS, bound: BOUND_MS, random }, this.#now);
  }

  get #held(): HeldToken | undefined {
    const { held, number, isGood } = this.#isolate;
    return held && { number, end: held.expiresAt, good: isGood, refused: held.reason === "refused" };
  }

  #poll(): void {
    const ms = pollPause(this.#polls++, this.#world.random.next());
    if (this.#now + ms - this.#began > BOUND_MS) {
      return this.#fail({ refusal: unavailable("another machine has not obtained the token in time") });
    }
    this.#world.time.after(ms, () => this.#look());
  }

  #away(): void {
    this.#member.awayUntil = this.#now + pause(this.#world.random.next());
    this.#alone();
  }

  #alone(): void {
    const { now } = this.#world.time;
    this.#world.server.ask((response) => {
      if (response.refusal) this.#fail(response as Failed);
      else this.#receive(undefined, now);
    });
  }

  #lead({ entry, version }: Read): void {
    const leading = takeLease(entry, `${this.#isolate.owner} ${this.#now}`, this.#now);
    this.#world.engine.swap(this.#timeout(), version, leading, (swapped) => {
      if (swapped === undefined) return this.#away();
      if (swapped) return this.#mint({ entry: leading, version: swapped });
      if (++this.#lost === MAX_LOST) return this.#alone();
      this.#poll();
    });
  }

  #mint(lease: Read): void {
    const latest = { ...lease };
    this.#world.server.ask((response) => {
      this.#response = response;
      if (!this.#isBeating) this.#finish(latest, response);
    });
    this.#world.time.after(BEAT_MS, () => this.#beat(latest));
  }

  #beat(latest: { entry: Entry; version: number }): void {
    if (this.#response) return;
    const entry = beat(latest.entry);
    this.#isBeating = true;
    this.#world.engine.swap(this.#timeout(), latest.version, entry, (swapped) => {
      this.#isBeating = false;
      if (swapped) Object.assign(latest, { entry, version: swapped });
      if (this.#response) return this.#finish(latest, this.#response);
      if (swapped) this.#world.time.after(BEAT_MS, () => this.#beat(latest));
    });
  }

  #finish({ entry, version }: Read, response: Response): void {
    const { since } = entry.lease!;
    const { refusal } = response;
    const ended = refusal
      ? fail(entry, refusal, this.#isolate.owner, this.#now)
      : renew(entry, this.#held, { since, values: {}, lifetime: LIFETIME_MS, stated: true });
    this.#world.engine.swap(this.#timeout(), version, ended, (swapped) => {
      if (!refusal) return this.#receive(swapped ? ended.token!.number : undefined, since);
      if (!swapped) return this.#fail(response as Failed);
      const { after: retryAfter } = this.#decisionOn(ended) as { after: number };
      this.#fail({ refusal: { ...refusal, retryAfter } });
    });
  }

  #receive(number: number | undefined, since: number): void {
    this.#then({ token: createToken(since, this.#world.random.next()), number });
  }

  #fail(failed: Failed): void {
    this.#then({ failed });
  }
}
