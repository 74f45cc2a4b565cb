import { andThen, isThenable, type MaybePromise } from "../chain/eventually.ts";
import { isRefusal } from "../chain/outcome.ts";
import { type Answer, NOTHING, type Nothing, NOTHING_HERE, type Values } from "./answer.ts";
import type { Call } from "./flight.ts";
import { pause } from "./freshness.ts";
import { LookUp, type Reply, type Use } from "./look_up.ts";
import type { RawLook } from "./reader.ts";
import { type Deps, type Previous, recheckOf, type Source, type StorePlan, type StoreUse } from "./source.ts";

type Read = Nothing | Values;

/** How a store whose answers do not expire is used. */
export interface StaticUseOptions {
  /** Whether an absence after a presence is looked at twice: a file that is rewritten in place is gone for a moment. */
  readonly confirmsAbsence: boolean;
}

/** Uses a store whose answers do not expire: it is read again once an answer is older than `recheck`. */
export class StaticUse implements StoreUse {
  readonly #deps: Deps;
  readonly #look: RawLook;
  readonly #lookUp: LookUp;
  readonly #name: string;
  readonly #recheck: number;
  readonly #confirmsAbsence: boolean;

  constructor(store: StorePlan, look: RawLook, deps: Deps, { confirmsAbsence }: StaticUseOptions) {
    this.#deps = deps;
    this.#look = look;
    this.#lookUp = new LookUp(store, deps);
    this.#name = store.name;
    this.#recheck = recheckOf(store);
    this.#confirmsAbsence = confirmsAbsence;
  }

  answer(
    { reader }: Source,
    wanted: readonly number[],
    previous: Previous | undefined,
    call: Call,
  ): MaybePromise<Answer> {
    const read: Use<Read> = (ask) => reader.read(this.#look, ask, wanted);
    const reply = this.#lookUp.run(read, call);
    if (previous?.source === this.#name) {
      return andThen(reply, (late) => this.#compare(late, previous, read, call));
    }
    return isThenable(reply) ? reply.then((late) => this.#answerOf(late)) : this.#answerOf(reply);
  }

  #compare(reply: Reply<Read>, previous: Previous, read: Use<Read>, call: Call): MaybePromise<Answer> {
    if (isRefusal(reply.answer)) {
      return reply.answer.outcome === "unavailable" ? this.#stale(reply, previous) : this.#answerOf(reply);
    }
    return this.#confirmsAbsence && isEmpty(reply.answer)
      ? this.#lookUp.runLater(read, call).then((second) => this.#answerOf(second))
      : this.#answerOf(reply);
  }

  #answerOf({ answer, needs, ms }: Reply<Read>): Answer {
    const forever = this.#recheck === Infinity && needs.length === 0;
    if (forever && answer === NOTHING && ms === undefined) return NOTHING_HERE;
    let until = forever ? Infinity : this.#deps.ambient.clock.now() + this.#recheck;
    for (const need of needs) until = Math.min(until, need.until);
    return { reading: answer, until, needs, ms };
  }

  #stale({ answer, needs, ms }: Reply<Read>, { reading }: Previous): Answer {
    const { clock, random } = this.#deps.ambient;
    const staleBecause = isRefusal(answer) ? answer : undefined;
    return { reading, staleBecause, until: clock.now() + pause(random()), needs, ms };
  }
}

function isEmpty(reading: Read): boolean {
  return reading.outcome === "miss" || reading.values.every((value) => value === undefined);
}
