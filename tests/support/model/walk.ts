import type { CredentialErrorCode, Outcome, Policy, Role } from "../../../mod.ts";
import type { Answer, Need } from "./answer.ts";
import {
  type CredentialDecl,
  type Declaration,
  isIdentity,
  mappedBy,
  sourcesOf,
  type StoreDecl,
} from "./declaration.ts";
import type { Generation } from "./generation.ts";
import { gravityOf, judge, type Judgement, judgeSetting } from "./judgement.ts";
import type { Found } from "./reading.ts";
import type { Task } from "./tasks.ts";

/** A value of a credential, and the store that gave it. */
export interface Supplied {
  readonly value: string;
  readonly raw: string;
  readonly source: string;
}

/** A store that was asked, and what was made of its answer. */
export interface Step {
  readonly store: StoreDecl;
  readonly answer: Answer;
  outcome: Outcome;
  role: Role;
  detail?: string | undefined;
  missing?: readonly string[] | undefined;
}

/** The result of a walk. */
export interface Walked {
  readonly supplied: Readonly<Record<string, Supplied>>;
  readonly steps: readonly Step[];
  readonly degraded: boolean;
  readonly until: number;
  readonly needs: readonly Need[];
  /** Where the identity was found. */
  readonly source?: string;
  readonly expiresAt?: number;
  readonly generation?: Generation | undefined;
  readonly reading?: Found;
  /** Why there is none, and the step that says so. */
  readonly code?: CredentialErrorCode;
  readonly by?: Step | undefined;
  readonly defaultable?: boolean;
}

/** Asks one store for some fields. */
export type Ask = (store: StoreDecl, wanted: readonly string[]) => Task<Answer>;

/** Asks the stores of a credential in order, and takes the first that has it. */
export function* walk(decl: Declaration, credential: CredentialDecl, ask: Ask): Task<Walked> {
  const steps: Step[] = [];
  const supplied: Record<string, Supplied> = {};
  const sources = sourcesOf(decl, credential);
  let winner: Step | undefined;
  for (const store of sources) {
    const wanted = mappedBy(credential.from[store.name]!);
    if (!credential.fields.some((field) => isIdentity(field) && wanted.includes(field.name))) continue;
    const answer = yield* ask(store, wanted);
    const judged = judge(credential, store, answer.reading);
    const step = stepOf(store, answer, judged);
    steps.push(step);
    if (judged.values) {
      winner = win(step, judged.values, answer.reading as Found, supplied);
      break;
    }
    if (gravityOf(judged.outcome) >= 0 && policyOf(step) === "stop") return stop(steps, supplied, step);
  }
  winner ??= lastResort(credential, steps, supplied);
  const reason = reasonOf(steps);
  const stopped = yield* fillSettings(credential, sources, ask, steps, supplied, winner);
  if (stopped) return stop(steps, supplied, stopped);
  // Hint: a setting that is let through may have made an error graver.
  const code = (reason.by?.outcome ?? "not_found") as CredentialErrorCode;
  if (!winner) return { ...summary(steps, supplied), ...reason, code };
  for (const { name, default: own } of credential.fields) {
    if (own !== undefined) supplied[name] ??= { value: own, raw: own, source: "default" };
  }
  const { expiresAt = Infinity, generation, needs = [], reading, expired } = winner.answer;
  const source = winner.store.name;
  return {
    ...summary(steps, supplied),
    source,
    expiresAt,
    generation,
    needs,
    reading: expired ?? reading as Found,
  };
}

function stepOf(
  store: StoreDecl,
  answer: Answer,
  { outcome, detail, missing }: Judgement,
  role: Role = "passed",
): Step {
  return { store, answer, outcome, role, detail, missing };
}

function win(
  step: Step,
  values: Readonly<Record<string, string>>,
  { values: raw }: Found,
  supplied: Record<string, Supplied>,
) {
  step.role = "winner";
  for (const [field, value] of Object.entries(values)) {
    supplied[field] = { value, raw: raw[field]!, source: step.store.name };
  }
  return step;
}

/** The first expired token that has the whole credential is used if no store has it. */
function lastResort(credential: CredentialDecl, steps: readonly Step[], supplied: Record<string, Supplied>) {
  for (const step of steps) {
    const { expired } = step.answer;
    const values = expired && judge(credential, step.store, expired).values;
    if (values) return win(step, values, expired, supplied);
  }
}

/** What the chain itself says to an error. */
function writtenPolicy({ store, outcome }: Step): Policy | undefined {
  const { onIncomplete, onDenied, onInvalid, onUnavailable } = store;
  return { incomplete: onIncomplete, denied: onDenied, invalid: onInvalid, unavailable: onUnavailable }[
    outcome as "denied"
  ];
}

function policyOf(step: Step): Policy {
  const { outcome, store, answer: { expiredPolicy } } = step;
  if (expiredPolicy) return expiredPolicy === "stop" ? "stop" : "next";
  const isVariables = store.shape === "variables";
  return writtenPolicy(step) ??
    (outcome === "unavailable" || outcome === "incomplete" && isVariables ? "next" : "stop");
}

/** Fills in what the winner lacks of the settings; returns the step that stops the walk, if one does. */
function* fillSettings(
  credential: CredentialDecl,
  sources: readonly StoreDecl[],
  ask: Ask,
  steps: Step[],
  supplied: Record<string, Supplied>,
  winner: Step | undefined,
): Task<Step | undefined> {
  for (const store of sources) {
    if (store.shape === "token" || store === winner?.store) continue;
    const mapped = mappedBy(credential.from[store.name]!);
    const wanted = credential.fields.filter((field) =>
      !isIdentity(field) && mapped.includes(field.name) && !supplied[field.name] &&
      (field.presence === "setting" || field.from.includes(store.name))
    );
    if (wanted.length === 0) continue;
    let step = steps.find((each) => each.store === store);
    const wasAsked = step !== undefined;
    if (!step) {
      const answer = yield* ask(store, wanted.map(({ name }) => name));
      const { reading } = answer;
      step = stepOf(store, answer, reading.outcome === "found" ? { outcome: "miss" } : reading, "setting");
      steps.push(step);
    }
    for (const field of wanted) {
      const judged = judgeSetting(field, step.answer.reading);
      if (judged.value !== undefined) {
        const { values } = step.answer.reading as Found;
        supplied[field.name] = { value: judged.value, raw: values[field.name]!, source: store.name };
        if (gravityOf(step.outcome) >= 0) continue;
        step.role = "setting";
        if (!wasAsked) step.outcome = "hit";
        continue;
      }
      if (gravityOf(judged.outcome) < 0) continue;
      const stops = field.presence === "destination" || judged.outcome === "invalid" && store.onInvalid !== "next";
      if (stops || gravityOf(judged.outcome) > gravityOf(step.outcome)) {
        Object.assign(step, { outcome: judged.outcome, detail: judged.detail, missing: undefined });
      }
      if (stops) return step;
    }
  }
}

/** Whether what a step says makes the credential degraded. */
function degrades({ outcome, role, answer: { generation, staleBecause, needs = [] } }: Step): boolean {
  if (gravityOf(outcome) >= 0) return true;
  if (!generation && staleBecause) return true;
  return role !== "setting" && (generation?.degraded ?? needs.some(({ credential }) => credential?.degraded));
}

function summary(steps: readonly Step[], supplied: Walked["supplied"]) {
  return {
    supplied,
    steps,
    degraded: steps.some(degrades),
    until: Math.min(...steps.map(({ answer }) => answer.until)),
    needs: steps.flatMap(({ answer }) => answer.needs ?? []),
  };
}

function stop(steps: readonly Step[], supplied: Walked["supplied"], by: Step): Walked {
  by.role = "stopped";
  return { ...summary(steps, supplied), code: by.outcome as CredentialErrorCode, by, defaultable: false };
}

/** Says why no store has the credential, before a setting says anything: there, an error is only an absence. */
function reasonOf(steps: readonly Step[]): Pick<Walked, "by" | "defaultable"> {
  const errors = steps.filter(({ outcome }) => gravityOf(outcome) >= 0);
  const by = errors.toSorted((a, b) => gravityOf(b.outcome) - gravityOf(a.outcome))[0];
  const defaultable = errors.every((step) => writtenPolicy(step) === "next");
  return { by, defaultable };
}
