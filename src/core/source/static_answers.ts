import { andThen, type MaybePromise } from "../chain/eventually.ts";
import { isRefusal, type Refusal } from "../chain/outcome.ts";
import { type Answer, type FieldValues, NOTHING, type Nothing, NOTHING_HERE } from "./answer.ts";
import type { Call } from "./flight.ts";
import { pause } from "./freshness.ts";
import { LookUp, type Operation, type Reply } from "./look_up.ts";
import type { UntypedLook } from "./reader.ts";
import { type Deps, type Previous, recheckOf, type Source, type StoreAnswers, type StorePlan } from "./source.ts";

type Read = Nothing | FieldValues;

/** The options of static answers. */
export interface StaticAnswersOptions {
  /** Whether values that disappear are looked for twice: a file that is rewritten in place is gone for a moment. */
  readonly confirmsAbsence: boolean;
}

/** The answers of a store that do not expire: they are read again after `recheck`. */
export class StaticAnswers implements StoreAnswers {
  readonly #deps: Deps;
  readonly #look: UntypedLook;
  readonly #lookUp: LookUp;
  readonly #name: string;
  readonly #recheck: number;
  readonly #confirmsAbsence: boolean;

  constructor(store: StorePlan, look: UntypedLook, deps: Deps, { confirmsAbsence }: StaticAnswersOptions) {
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
    const read: Operation<Read> = (context) => reader.read(this.#look, context, wanted);
    const reply = this.#lookUp.run(read, call);
    return andThen(
      reply,
      (late) => previous?.source === this.#name ? this.#confirm(late, previous, read, call) : this.#answerOf(late),
    );
  }

  /** Makes sure of an answer that differs from what the store had before. */
  #confirm(reply: Reply<Read>, previous: Previous, read: Operation<Read>, call: Call): MaybePromise<Answer> {
    const { answer } = reply;
    if (isRefusal(answer)) {
      return answer.outcome === "unavailable" ? this.#stale(reply, answer, previous) : this.#answerOf(reply);
    }
    return this.#confirmsAbsence && isEmpty(answer)
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

  #stale({ needs, ms }: Reply<Read>, staleBecause: Refusal, { reading }: Previous): Answer {
    const { clock, random } = this.#deps.ambient;
    return { reading, staleBecause, until: clock.now() + pause(random()), needs, ms };
  }
}

function isEmpty(reading: Read): boolean {
  return reading.outcome === "miss" || reading.values.every((value) => value === undefined);
}
