import { andThen, type MaybePromise } from "../chain/eventually.ts";
import { isRefusal, type Refusal, unavailable } from "../chain/outcome.ts";
import { type Answer, type FieldValues, NOTHING, type Nothing, NOTHING_HERE } from "./answer.ts";
import type { Operation, Reply } from "./attempt.ts";
import { type Call, logLater } from "./call.ts";
import { pause } from "./freshness.ts";
import { LookUp, MAX_RETRIES, RETRY_MS } from "./look_up.ts";
import type { UntypedLook } from "./reader.ts";
import { Silences } from "./silences.ts";
import { type Deps, type Previous, recheckOf, type Source, type StoreAnswers, type StorePlan } from "./source.ts";

type Read = Nothing | FieldValues;

/** The options of static answers. */
export interface StaticAnswersOptions {
  /** Whether values that disappear are looked for twice: a document that is replaced is gone for a moment. */
  readonly confirmsAbsence: boolean;
}

/** The time before each further look for a value that was in a file; all of them together take no longer than one retry. */
const ABSENCE_RETRY_MS = 16;

/** What is kept of a source between its answers. */
interface Kept {
  /** Its own, so that another credential's answers say nothing of a need that was refused for this one. */
  readonly lookUp: LookUp;
  /** The name under which each field was there when its files were last read. */
  readonly present: (string | undefined)[];
}

/** What is asked of a source. */
interface Question {
  readonly source: Source;
  readonly kept: Kept;
  readonly wanted: readonly number[];
  /** What the store gave in the previous walk, where it won that. */
  readonly previous: Previous | undefined;
  readonly read: Operation<Read>;
  readonly call: Call;
}

/** The answers of a store that do not expire: they are read again after `recheck`. */
export class StaticAnswers implements StoreAnswers {
  readonly #deps: Deps;
  readonly #silences: Silences;
  readonly #look: UntypedLook;
  readonly #store: StorePlan;
  readonly #recheck: number;
  readonly #confirmsAbsence: boolean;
  readonly #kept = new WeakMap<Source, Kept>();
  #missingDirectory: string | undefined;

  constructor(store: StorePlan, look: UntypedLook, deps: Deps, { confirmsAbsence }: StaticAnswersOptions) {
    this.#deps = deps;
    this.#silences = new Silences(deps.ambient);
    this.#look = this.#silences.heeding(look);
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
    const kept = this.#keptOf(source);
    const asked = { source, kept, wanted, previous: mine, read, call };
    return andThen(kept.lookUp.run(read, call), (reply) => this.#confirm(reply, asked, MAX_RETRIES));
  }

  paused({ reader, mapped }: Source): Answer | undefined {
    const refusal = (reader.document ? [reader.document.name] : mapped.map((at) => reader.names[at]))
      .map((name) => this.#silences.refusal(name)).find((each) => each);
    return refusal && { reading: refusal, until: 0 };
  }

  #keptOf(source: Source): Kept {
    const kept = this.#kept.get(source) ?? { lookUp: new LookUp(this.#store, this.#deps), present: [] };
    this.#kept.set(source, kept);
    return kept;
  }

  /** Looks again, a few times at most, before an answer counts that may come from the middle of a change. */
  #confirm(reply: Reply<Read>, asked: Question, looks: number): MaybePromise<Answer> {
    const delay = looks > 0 && this.#delay(reply, asked);
    if (!delay) return this.#answerOf(reply, asked);
    const next = asked.kept.lookUp.runLater(asked.read, asked.call, delay);
    return next.then((later) => this.#confirm(later, asked, this.#readsFiles(later) ? looks - 1 : 0));
  }

  /** Returns after how many milliseconds to look again before an answer counts; 0 if it counts at once. */
  #delay(reply: Reply<Read>, { source, kept: { present }, wanted, previous }: Question): number {
    const { answer } = reply;
    if (isRefusal(answer)) return 0;
    const has = (at: number) => answer.outcome === "found" && answer.values[at] !== undefined;
    if (!this.#readsFiles(reply)) return this.#confirmsAbsence && previous && !wanted.some(has) ? RETRY_MS : 0;
    const { options, spec } = this.#store;
    const isPartial = [options.onIncomplete, spec.onIncomplete].includes("stop") &&
      source.fields.some(({ identity }, at) => identity && has(at)) &&
      source.fields.some(({ presence }, at) => presence === "required" && !has(at));
    if (isPartial) return RETRY_MS;
    const isLost = (at: number) => {
      const name = nameIn(answer, at);
      return present[at] !== undefined && name !== present[at] && name !== source.reader.names[at];
    };
    return wanted.some(isLost) ? ABSENCE_RETRY_MS : 0;
  }

  #readsFiles({ recheck }: Reply<Read>): boolean {
    return this.#store.spec.readsFiles === true || recheck !== undefined;
  }

  #answerOf(reply: Reply<Read>, { kept: { present }, wanted, previous, call }: Question): Answer {
    const { needs, ms, missingDirectory, answered } = reply;
    const recheck = this.#store.options.recheck ?? reply.recheck ?? this.#recheck;
    const forever = recheck === Infinity && needs.length === 0;
    if (forever && reply.answer === NOTHING && ms === undefined && !answered && !present.length) return NOTHING_HERE;
    const { version, expiresAt = Infinity } = answered ?? {};
    const now = this.#deps.ambient.clock.now();
    // Hint: what is not a number is past too.
    const answer = now < expiresAt ? reply.answer : unavailable("what it gave has expired");
    if (isRefusal(answer)) {
      if (reply.timedOut) this.#silences.add(reply, answer);
      if (answer.outcome === "unavailable" && previous && now < previous.expiresAt) {
        return this.#stale(reply, answer, previous);
      }
    } else {
      for (const at of wanted) present[at] = nameIn(answer, at);
      this.#logMissing(missingDirectory, call);
    }
    let until = Math.min(forever ? Infinity : now + recheck, expiresAt);
    for (const need of needs) until = Math.min(until, need.until);
    return {
      reading: answer === NOTHING && missingDirectory ? { ...NOTHING, detail: missingDirectory } : answer,
      until,
      expiresAt,
      version,
      needs,
      ms,
    };
  }

  /** Logs once that the store's directory does not exist, until it exists again. */
  #logMissing(detail: string | undefined, call: Call): void {
    if (detail === this.#missingDirectory) return;
    this.#missingDirectory = detail;
    if (detail) logLater(call, this.#deps.ambient, { type: "missing", store: this.#store.name, detail });
  }

  #stale({ needs, ms }: Reply<Read>, staleBecause: Refusal, { reading, expiresAt }: Previous): Answer {
    const { clock, random } = this.#deps.ambient;
    const until = Math.min(clock.now() + pause(random()), expiresAt);
    return { reading, staleBecause, until, expiresAt, needs, ms };
  }
}

/** Returns the name under which a reading has a field; a less preferred one may stand in for a file that is gone. */
function nameIn(answer: Read, at: number): string | undefined {
  return answer.outcome === "found" && answer.values[at] !== undefined ? answer.names[at] : undefined;
}
