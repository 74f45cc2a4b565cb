import { andThen, type MaybePromise } from "../chain/eventually.ts";
import { isRefusal, type Refusal } from "../chain/outcome.ts";
import { type Answer, type FieldValues, NOTHING, type Nothing, NOTHING_HERE } from "./answer.ts";
import type { Call } from "./flight.ts";
import { pause } from "./freshness.ts";
import { LookUp, type Operation, type Reply } from "./look_up.ts";
import type { UntypedLook } from "./reader.ts";
import { type Deps, type Previous, recheckOf, type Source, type StoreAnswers, type StorePlan } from "./source.ts";

/** How often files are looked at again that may be in the middle of being written. */
const MAX_LOOKS = 3;

type Read = Nothing | FieldValues;

/** The options of static answers. */
export interface StaticAnswersOptions {
  /** Whether values that disappear are looked for twice: a document that is replaced is gone for a moment. */
  readonly confirmsAbsence: boolean;
}

/** What is asked of a source. */
interface Question {
  readonly source: Source;
  readonly wanted: readonly number[];
  /** What the store gave in the previous walk, where it won that. */
  readonly previous: Previous | undefined;
}

/** The answers of a store that do not expire: they are read again after `recheck`. */
export class StaticAnswers implements StoreAnswers {
  readonly #deps: Deps;
  readonly #look: UntypedLook;
  readonly #lookUp: LookUp;
  readonly #store: StorePlan;
  readonly #recheck: number;
  readonly #confirmsAbsence: boolean;
  /** Which fields of a source were there when its files were last read. */
  readonly #seen = new WeakMap<Source, boolean[]>();
  #nowhere: string | undefined;

  constructor(store: StorePlan, look: UntypedLook, deps: Deps, { confirmsAbsence }: StaticAnswersOptions) {
    this.#deps = deps;
    this.#look = look;
    this.#lookUp = new LookUp(store, deps);
    this.#store = store;
    this.#recheck = recheckOf(store);
    this.#confirmsAbsence = confirmsAbsence;
  }

  answer(
    source: Source,
    wanted: readonly number[],
    previous: Previous | undefined,
    call: Call,
  ): MaybePromise<Answer> {
    const read: Operation<Read> = (context) => source.reader.read(this.#look, context, wanted);
    const asked = { source, wanted, previous: previous?.source === this.#store.name ? previous : undefined };
    return andThen(
      this.#lookUp.run(read, call),
      (reply) =>
        this.#looksFor(reply, asked) > 0 ? this.#lookAgain(reply, asked, read, call) : this.#answerOf(reply, asked),
    );
  }

  /** Returns how often an answer must be looked at again before it counts. */
  #looksFor(reply: Reply<Read>, { source, wanted, previous }: Question): number {
    const { answer } = reply;
    if (isRefusal(answer)) return 0;
    const { identity, required } = source;
    const has = (at: number) => answer.outcome === "found" && answer.values[at] !== undefined;
    if (!this.#readsFiles(reply)) return this.#confirmsAbsence && previous && !wanted.some(has) ? 1 : 0;
    const stops = this.#store.spec.onIncomplete === "stop";
    if (stops && identity.some(has) && !required.every(has)) return MAX_LOOKS;
    const seen = this.#seen.get(source);
    return seen && wanted.some((at) => seen[at] && !has(at)) ? 1 : 0;
  }

  // Hint: what is rewritten in a loop may be gone again at the second look, so that is repeated at once.
  async #lookAgain(first: Reply<Read>, asked: Question, read: Operation<Read>, call: Call): Promise<Answer> {
    let reply = first;
    for (let look = 0; look < MAX_LOOKS; look++) {
      const looks = this.#looksFor(reply, asked);
      if (looks === 0 || look > 0 && !this.#readsFiles(reply)) break;
      reply = await (look < looks ? this.#lookUp.runLater(read, call) : this.#lookUp.run(read, call));
    }
    return this.#answerOf(reply, asked);
  }

  #readsFiles({ recheck }: Reply<Read>): boolean {
    return this.#store.spec.readsFiles === true || recheck !== undefined;
  }

  #answerOf(reply: Reply<Read>, { source, wanted, previous }: Question): Answer {
    const { answer, needs, ms, nowhere } = reply;
    const recheck = this.#store.options.recheck ?? reply.recheck ?? this.#recheck;
    const forever = recheck === Infinity && needs.length === 0;
    if (forever && answer === NOTHING && ms === undefined) return NOTHING_HERE;
    if (isRefusal(answer)) {
      if (previous && answer.outcome === "unavailable") return this.#stale(reply, answer, previous);
    } else {
      if (this.#readsFiles(reply)) this.#remember(source, wanted, answer);
      this.#tell(nowhere);
    }
    let until = forever ? Infinity : this.#deps.ambient.clock.now() + recheck;
    for (const need of needs) until = Math.min(until, need.until);
    return { reading: answer === NOTHING && nowhere ? { ...NOTHING, detail: nowhere } : answer, until, needs, ms };
  }

  #remember(source: Source, wanted: readonly number[], answer: Read): void {
    const seen = this.#seen.get(source) ?? [];
    this.#seen.set(source, seen);
    for (const at of wanted) seen[at] = answer.outcome === "found" && answer.values[at] !== undefined;
  }

  /** Tells once that the store's place does not exist, until it is there again. */
  #tell(nowhere: string | undefined): void {
    if (nowhere === this.#nowhere) return;
    this.#nowhere = nowhere;
    if (nowhere) this.#deps.ambient.log({ type: "missing", store: this.#store.name, detail: nowhere });
  }

  #stale({ needs, ms }: Reply<Read>, staleBecause: Refusal, { reading }: Previous): Answer {
    const { clock, random } = this.#deps.ambient;
    return { reading, staleBecause, until: clock.now() + pause(random()), needs, ms };
  }
}
