import type { Outcome, Refusal, Role, Step } from "../chain/outcome.ts";
import type { Policy } from "../chain/store.ts";
import { type Answer, hasDegraded } from "../source/answer.ts";
import type { Source } from "../source/source.ts";

/** A source of a credential, as the plan has it. */
export interface PlannedSource extends Source {
  /** Whether it maps the identity; otherwise it is asked for settings alone. */
  readonly mapsIdentity: boolean;
  /** The steps of a plain miss and of a plain hit, created once. */
  readonly steps: Partial<Record<Outcome, Step>>;
  /** The verdict on a plain miss, created once. */
  plainMiss?: Verdict;
}

/** What an answer amounts to. */
export interface Judgement {
  readonly outcome: Outcome;
  readonly detail?: string | undefined;
  readonly missing?: readonly string[] | undefined;
  /** For a message: which of these are needed together, and which are alternatives. */
  readonly supply?: string | undefined;
  /** The values of a hit after their schemas, by the field's index. */
  readonly values?: readonly unknown[] | undefined;
}

/** A source that was asked, its answer, and the judgement on it. */
export interface Verdict extends Judgement {
  readonly source: PlannedSource;
  readonly answer: Answer;
  outcome: Outcome;
  role: Role;
}

/** Returns the verdict on an answer. */
export function verdictOn(source: PlannedSource, answer: Answer, judgement: Judgement): Verdict {
  const { outcome, detail, missing, supply, values } = judgement;
  return { source, answer, outcome, role: "passed", detail, missing, supply, values };
}

const SEVERITY: readonly Outcome[] = ["incomplete", "unavailable", "invalid", "denied"];

/** Returns how severe a verdict is; less than zero if it is not an error. */
export function severity(verdict: Pick<Verdict, "outcome"> | undefined): number {
  return verdict ? SEVERITY.indexOf(verdict.outcome) : -1;
}

/** Whether a verdict degrades the credential. */
export function degrades(verdict: Verdict): boolean {
  const { staleBecause, generation, expiresAt = Infinity, needs = [] } = verdict.answer;
  if (severity(verdict) >= 0) return true;
  // Hint: a failed renewal does not degrade a token that is still valid, unless it does not expire.
  if (staleBecause && !(generation && expiresAt < Infinity)) return true;
  return verdict.role !== "setting" && (generation?.degraded ?? hasDegraded(needs));
}

/** Returns what the chain itself declares for an error, if anything. */
export function declaredPolicy({ source: { store: { options } }, outcome }: Verdict): Policy | undefined {
  // Hint: for example `onDenied` for `denied`.
  return options[`on${outcome[0]!.toUpperCase()}${outcome.slice(1)}` as "onDenied"];
}

/** Returns what follows an error. */
export function policyOf(verdict: Verdict): Policy {
  const { outcome, source: { store: { spec, shape, options } }, answer: { expired } } = verdict;
  if (expired?.policy === "stop") return "stop";
  // Hint: `onExpired` takes precedence over `onUnavailable`.
  if (expired && options.onExpired) return "next";
  return declaredPolicy(verdict) ??
    (outcome === "incomplete" ? spec.onIncomplete ?? shape.onIncomplete : outcome === "unavailable" ? "next" : "stop");
}

/**
 * Returns the trace of a walk.
 *
 * @param verdicts The verdicts, in the order asked.
 * @param before The trace of the previous walk, which is returned if every step is the same.
 */
export function traceOf(verdicts: readonly Verdict[], before: readonly Step[]): readonly Step[] {
  const trace = verdicts.map((verdict) => stepOf(verdict));
  // Hint: freezing an array costs some engines more than the rest of a walk.
  const same = trace.length === before.length && trace.every((step, at) => step === before[at]);
  return same ? before : Object.freeze(trace);
}

/** Returns the step of a verdict in a trace. */
export function stepOf(verdict: Verdict, role: Role = verdict.role): Step {
  const { source, outcome, detail, missing, answer } = verdict;
  const { ms, version, generation } = answer;
  const { key } = (answer.staleBecause ?? answer.reading) as Partial<Refusal>;
  const shared = outcome === "hit" && generation?.how;
  const isPlain = ms === undefined && detail === undefined && version === undefined && !shared &&
    role === (outcome === "hit" ? "winner" : "passed");
  const known = isPlain && source.steps[outcome];
  if (known) return known;
  const step = Object.freeze({
    store: source.store.name,
    outcome,
    role,
    ...(ms !== undefined && { ms }),
    ...(detail !== undefined && { detail }),
    ...(version !== undefined && { version }),
    ...(missing && { missing }),
    ...(key && { need: key }),
    ...(shared && { shared }),
  });
  if (isPlain) source.steps[outcome] = step;
  return step;
}
