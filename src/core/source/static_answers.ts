import { andThen, type MaybePromise } from "../chain/eventually.ts";
import type { Ambient } from "../chain/host.ts";
import { ABSENCE_RETRY_MS, MAX_RETRIES, RETRY_MS } from "../chain/limits.ts";
import { isRefusal, unavailable } from "../chain/outcome.ts";
import { type Answer, type FieldValues, NOTHING, type Nothing, NOTHING_HERE } from "./answer.ts";
import type { Operation, Reply } from "./attempt.ts";
import { pause } from "./freshness.ts";
import { LookUp } from "./look_up.ts";
import { ownMember } from "./mapping.ts";
import { type NotText, type UntypedLook, valueOf } from "./reader.ts";
import { Silences } from "./silences.ts";
import {
  type Call,
  type Deps,
  logLater,
  type OpenedStore,
  type Previous,
  recheckOf,
  type Source,
  type StoreAnswers,
  type StorePlan,
} from "./source.ts";

type Read = Nothing | FieldValues;

/** What is kept for a source between its answers. */
interface Kept {
  /** Its own, so that another credential's answers do not affect a need that was refused for this one. */
  readonly lookUp: LookUp;
  /** The name under which each field was there when its files were last read. */
  readonly present: (string | undefined)[];
}

/** What is asked of a source. */
interface Question {
  readonly source: Source;
  readonly kept: Kept;
  readonly wanted: readonly number[];
  /** What the store gave in the previous walk, if it won that. */
  readonly previous: Previous | undefined;
  readonly read: Operation<Read>;
  readonly call: Call;
}

/** The answers of a store whose values are not issued: they are read again after `recheck`. */
export class StaticAnswers implements StoreAnswers {
  readonly #deps: Deps;
  readonly silences: Silences;
  readonly #look: UntypedLook;
  /** Looks up all names of a reading at once, if the store can. */
  readonly #readAll: UntypedLook | undefined;
  readonly #store: StorePlan;
  readonly #kept = new WeakMap<Source, Kept>();
  /** The host's variables, if the store looks them up, as long as each one that was read was text or absent. */
  #variable: Ambient["variable"] | undefined;
  #missingDirectory: string | undefined;

  constructor(store: StorePlan, { look, read }: OpenedStore, deps: Deps) {
    this.#deps = deps;
    this.silences = new Silences(deps.ambient);
    this.#look = this.silences.heeding(look);
    this.#readAll = read && this.silences.heeding((names, context) => read([...new Set(names as string[])], context));
    this.#store = store;
    const { variable } = deps.ambient;
    if (look === variable && recheckOf(store) === Infinity && !store.spec.readsFiles) this.#variable = variable;
  }

  answer(
    source: Source,
    wanted: readonly number[],
    previous: Previous | undefined,
    call: Call,
  ): MaybePromise<Answer> {
    // Hint: a host's function may ask this very store while its variables are read.
    const variable = this.#variable;
    const texts = variable && source.reader.readTexts?.(variable, wanted);
    if (texts?.outcome) return texts === NOTHING ? NOTHING_HERE : { reading: texts, until: Infinity };
    const look = texts ? this.#resumeAt(texts, variable!) : this.#look;
    const { reader } = source;
    const readAll = this.#readAll;
    const read: Operation<Read> = readAll
      ? (context) =>
        andThen(
          readAll(reader.reads, context),
          (given) => {
            const all = valueOf(given, context);
            return isRefusal(all) ? all : reader.read((name) => memberOf(all, name as string), context, wanted);
          },
        )
      : (context) => reader.read(look, context, wanted);
    const mine = previous?.source === this.#store.name ? previous : undefined;
    const kept = this.#keptOf(source);
    const asked = { source, kept, wanted, previous: mine, read, call };
    return andThen(kept.lookUp.run(read, call), (reply) => this.#confirm(reply, asked, MAX_RETRIES));
  }

  /** Resumes at a variable that is not text: returns a look-up that first gives what was already given for it. */
  #resumeAt({ name, given }: NotText, variable: Ambient["variable"]): UntypedLook {
    this.#variable = undefined;
    let isNew = true;
    return this.silences.heeding((asked) => {
      if (asked !== name || !isNew) return variable(asked as string);
      isNew = false;
      return given;
    });
  }

  #keptOf(source: Source): Kept {
    let kept = this.#kept.get(source);
    if (!kept) this.#kept.set(source, kept = { lookUp: new LookUp(this.#store, this.#deps), present: [] });
    return kept;
  }

  /** Looks again, a few times at most, before an answer that may come from the middle of a change counts. */
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
    const lacks = (at: number) => nameIn(answer, at) === undefined;
    if (!this.#readsFiles(reply)) {
      // Hint: a document that is replaced is gone for a moment.
      return source.reader.document && previous && wanted.every(lacks) ? RETRY_MS : 0;
    }
    const { options, spec } = this.#store;
    const isPartial = [options.onIncomplete, spec.onIncomplete].includes("stop") &&
      source.fields.some(({ identity }, at) => identity && !lacks(at)) &&
      source.fields.some(({ presence }, at) => presence === "required" && lacks(at));
    if (isPartial) return RETRY_MS;
    const isLost = (at: number) =>
      present[at] !== undefined && ![present[at], source.reader.names[at]].includes(nameIn(answer, at));
    return wanted.some(isLost) ? ABSENCE_RETRY_MS : 0;
  }

  #readsFiles({ recheck }: Reply<Read>): boolean {
    return !!this.#store.spec.readsFiles || recheck !== undefined;
  }

  #answerOf(reply: Reply<Read>, { kept: { present }, wanted, previous, call }: Question): Answer {
    const { needs, ms, missingDirectory, answered } = reply;
    const recheck = recheckOf(this.#store, reply.recheck);
    const isPlain = needs.length === 0 && ms === undefined && !answered && !this.#readsFiles(reply);
    // Hint: what is used until it is invalidated needs no reading of the clock.
    if (isPlain && recheck === Infinity && present.length === 0 && !isRefusal(reply.answer)) {
      return reply.answer === NOTHING ? NOTHING_HERE : { reading: reply.answer, until: Infinity };
    }
    const now = this.#deps.ambient.clock.now();
    let { answer } = reply;
    let { version, expiresAt = Infinity } = answered ?? {};
    // Hint: `NaN` counts as past too.
    if (!isRefusal(answer) && !(now < expiresAt)) answer = unavailable("what it gave has expired");
    if (isRefusal(answer)) {
      // Hint: only what may be used expires, and another variable may have said when.
      expiresAt = Infinity;
      if (reply.timedOut) this.silences.add(reply, answer);
      if (answer.outcome === "unavailable" && previous && now < previous.expiresAt) {
        const { reading, expiresAt } = previous;
        const until = Math.min(now + pause(this.#deps.ambient.random()), expiresAt);
        return { reading, staleBecause: answer, until, expiresAt, needs, ms };
      }
    } else {
      for (const at of wanted) present[at] = nameIn(answer, at);
      // Hint: once, until the directory is there again.
      if (missingDirectory && missingDirectory !== this.#missingDirectory) {
        logLater(call, this.#deps.ambient, { type: "missing", store: this.#store.name, detail: missingDirectory });
      }
      this.#missingDirectory = missingDirectory;
    }
    return {
      reading: answer === NOTHING && missingDirectory ? { ...NOTHING, detail: missingDirectory } : answer,
      until: Math.min(now + recheck, expiresAt, ...needs.map(({ until }) => until)),
      expiresAt,
      version,
      needs,
      ms,
    };
  }
}

/** Returns the value that a store gave for a name, among those for other names. */
function memberOf(all: unknown, name: string): unknown {
  // Hint: a list or a map has values too, though under no names.
  if (typeof all === "object" && all && !(Symbol.iterator in all)) {
    return ownMember(all as Readonly<Record<string, unknown>>, name);
  }
  throw new TypeError();
}

/** Returns the name under which a reading has a field; a less preferred one may replace that of a file that is gone. */
function nameIn(answer: Read, at: number): string | undefined {
  return answer.outcome === "found" && answer.values[at] !== undefined ? answer.names[at] : undefined;
}
