import { Asker, type Reading, type Reply, type ResolveNeed } from "./ask.ts";
import { andThen, isThenable, type MaybePromise } from "./eventually.ts";
import type { Call } from "./flight.ts";
import { pause } from "./freshness.ts";
import type { Ambient } from "./host.ts";
import { type OpenStore, openStore } from "./open_store.ts";
import { isRefusal, type Refusal } from "./outcome.ts";
import type { Source, StorePlan } from "./plan.ts";
import type { Keeper, Kept } from "./renewal.ts";
import type { Ask, Raw, RawLook } from "./shapes/shape.ts";
import type { Answer } from "./walk.ts";

/** How long an answer counts of a store that doesn't say, in milliseconds. */
const RECHECK = 5_000;

/** What the sources of one resolver have in common. */
export interface Common {
  readonly ambient: Ambient;
  readonly resolveNeed: ResolveNeed;
  readonly invalidate: (credential: object) => void;
}

/** The walk before: its winner is served while its store can't be asked. */
export interface Previous {
  readonly source: string;
  readonly reading: Raw;
}

/** A store in use by a resolver. */
export class LiveStore {
  readonly plan: StorePlan;
  readonly #common: Common;
  #open: OpenStore | undefined;
  #asker: Asker | undefined;
  #keeper: Keeper | undefined;
  #nothing: Answer | undefined;
  readonly #recheck: number;

  constructor(plan: StorePlan, common: Common) {
    this.plan = plan;
    this.#common = common;
    this.#recheck = plan.options.recheck ?? plan.spec.recheck ?? RECHECK;
  }

  /** The store as opened; what its options refer to is read the first time. */
  get open(): OpenStore {
    return this.#open ??= openStore(this.plan, this.#common.ambient);
  }

  /** Asks for one credential's fields; never rejects. */
  answer(source: Source, wanted: readonly number[], previous: Previous | undefined, call: Call): MaybePromise<Answer> {
    const { open } = this;
    if (open.state === "off") return { reading: undefined, until: Infinity, reason: open.reason };
    if (open.state === "invalid") return { reading: open.refusal, until: Infinity };
    if (this.plan.shape.keep) {
      const keeper = this.#kept(open.look);
      return andThen(keeper.get(source.reader.request, call), (kept) => keeper.answer(kept, source.reader, wanted));
    }
    const reading = new SourceReading(source, open.look, wanted);
    const reply = this.#asking().ask(reading, call);
    if (previous?.source === this.plan.name) {
      return andThen(reply, (late) => this.#compare(late, previous, reading, call));
    }
    return isThenable(reply) ? reply.then((late) => this.#settled(late)) : this.#settled(reply);
  }

  /** What a token store holds for a source, without asking anybody. */
  held(source: Source): Answer | undefined {
    return this.#atHand(source, (keeper, request) => {
      const minted = keeper.held(request);
      return minted && { minted, until: 0 };
    });
  }

  /** What a token store gives while it is not to be asked, after a failure. */
  paused(source: Source): Answer | undefined {
    return this.#atHand(source, (keeper, request) => keeper.paused(request));
  }

  /** The same store as it was opened, for looks that leave nothing behind in this one. */
  aside(common: Common): LiveStore {
    const aside = new LiveStore(this.plan, common);
    aside.#open = this.open;
    return aside;
  }

  /** What a token store has without being asked. */
  #atHand({ reader, wanted }: Source, look: (keeper: Keeper, request: unknown) => Kept | undefined) {
    const { open } = this;
    const keeper = open.state === "on" ? this.#kept(open.look) : undefined;
    const kept = keeper && look(keeper, reader.request);
    return kept && keeper.answer(kept, reader, wanted);
  }

  #asking(): Asker {
    return this.#asker ??= new Asker(this.plan, this.#common.ambient, this.#common.resolveNeed);
  }

  #compare(reply: Reply<Raw>, previous: Previous, reading: Reading<Raw>, call: Call): MaybePromise<Answer> {
    if (isRefusal(reply.answer)) return this.#orHeld(reply, previous);
    // Hint: a document that is written anew without a rename is gone for a moment.
    const gone = this.plan.shape.name === "document" && reply.answer.values.every((value) => value === undefined);
    return gone ? this.#asking().again(reading, call).then((second) => this.#settled(second)) : this.#settled(reply);
  }

  #settled({ answer, needs, ms }: Reply<Raw>): Answer {
    const nothing = this.#nothing;
    if (nothing?.reading === answer && needs.length === 0 && ms === undefined) return nothing;
    let until = this.#recheck === Infinity ? Infinity : this.#common.ambient.clock.now() + this.#recheck;
    for (const need of needs) until = Math.min(until, need.until);
    const settled: Answer = { reading: answer, until, needs, ms };
    // Hint: a store that has nothing says the same each time, and a long chain is mostly such stores.
    const keeps = until === Infinity && ms === undefined && needs.length === 0 && !isRefusal(answer);
    if (keeps && answer.values.length === 0) this.#nothing = settled;
    return settled;
  }

  #orHeld(reply: Reply<Raw>, { reading }: Previous): Answer {
    const refusal = reply.answer as Refusal;
    if (refusal.outcome !== "unavailable") return this.#settled(reply);
    const { clock, random } = this.#common.ambient;
    return { reading, held: refusal, until: clock.now() + pause(random()), needs: reply.needs, ms: reply.ms };
  }

  #kept(look: RawLook): Keeper {
    const { options, shape, name } = this.plan;
    return this.#keeper ??= shape.keep!({
      ambient: this.#common.ambient,
      store: name,
      advisoryWindow: options.advisoryWindow,
      defaultLifetime: options.defaultLifetime,
      recheck: this.#recheck,
      ask: (request, call) => this.#asking().ask({ read: (ask) => look(request, ask) as never }, call),
      need: this.#common.resolveNeed,
      invalidate: this.#common.invalidate,
    });
  }
}

/** A reading of one credential's fields. */
class SourceReading implements Reading<Raw> {
  readonly #source: Source;
  readonly #look: RawLook;
  readonly #wanted: readonly number[];

  constructor(source: Source, look: RawLook, wanted: readonly number[]) {
    this.#source = source;
    this.#look = look;
    this.#wanted = wanted;
  }

  read(ask: Ask): MaybePromise<Raw | Refusal> {
    return this.#source.reader.read(this.#look, ask, this.#wanted);
  }
}
