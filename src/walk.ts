import { isThenable, type MaybePromise } from "./eventually.ts";
import type { CredentialErrorCode } from "./errors.ts";
import { judge, settingOf, type Verdict } from "./judge.ts";
import { isRefusal, type Outcome, type Refusal, type Role, type Step } from "./outcome.ts";
import type { CredentialPlan, Source } from "./plan.ts";
import type { Minted, Needed } from "./renewal.ts";
import type { Raw } from "./shapes/shape.ts";

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
}

/** Field values, by the field's index. */
export interface Filled {
  readonly values: unknown[];
  readonly raw: unknown[];
  readonly sources: (string | undefined)[];
}

/** What every walk leaves. */
interface Walked extends Filled {
  readonly trace: readonly Step[];
  readonly degraded: boolean;
  readonly until: number;
}

/** A walk that found the credential. */
export interface Found extends Walked {
  readonly found: true;
  readonly source: string;
  readonly expiresAt: number;
  readonly minted: readonly Minted[];
  readonly needs: readonly Needed[];
  /** What the winner read, to be served while it can't be asked. */
  readonly reading: Raw;
}

/** A walk that did not. */
export interface Failed extends Walked {
  readonly found: false;
  readonly code: CredentialErrorCode;
  /** The store that the code comes from, where one said more than a miss. */
  readonly by: Asked | undefined;
  /** Whether a caller's default may serve. */
  readonly defaultable: boolean;
}

/** A source that was asked, with its answer and what was made of it. */
export interface Asked extends Verdict {
  readonly source: Source;
  readonly answer: Answer;
  role: Role;
}

const GRAVITY: readonly Outcome[] = ["incomplete", "unavailable", "invalid", "denied"];

/** Asks one source for the fields with these indices; never rejects. */
export type AskSource = (source: Source, wanted: readonly number[]) => MaybePromise<Answer>;

/**
 * Asks the sources of one credential in order.
 *
 * @param plan The credential.
 * @param ask Asks one source.
 * @returns What was found, at once when every source that was asked answered at once.
 */
export function walk(plan: CredentialPlan, ask: AskSource): MaybePromise<Found | Failed> {
  return new Walk(plan, ask).run();
}

class Walk {
  readonly #plan: CredentialPlan;
  readonly #ask: AskSource;
  readonly #asked: Asked[] = [];
  readonly #filled: Filled;

  constructor(plan: CredentialPlan, ask: AskSource) {
    this.#plan = plan;
    this.#ask = ask;
    const nothing = plan.names.map(() => undefined);
    this.#filled = { values: [...nothing], raw: [...nothing], sources: [...nothing] };
  }

  run(): MaybePromise<Found | Failed> {
    return this.#identity(0);
  }

  #identity(at: number): MaybePromise<Found | Failed> {
    const { sources } = this.#plan;
    for (; at < sources.length; at++) {
      const source = sources[at]!;
      if (!source.serves) continue;
      const answer = this.#ask(source, source.wanted);
      if (isThenable(answer)) {
        const next = at + 1;
        return answer.then((settled) => this.#take(source, settled) ?? this.#identity(next));
      }
      const done = this.#take(source, answer);
      if (done) return done;
    }
    return this.#exhausted();
  }

  #take(source: Source, answer: Answer): MaybePromise<Found | Failed> | undefined {
    const asked: Asked = { source, answer, role: "passed", ...judge(this.#plan, source, answer) };
    this.#asked.push(asked);
    if (asked.values) return this.#won(asked, asked.values, answer.reading as Raw);
    if (policyOf(asked) === "next") return;
    asked.role = "stopped";
    return this.#failed(asked, false);
  }

  #won(winner: Asked, values: readonly unknown[], reading: Raw): MaybePromise<Found | Failed> {
    winner.role = "winner";
    this.#fill(winner, values, reading.values);
    return this.#settings(0, () => this.#found(winner, reading));
  }

  #exhausted(): MaybePromise<Found | Failed> {
    const expired = this.#asked.find(({ answer }) => answer.expired);
    const verdict = expired &&
      judge(this.#plan, expired.source, { ...expired.answer, reading: expired.answer.expired });
    if (expired && verdict?.values) return this.#won(expired, verdict.values, expired.answer.expired!);
    const gravest = this.#asked.reduce<Asked | undefined>(
      (worst, each) => gravity(each) > gravity(worst) ? each : worst,
      undefined,
    );
    const defaultable = this.#asked.every((asked) => gravity(asked) < 0 || ownPolicy(asked) === "next");
    return this.#settings(0, () => this.#failed(gravest, defaultable));
  }

  /** Fills what the identity's source lacks of the settings from the others, highest first. */
  #settings(at: number, done: () => Found | Failed): MaybePromise<Found | Failed> {
    for (; at < this.#plan.sources.length; at++) {
      const source = this.#plan.sources[at]!;
      const wanted = this.#lacking(source);
      if (wanted.length === 0) continue;
      const before = this.#asked.find((asked) => asked.source === source);
      if (before?.role === "winner") continue;
      const answer = before?.answer ?? this.#ask(source, wanted);
      if (isThenable(answer)) {
        const next = at + 1;
        return answer.then((settled) => this.#supply(source, settled, wanted) ?? this.#settings(next, done));
      }
      const failed = this.#supply(source, answer, wanted);
      if (failed) return failed;
    }
    return done();
  }

  #lacking({ store, wanted }: Source): readonly number[] {
    if (store.shape.name === "token") return [];
    return wanted.filter((at) => {
      const { identity, presence, from } = this.#plan.fields[at]!;
      return !identity && this.#filled.sources[at] === undefined &&
        (presence === "setting" || from.includes(store.name));
    });
  }

  #supply(source: Source, answer: Answer, wanted: readonly number[]): Failed | undefined {
    let asked = this.#asked.find((each) => each.source === source);
    if (!asked) {
      asked = { source, answer, ...said(answer), role: "setting" };
      this.#asked.push(asked);
    }
    for (const at of wanted) {
      const verdict = settingOf(this.#plan.fields[at]!, at, answer);
      if (verdict.outcome === "hit") {
        asked.role = "setting";
        this.#set(at, source.store.name, verdict.value, verdict.raw);
      } else if (
        verdict.outcome !== "miss" && verdict.outcome !== "off" && this.#plan.fields[at]!.presence === "destination"
      ) {
        return this.#failed(Object.assign(asked, verdict, { role: "stopped" as const }), false);
      }
    }
  }

  #fill({ source }: Asked, values: readonly unknown[], raw: readonly unknown[]): void {
    for (const at of source.wanted) {
      if (values[at] !== undefined) this.#set(at, source.store.name, values[at], raw[at]);
    }
  }

  #set(at: number, source: string, value: unknown, raw: unknown): void {
    this.#filled.values[at] = value;
    this.#filled.raw[at] = raw;
    this.#filled.sources[at] = source;
  }

  #walked(): Walked {
    return {
      ...this.#filled,
      trace: Object.freeze(this.#asked.map(stepOf)),
      degraded: this.#asked.some(({ outcome, role, answer }) =>
        answer.held !== undefined && answer.minted === undefined || role !== "setting" && GRAVITY.includes(outcome)
      ),
      until: this.#asked.reduce((until, { answer }) => Math.min(until, answer.until), Infinity),
    };
  }

  #found({ source, answer }: Asked, reading: Raw): Found {
    for (const at of this.#plan.settings) {
      const { fallback } = this.#plan.fields[at]!;
      if (this.#filled.sources[at] === undefined && fallback !== undefined) {
        this.#set(at, "default", fallback, fallback);
      }
    }
    return {
      ...this.#walked(),
      found: true,
      source: source.store.name,
      expiresAt: answer.expiresAt ?? Infinity,
      minted: this.#asked.flatMap(({ answer: { minted }, role }) => role === "winner" && minted ? [minted] : []),
      needs: this.#asked.flatMap(({ answer: { needs }, role }) => role === "winner" && needs ? needs : []),
      reading,
    };
  }

  #failed(by: Asked | undefined, defaultable: boolean): Failed {
    const code = by && gravity(by) >= 0 ? by.outcome as CredentialErrorCode : "not_found";
    return { ...this.#walked(), found: false, code, by, defaultable };
  }
}

function gravity(asked: Asked | undefined): number {
  return asked ? GRAVITY.indexOf(asked.outcome) : -1;
}

function ownPolicy({ source: { store: { options } }, outcome, answer }: Asked) {
  if (answer.expired && options.onExpired) return options.onExpired;
  const policies = {
    incomplete: options.onIncomplete,
    denied: options.onDenied,
    invalid: options.onInvalid,
    unavailable: options.onUnavailable,
  };
  return policies[outcome as keyof typeof policies];
}

function policyOf(asked: Asked): "next" | "stop" {
  const { outcome, source } = asked;
  if (outcome === "miss" || outcome === "off") return "next";
  const own = ownPolicy(asked);
  if (own) return own;
  return outcome === "unavailable" || (outcome === "incomplete" && source.store.shape.name === "variables")
    ? "next"
    : "stop";
}

function said({ reading, reason }: Answer): Verdict {
  if (reading === undefined) return { outcome: "off", ...(reason && { detail: reason }) };
  if (isRefusal(reading)) return { outcome: reading.outcome, detail: reading.detail };
  return { outcome: reading.values.some((value) => value !== undefined) ? "hit" : "miss" };
}

function stepOf({ source, outcome, role, detail, missing, answer: { ms } }: Asked): Step {
  const store = source.store.name;
  if (detail !== undefined || missing || ms !== undefined) {
    return Object.freeze({
      store,
      outcome,
      role,
      ...(ms === undefined ? {} : { ms }),
      ...(detail === undefined ? {} : { detail }),
      ...(missing ? { missing } : {}),
    });
  }
  const name = `${outcome} ${role}`;
  let step = source.steps.get(name);
  if (!step) source.steps.set(name, step = Object.freeze({ store, outcome, role }));
  return step;
}
