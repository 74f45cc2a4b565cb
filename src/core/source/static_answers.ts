import { andThen, type MaybePromise } from "../chain/eventually.ts";
import { isRefusal, type Refusal } from "../chain/outcome.ts";
import { type Answer, type FieldValues, NOTHING, type Nothing, NOTHING_HERE } from "./answer.ts";
import type { Call } from "./flight.ts";
import { pause } from "./freshness.ts";
import { LookUp, MAX_RETRIES, type Operation, type Reply, RETRY_MS } from "./look_up.ts";
import type { UntypedLook } from "./reader.ts";
import { type Deps, type Previous, recheckOf, type Source, type StoreAnswers, type StorePlan } from "./source.ts";

type Read = Nothing | FieldValues;

/** The options of static answers. */
export interface StaticAnswersOptions {
  /** Whether values that disappear are looked for twice: a document that is replaced is gone for a moment. */
  readonly confirmsAbsence: boolean;
}

/** The time before each further look for what was in files; all looks together take no longer than one retry. */
const LOST_MS = 16;

/** What is asked of a source. */
interface Question {
  readonly source: Source;
  readonly wanted: readonly number[];
  /** What the store gave in the previous walk, where it won that. */
  readonly previous: Previous | undefined;
  readonly read: Operation<Read>;
  readonly call: Call;
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
    const mine = previous?.source === this.#store.name ? previous : undefined;
    const asked = { source, wanted, previous: mine, read, call };
    return andThen(this.#lookUp.run(read, call), (reply) => this.#settle(reply, asked, MAX_RETRIES));
  }

  #settle(reply: Reply<Read>, asked: Question, looks: number): MaybePromise<Answer> {
    const doubtful = looks > 0 && this.#doubt(reply, asked);
    if (!doubtful) return this.#answerOf(reply, asked);
    const next = this.#lookUp.runLater(asked.read, asked.call, doubtful);
    return next.then((later) => this.#settle(later, asked, this.#readsFiles(later) ? looks - 1 : 0));
  }

  /** Returns after how many milliseconds to look again before an answer counts; 0 if it counts at once. */
  #doubt(reply: Reply<Read>, { source: { fields }, source, wanted, previous }: Question): number {
    const { answer } = reply;
    if (isRefusal(answer)) return 0;
    const has = (at: number) => answer.outcome === "found" && answer.values[at] !== undefined;
    if (!this.#readsFiles(reply)) return this.#confirmsAbsence && previous && !wanted.some(has) ? RETRY_MS : 0;
    const isPartial = this.#store.spec.onIncomplete === "stop" &&
      fields.some(({ identity }, at) => identity && has(at)) &&
      fields.some(({ presence }, at) => presence === "required" && !has(at));
    if (isPartial) return RETRY_MS;
    const seen = this.#seen.get(source);
    return seen && wanted.some((at) => seen[at] && !has(at)) ? LOST_MS : 0;
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
