import type { CredentialErrorCode } from "../chain/errors.ts";
import { isThenable, type MaybePromise } from "../chain/eventually.ts";
import type { Step } from "../chain/outcome.ts";
import { type Answer, type Generation, type Need, NOTHING_HERE, type Values } from "../source/answer.ts";
import { judge, judgeSetting, judgeSettings } from "./judge.ts";
import type { CredentialPlan } from "./plan.ts";
import { declaredPolicy, degrades, gravity, type PlannedSource, policyOf, traceOf, type Verdict } from "./verdict.ts";

/** Field values, by the field's index. */
export interface Filled {
  readonly values: unknown[];
  readonly raw: unknown[];
  readonly sources: (string | undefined)[];
}

/** What every walk ends with. */
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
  readonly generation: Generation | undefined;
  readonly needs: readonly Need[];
  /** The winner's reading, which is used while the winner cannot be asked. */
  readonly reading: Values;
}

/** A walk that did not. */
export interface Failed extends Filled, Summary {
  readonly found: false;
  readonly code: CredentialErrorCode;
  /** The verdict that the code comes from, where it is more than a miss. */
  readonly by: Verdict | undefined;
  /** Whether a caller's default may be used. */
  readonly defaultable: boolean;
}

const NO_NEEDS: readonly Need[] = [];

/** Asks the source at an index for the fields with these indices; never rejects. */
export type AskSource = (at: number, wanted: readonly number[]) => MaybePromise<Answer>;

/**
 * Asks the sources of one credential in order.
 *
 * @param plan The credential.
 * @param ask Asks one source.
 * @param before The trace of the previous walk.
 * @returns What was found; synchronously when every source that was asked answered synchronously.
 */
export function walk(plan: CredentialPlan, ask: AskSource, before: readonly Step[] = []): MaybePromise<Found | Failed> {
  return new Walk(plan, ask, before).run();
}

class Walk {
  readonly #plan: CredentialPlan;
  readonly #ask: AskSource;
  readonly #before: readonly Step[];
  readonly #verdicts: Verdict[] = [];
  readonly #filled: Filled;

  constructor(plan: CredentialPlan, ask: AskSource, before: readonly Step[]) {
    this.#plan = plan;
    this.#ask = ask;
    this.#before = before;
    const nothing = () => new Array(plan.names.length).fill(undefined);
    this.#filled = { values: nothing(), raw: nothing(), sources: nothing() };
  }

  run(): MaybePromise<Found | Failed> {
    return this.#findIdentity(0);
  }

  #findIdentity(at: number): MaybePromise<Found | Failed> {
    const { sources } = this.#plan;
    for (; at < sources.length; at++) {
      const source = sources[at]!;
      if (!source.serves) continue;
      const answer = this.#ask(at, source.wanted);
      if (isThenable(answer)) {
        const next = at + 1;
        return answer.then((late) => this.#take(source, late) ?? this.#findIdentity(next));
      }
      const done = this.#take(source, answer);
      if (done) return done;
    }
    return this.#exhausted();
  }

  #take(source: PlannedSource, answer: Answer): MaybePromise<Found | Failed> | undefined {
    const verdict = judge(this.#plan, source, answer);
    this.#verdicts.push(verdict);
    if (verdict.outcome === "miss" || verdict.outcome === "off") return;
    if (verdict.values) return this.#win(verdict, verdict.values, answer.reading as Values);
    if (policyOf(verdict) === "next") return;
    verdict.role = "stopped";
    return this.#fail(verdict, false);
  }

  #win(winner: Verdict, values: readonly unknown[], reading: Values): MaybePromise<Found | Failed> {
    winner.role = "winner";
    for (const at of winner.source.wanted) {
      if (values[at] !== undefined) this.#set(at, winner.source.store.name, values[at], reading.values[at]);
    }
    return this.#fillSettings(0, () => this.#find(winner, reading));
  }

  #exhausted(): MaybePromise<Found | Failed> {
    const expired = this.#verdicts.find(({ answer }) => answer.expired);
    const values = expired && judge(this.#plan, expired.source, expired.answer, expired.answer.expired).values;
    if (expired && values) return this.#win(expired, values, expired.answer.expired!);
    let gravest: Verdict | undefined;
    let defaultable = true;
    for (const verdict of this.#verdicts) {
      if (gravity(verdict) > gravity(gravest)) gravest = verdict;
      if (gravity(verdict) >= 0 && declaredPolicy(verdict) !== "next") defaultable = false;
    }
    return this.#fillSettings(0, () => this.#fail(gravest, defaultable));
  }

  /** Fills the settings that the winner lacks from the other sources, highest first. */
  #fillSettings(at: number, done: () => Found | Failed): MaybePromise<Found | Failed> {
    const { sources, settings } = this.#plan;
    for (; settings.length > 0 && at < sources.length; at++) {
      const source = sources[at]!;
      const wanted = this.#settingsOf(source);
      if (wanted.length === 0) continue;
      const known = this.#verdicts.find((verdict) => verdict.source === source);
      if (known?.role === "winner") continue;
      const answer = known?.answer ?? this.#ask(at, wanted);
      if (isThenable(answer)) {
        const next = at + 1;
        return answer.then((late) => this.#supply(source, late, wanted, known) ?? this.#fillSettings(next, done));
      }
      const failed = this.#supply(source, answer, wanted, known);
      if (failed) return failed;
    }
    return done();
  }

  #settingsOf({ store, reader }: PlannedSource): readonly number[] {
    if (store.shape.obtained) return [];
    return this.#plan.settings.filter((at) => {
      const { presence, from } = this.#plan.fields[at]!;
      return reader.maps[at] && this.#filled.sources[at] === undefined &&
        (presence === "setting" || from.includes(store.name));
    });
  }

  #supply(source: PlannedSource, answer: Answer, wanted: readonly number[], known?: Verdict): Failed | undefined {
    const verdict = known ?? judgeSettings(source, answer);
    if (!known) {
      verdict.role = "setting";
      this.#verdicts.push(verdict);
    }
    for (const at of wanted) {
      const field = this.#plan.fields[at]!;
      const { outcome, detail, value } = judgeSetting(field, at, answer);
      if (outcome === "hit") {
        if (gravity(verdict) < 0) verdict.role = "setting";
        this.#set(at, source.store.name, value, (answer.reading as Values).values[at]);
      } else if (outcome !== "miss" && outcome !== "off" && field.presence === "destination") {
        return this.#fail(Object.assign(verdict, { outcome, detail, role: "stopped" }), false);
      }
    }
  }

  #set(at: number, source: string, value: unknown, raw: unknown): void {
    this.#filled.values[at] = value;
    this.#filled.raw[at] = raw;
    this.#filled.sources[at] = source;
  }

  #find({ source, answer }: Verdict, reading: Values): Found {
    for (const at of this.#plan.settings) {
      const { fallback } = this.#plan.fields[at]!;
      if (fallback !== undefined && this.#filled.sources[at] === undefined) {
        this.#set(at, "default", fallback, fallback);
      }
    }
    const { expiresAt = Infinity, generation, needs = NO_NEEDS } = answer;
    const { values, raw, sources } = this.#filled;
    const { trace, degraded, until } = this.#summary();
    const { name } = source.store;
    return {
      found: true,
      source: name,
      values,
      raw,
      sources,
      trace,
      degraded,
      until,
      expiresAt,
      generation,
      needs,
      reading,
    };
  }

  #fail(by: Verdict | undefined, defaultable: boolean): Failed {
    const code = by && gravity(by) >= 0 ? by.outcome as CredentialErrorCode : "not_found";
    return { ...this.#filled, ...this.#summary(), found: false, code, by, defaultable };
  }

  #summary(): Summary {
    let degraded = false;
    let until = Infinity;
    for (const verdict of this.#verdicts) {
      const { answer } = verdict;
      if (answer === NOTHING_HERE) continue;
      if (answer.until < until) until = answer.until;
      if (degrades(verdict)) degraded = true;
    }
    return { trace: traceOf(this.#verdicts, this.#before), degraded, until };
  }
}
