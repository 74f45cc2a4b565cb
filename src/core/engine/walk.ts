import type { CredentialErrorCode } from "../chain/errors.ts";
import { andThen, isThenable, type MaybePromise } from "../chain/eventually.ts";
import type { Step } from "../chain/outcome.ts";
import { type Answer, type FieldValues, type Generation, type Need, NOTHING, NOTHING_HERE } from "../source/answer.ts";
import { byDefault, type Supplied } from "./held_credential.ts";
import { checkSetting, judge } from "./judge.ts";
import type { CredentialPlan } from "./credential_plan.ts";
import {
  declaredPolicy,
  degrades,
  type PlannedSource,
  policyOf,
  severity,
  traceOf,
  type Verdict,
  verdictOn,
} from "./verdict.ts";

/** What every walk results in. */
interface Summary {
  /** The values, by the field's index. */
  readonly supplied: readonly (Supplied | undefined)[];
  readonly trace: readonly Step[];
  readonly degraded: boolean;
  readonly until: number;
}

/** A walk that found the credential. */
export interface Found extends Summary {
  readonly found: true;
  readonly source: string;
  readonly expiresAt: number;
  readonly generation: Generation | undefined;
  readonly needs: readonly Need[];
  /** The winner's reading, which is used while the winner cannot be asked. */
  readonly reading: FieldValues;
}

/** A walk that did not find it. */
export interface Failed extends Summary {
  readonly found: false;
  readonly code: CredentialErrorCode;
  /** The verdict that gives the code, unless no store has the credential. */
  readonly by: Verdict | undefined;
  /** Whether a caller's default may be used. */
  readonly defaultable: boolean;
  /** The needed credentials with which the stores were asked. */
  readonly needs: readonly Need[];
}

/** Asks the source at an index for the fields with these indices; never rejects. */
export type AskSource = (at: number, wanted: readonly number[]) => MaybePromise<Answer>;

/**
 * Asks the sources of one credential in order.
 *
 * @param plan The credential.
 * @param ask Asks one source.
 * @param previousTrace The trace of the previous walk.
 * @returns What was found; synchronously if every source that was asked answered synchronously.
 */
export function walk(
  plan: CredentialPlan,
  ask: AskSource,
  previousTrace: readonly Step[] = [],
): MaybePromise<Found | Failed> {
  return new Walk(plan, ask, previousTrace).run();
}

class Walk {
  readonly #plan: CredentialPlan;
  readonly #ask: AskSource;
  readonly #previousTrace: readonly Step[];
  readonly #verdicts: Verdict[] = [];
  readonly #supplied: (Supplied | undefined)[] = [];

  constructor(plan: CredentialPlan, ask: AskSource, previousTrace: readonly Step[]) {
    this.#plan = plan;
    this.#ask = ask;
    this.#previousTrace = previousTrace;
  }

  /** Asks for the identity, from the source at an index on. */
  run(at = 0): MaybePromise<Found | Failed> {
    const { sources } = this.#plan;
    for (; at < sources.length; at++) {
      const source = sources[at]!;
      if (!source.mapsIdentity) continue;
      const answer = this.#ask(at, source.mapped);
      if (isThenable(answer)) return answer.then((later) => this.#take(source, later) ?? this.run(at + 1));
      const end = this.#take(source, answer);
      if (end) return end;
    }
    return this.#exhausted();
  }

  /** Takes an answer for the identity; returns how the walk ends, unless it goes on. */
  #take(source: PlannedSource, answer: Answer): MaybePromise<Found | Failed> | undefined {
    const verdict = judge(this.#plan, source, answer);
    this.#verdicts.push(verdict);
    if (verdict.values) return this.#win(verdict, verdict.values, answer.reading as FieldValues);
    return severity(verdict) >= 0 && policyOf(verdict) !== "next" ? this.#stop(verdict) : undefined;
  }

  #win(winner: Verdict, values: readonly unknown[], reading: FieldValues): MaybePromise<Found | Failed> {
    winner.role = "winner";
    const source = winner.source.store.name;
    for (const at of winner.source.mapped) {
      const value = values[at];
      if (value !== undefined) this.#supplied[at] = { value, raw: reading.values[at], source };
    }
    return this.#fillSettings(0, () => this.#foundBy(winner, reading));
  }

  /** Ends a walk in which no store had the credential. */
  #exhausted(): MaybePromise<Found | Failed> {
    // Hint: an expired token is the last resort, after all lower stores.
    for (const verdict of this.#verdicts) {
      const reading = verdict.answer.expired?.values;
      const values = reading && judge(this.#plan, verdict.source, verdict.answer, reading).values;
      if (values) return this.#win(verdict, values, reading);
    }
    // Hint: a default is used only past errors that the chain itself lets through, so never after a mere outage.
    let mostSevere: Verdict | undefined;
    let defaultable = true;
    for (const verdict of this.#verdicts) {
      if (severity(verdict) > severity(mostSevere)) mostSevere = verdict;
      if (severity(verdict) >= 0 && declaredPolicy(verdict) !== "next") defaultable = false;
    }
    return this.#fillSettings(0, () => this.#fail(mostSevere, defaultable));
  }

  /** Fills the settings that the winner lacks from the other sources, highest priority first. */
  #fillSettings(at: number, done: () => Found | Failed): MaybePromise<Found | Failed> {
    const { sources, settings } = this.#plan;
    const source = settings.length > 0 ? sources[at] : undefined;
    if (!source) return done();
    const known = this.#verdicts.find((verdict) => verdict.source === source);
    const wanted = known?.role === "winner" ? [] : this.#settingsOf(source);
    if (wanted.length === 0) return this.#fillSettings(at + 1, done);
    return andThen(
      known?.answer ?? this.#ask(at, wanted),
      (answer) => this.#supply(source, answer, wanted, known) ?? this.#fillSettings(at + 1, done),
    );
  }

  #settingsOf({ store, reader }: PlannedSource): readonly number[] {
    // Hint: a token is never requested for the sake of a setting.
    if (store.shape.issued) return [];
    return this.#plan.settings.filter((at) => {
      const { presence, from } = this.#plan.fields[at]!;
      return reader.maps[at] && !this.#supplied[at] &&
        (presence === "setting" || from.includes(store.name));
    });
  }

  #supply(source: PlannedSource, answer: Answer, wanted: readonly number[], known?: Verdict): Failed | undefined {
    const { reading } = answer;
    const verdict = known ?? verdictOn(source, answer, reading.outcome === "found" ? NOTHING : reading);
    if (!known) {
      verdict.role = "setting";
      this.#verdicts.push(verdict);
    }
    for (const at of wanted) {
      const field = this.#plan.fields[at]!;
      const checked = checkSetting(field, at, answer);
      const { outcome, detail, value } = checked;
      if (outcome === "hit") {
        if (severity(verdict) < 0) {
          verdict.role = "setting";
          if (!known) verdict.outcome = "hit";
        }
        const raw = (reading as FieldValues).values[at];
        this.#supplied[at] = { value, raw, source: source.store.name };
      } else if (severity(checked) >= 0) {
        const isFinal = field.presence === "destination" ||
          outcome === "invalid" && source.store.options.onInvalid !== "next";
        if (isFinal || severity(checked) > severity(verdict)) {
          Object.assign(verdict, { outcome, detail, missing: undefined });
        }
        if (isFinal) return this.#stop(verdict);
      }
    }
  }

  #foundBy({ source, answer }: Verdict, reading: FieldValues): Found {
    for (const at of this.#plan.settings) {
      this.#supplied[at] ??= byDefault(this.#plan.fields[at]!.default);
    }
    const { expiresAt = Infinity, generation, needs = [] } = answer;
    // Hint: not a spread, which takes older engines as long as the rest of a walk.
    const { supplied, trace, degraded, until } = this.#summary();
    return {
      supplied,
      trace,
      degraded,
      until,
      found: true,
      source: source.store.name,
      expiresAt,
      generation,
      needs,
      reading,
    };
  }

  #stop(by: Verdict): Failed {
    by.role = "stopped";
    return this.#fail(by, false);
  }

  #fail(by: Verdict | undefined, defaultable: boolean): Failed {
    return {
      ...this.#summary(),
      found: false,
      code: (by?.outcome ?? "not_found") as CredentialErrorCode,
      by,
      defaultable,
      needs: this.#verdicts.flatMap(({ answer }) => answer.needs ?? []),
    };
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
    const trace = traceOf(this.#verdicts, this.#previousTrace);
    return { supplied: this.#supplied, trace, degraded, until };
  }
}
