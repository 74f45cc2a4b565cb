import { isThenable, type MaybePromise } from "./eventually.ts";
import type { CredentialErrorCode } from "./errors.ts";
import { type Asked, judge, judgeSettings, settingOf } from "./judge.ts";
import type { Minted } from "./minted.ts";
import type { Refusal, Step } from "./outcome.ts";
import type { CredentialPlan, Source } from "./plan.ts";
import { degrades, gravity, ownPolicy, policyOf } from "./policy.ts";
import type { Needed } from "./renewal.ts";
import type { Raw } from "./shapes/shape.ts";
import { traceOf } from "./trace.ts";

/** What one source said, before it is judged. */
export interface Answer {
  /** `undefined` for a store that is off. */
  readonly reading: Raw | Refusal | undefined;
  readonly until: number;
  readonly expiresAt?: number | undefined;
  readonly ms?: number | undefined;
  readonly needs?: readonly Needed[];
  readonly minted?: Minted | undefined;
  /** Why the reading is one that was held, where the store could not be asked. */
  readonly held?: Refusal | undefined;
  /** Why an off store is off. */
  readonly reason?: string;
  /** A reading that has expired and could not be renewed: better than nothing. */
  readonly expired?: Raw | undefined;
  /** What was made of it the last time, where it has nothing. */
  missed?: Asked;
}

/** Field values, by the field's index. */
export interface Filled {
  readonly values: unknown[];
  readonly raw: unknown[];
  readonly sources: (string | undefined)[];
}

/** What every walk comes to. */
interface Summary {
  readonly trace: readonly Step[];
  readonly degraded: boolean;
  readonly until: number;
}

/** A walk that found the credential. */
export interface Found extends Filled, Summary {
  readonly found: true;
  readonly source: string;
  readonly expiresAt: number;
  readonly minted: Minted | undefined;
  readonly needs: readonly Needed[];
  /** What the winner read, to be served while it can't be asked. */
  readonly reading: Raw;
}

/** A walk that did not. */
export interface Failed extends Filled, Summary {
  readonly found: false;
  readonly code: CredentialErrorCode;
  /** The store that the code comes from, where one said more than a miss. */
  readonly by: Asked | undefined;
  /** Whether a caller's default may serve. */
  readonly defaultable: boolean;
}

const NO_NEEDS: readonly Needed[] = [];

/** Asks the source at an index for the fields with these indices; never rejects. */
export type AskSource = (at: number, wanted: readonly number[]) => MaybePromise<Answer>;

/**
 * Asks the sources of one credential in order.
 *
 * @param plan The credential.
 * @param ask Asks one source.
 * @param before The trace of the walk before.
 * @returns What was found, at once when every source that was asked answered at once.
 */
export function walk(plan: CredentialPlan, ask: AskSource, before: readonly Step[] = []): MaybePromise<Found | Failed> {
  return new Walk(plan, ask, before).run();
}

class Walk {
  readonly #plan: CredentialPlan;
  readonly #ask: AskSource;
  readonly #before: readonly Step[];
  readonly #asked: Asked[] = [];
  readonly #filled: Filled;

  constructor(plan: CredentialPlan, ask: AskSource, before: readonly Step[]) {
    this.#plan = plan;
    this.#ask = ask;
    this.#before = before;
    const nothing = () => new Array(plan.names.length).fill(undefined);
    this.#filled = { values: nothing(), raw: nothing(), sources: nothing() };
  }

  run(): MaybePromise<Found | Failed> {
    return this.#identity(0);
  }

  #identity(at: number): MaybePromise<Found | Failed> {
    const { sources } = this.#plan;
    for (; at < sources.length; at++) {
      const source = sources[at]!;
      if (!source.serves) continue;
      const answer = this.#ask(at, source.wanted);
      const known = (answer as Answer).missed;
      if (known?.source === source) {
        this.#asked.push(known);
        continue;
      }
      if (isThenable(answer)) {
        const next = at + 1;
        return answer.then((late) => this.#take(source, late) ?? this.#identity(next));
      }
      const done = this.#take(source, answer);
      if (done) return done;
    }
    return this.#exhausted();
  }

  #take(source: Source, answer: Answer): MaybePromise<Found | Failed> | undefined {
    const asked = judge(this.#plan, source, answer);
    this.#asked.push(asked);
    if (asked.outcome === "miss" || asked.outcome === "off") return;
    if (asked.values) return this.#won(asked, asked.values, answer.reading as Raw);
    if (policyOf(asked) === "next") return;
    asked.role = "stopped";
    return this.#failed(asked, false);
  }

  #won(winner: Asked, values: readonly unknown[], reading: Raw): MaybePromise<Found | Failed> {
    winner.role = "winner";
    for (const at of winner.source.wanted) {
      if (values[at] !== undefined) this.#set(at, winner.source.store.name, values[at], reading.values[at]);
    }
    return this.#settings(0, () => this.#found(winner, reading));
  }

  #exhausted(): MaybePromise<Found | Failed> {
    const expired = this.#asked.find(({ answer }) => answer.expired);
    const values = expired && judge(this.#plan, expired.source, expired.answer, expired.answer.expired).values;
    if (expired && values) return this.#won(expired, values, expired.answer.expired!);
    let gravest: Asked | undefined;
    let defaultable = true;
    for (const asked of this.#asked) {
      if (gravity(asked) > gravity(gravest)) gravest = asked;
      if (gravity(asked) >= 0 && ownPolicy(asked) !== "next") defaultable = false;
    }
    return this.#settings(0, () => this.#failed(gravest, defaultable));
  }

  /** Fills what the identity's source lacks of the settings from the others, highest first. */
  #settings(at: number, done: () => Found | Failed): MaybePromise<Found | Failed> {
    const { sources, settings } = this.#plan;
    for (; settings.length > 0 && at < sources.length; at++) {
      const source = sources[at]!;
      const wanted = this.#lacking(source);
      if (wanted.length === 0) continue;
      const before = this.#asked.find((asked) => asked.source === source);
      if (before?.role === "winner") continue;
      const answer = before?.answer ?? this.#ask(at, wanted);
      if (isThenable(answer)) {
        const next = at + 1;
        return answer.then((late) => this.#supply(source, late, wanted, before) ?? this.#settings(next, done));
      }
      const failed = this.#supply(source, answer, wanted, before);
      if (failed) return failed;
    }
    return done();
  }

  #lacking({ store, reader }: Source): readonly number[] {
    if (store.shape.name === "token") return [];
    return this.#plan.settings.filter((at) => {
      const { presence, from } = this.#plan.fields[at]!;
      return reader.maps[at] && this.#filled.sources[at] === undefined &&
        (presence === "setting" || from.includes(store.name));
    });
  }

  #supply(source: Source, answer: Answer, wanted: readonly number[], before: Asked | undefined): Failed | undefined {
    const asked = before ?? judgeSettings(source, answer);
    if (!before) {
      asked.role = "setting";
      this.#asked.push(asked);
    }
    for (const at of wanted) {
      const field = this.#plan.fields[at]!;
      const { outcome, detail, value } = settingOf(field, at, answer);
      if (outcome === "hit") {
        if (gravity(asked) < 0) asked.role = "setting";
        this.#set(at, source.store.name, value, (answer.reading as Raw).values[at]);
      } else if (outcome !== "miss" && outcome !== "off" && field.presence === "destination") {
        return this.#failed(Object.assign(asked, { outcome, detail, role: "stopped" }), false);
      }
    }
  }

  #set(at: number, source: string, value: unknown, raw: unknown): void {
    this.#filled.values[at] = value;
    this.#filled.raw[at] = raw;
    this.#filled.sources[at] = source;
  }

  #found({ source, answer }: Asked, reading: Raw): Found {
    for (const at of this.#plan.settings) {
      const { fallback } = this.#plan.fields[at]!;
      if (fallback !== undefined && this.#filled.sources[at] === undefined) {
        this.#set(at, "default", fallback, fallback);
      }
    }
    const { values, raw, sources } = this.#filled;
    const { trace, degraded, until } = this.#summary();
    return {
      found: true,
      values,
      raw,
      sources,
      trace,
      degraded,
      until,
      source: source.store.name,
      expiresAt: answer.expiresAt ?? Infinity,
      minted: answer.minted,
      needs: answer.needs ?? NO_NEEDS,
      reading,
    };
  }

  #failed(by: Asked | undefined, defaultable: boolean): Failed {
    const code = by && gravity(by) >= 0 ? by.outcome as CredentialErrorCode : "not_found";
    return { ...this.#filled, ...this.#summary(), found: false, code, by, defaultable };
  }

  #summary(): Summary {
    let degraded = false;
    let until = Infinity;
    for (const asked of this.#asked) {
      const { answer } = asked;
      if (asked === answer.missed) continue;
      if (answer.until < until) until = answer.until;
      if (degrades(asked)) degraded = true;
    }
    return { trace: traceOf(this.#asked, this.#before), degraded, until };
  }
}
