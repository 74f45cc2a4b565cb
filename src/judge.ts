import { isThenable } from "./eventually.ts";
import { isRefusal, type Outcome, type Role } from "./outcome.ts";
import type { CredentialPlan, FieldPlan, Source } from "./plan.ts";
import type { Raw } from "./shapes/shape.ts";
import type { Answer } from "./walk.ts";

/** A source that was asked, its answer, and what was made of it. */
export class Asked {
  readonly source: Source;
  readonly answer: Answer;
  outcome: Outcome;
  role: Role = "passed";
  detail: string | undefined;
  missing: readonly string[] | undefined;
  /** The fields' values after their schemas, by the field's index, of a hit. */
  values: readonly unknown[] | undefined;

  constructor(source: Source, answer: Answer, outcome: Outcome, detail?: string) {
    this.source = source;
    this.answer = answer;
    this.outcome = outcome;
    this.detail = detail;
    this.missing = undefined;
    this.values = undefined;
  }
}

/** What is made of one field's value. */
export interface Checked {
  readonly outcome: Outcome;
  readonly detail?: string | undefined;
  readonly value?: unknown;
}

/** Judges an answer as a whole credential. */
export function judge(plan: CredentialPlan, source: Source, answer: Answer, reading = answer.reading): Asked {
  if (reading === undefined) return new Asked(source, answer, "off", answer.reason);
  if (isRefusal(reading)) return new Asked(source, answer, reading.outcome, reading.detail);
  if (!hasIdentity(plan, reading)) return answer.missed?.source === source ? answer.missed : miss(source, answer);
  const missing = missingOf(plan, source, reading);
  if (missing.length > 0) {
    const asked = new Asked(source, answer, "incomplete", "a part of the identity is missing");
    asked.missing = missing;
    return asked;
  }
  const values: unknown[] = new Array(plan.names.length);
  for (const at of source.wanted) {
    if (reading.values[at] === undefined) continue;
    const { outcome, detail, value } = check(plan.fields[at]!, reading.values[at], reading.names[at]);
    if (outcome !== "hit") return new Asked(source, answer, outcome, detail);
    values[at] = value;
  }
  const asked = new Asked(source, answer, "hit", answer.held && `${answer.held.detail}; what is held serves`);
  asked.values = values;
  return asked;
}

// Hint: an answer without anything is the same one each time, and so is what is made of it.
function miss(source: Source, answer: Answer): Asked {
  const asked = new Asked(source, answer, "miss");
  const { until, ms, reading } = answer;
  if (until === Infinity && ms === undefined && (reading as Raw).values.length === 0) answer.missed = asked;
  return asked;
}

/** Judges an answer of a store that is asked for settings alone. */
export function judgeSettings(source: Source, answer: Answer): Asked {
  const { reading, reason } = answer;
  if (reading === undefined) return new Asked(source, answer, "off", reason);
  if (isRefusal(reading)) return new Asked(source, answer, reading.outcome, reading.detail);
  return new Asked(source, answer, reading.values.some((value) => value !== undefined) ? "hit" : "miss");
}

/** Judges one setting of an answer. */
export function settingOf(field: FieldPlan, at: number, { reading }: Answer): Checked {
  if (reading === undefined) return { outcome: "off" };
  if (isRefusal(reading)) return reading;
  if (reading.values[at] === undefined) return { outcome: "miss" };
  return check(field, reading.values[at], reading.names[at]);
}

function hasIdentity({ identity }: CredentialPlan, { values, torn }: Raw): boolean {
  if (torn) return true;
  if (values.length === 0) return false;
  for (const at of identity) {
    if (values[at] !== undefined) return true;
  }
  return false;
}

const COMPLETE: readonly string[] = [];

function missingOf({ required, anyOf, fields }: CredentialPlan, { reader }: Source, raw: Raw): readonly string[] {
  const { values, names, torn } = raw;
  const absent = (at: number) => values[at] === undefined;
  const lacking = required.filter(absent);
  const mapped = anyOf.filter((at) => reader.maps[at]);
  const wanted = mapped.length > 0 ? mapped : anyOf;
  const any = !torn && anyOf.length > 0 && anyOf.every(absent) ? wanted : COMPLETE;
  if (!torn && lacking.length === 0 && any === COMPLETE) return COMPLETE;
  const nameOf = (at: number) => names[at] ?? reader.names[at] ?? fields[at]!.name;
  return [...new Set([...torn ?? [], ...[...lacking, ...any as readonly number[]].map(nameOf)])];
}

function check({ schema, presence }: FieldPlan, value: unknown, name: string | undefined): Checked {
  const wrong = (what: string): Checked => ({ outcome: "invalid", detail: `${name} ${what}` });
  if (presence === "destination") {
    return isAddress(value) ? { outcome: "hit", value } : wrong("is no URL, or has user info in it");
  }
  if (!schema) return typeof value === "string" ? { outcome: "hit", value } : wrong("is not text");
  try {
    const result = schema["~standard"].validate(value);
    if (isThenable(result)) {
      Promise.resolve(result).catch(() => {});
      return wrong("has a schema that answers later: expected a synchronous one");
    }
    if (!result.issues) return { outcome: "hit", value: result.value };
    return wrong(`does not fit its schema${expectation(schema, result.issues[0])}`);
  } catch {
    return wrong("has a schema that threw");
  }
}

// Hint: only valibot's `type` and `expected` are known to be the schema's own words; a message quotes the value.
function expectation(schema: NonNullable<FieldPlan["schema"]>, issue: unknown): string {
  if (schema["~standard"].vendor !== "valibot") return "";
  const { type, expected } = issue as { type?: unknown; expected?: unknown };
  return typeof expected === "string" ? `: expected ${type} ${expected}` : `: expected ${type}`;
}

/** Whether a secret may be sent there: a URL without user info. */
export function isAddress(value: unknown): boolean {
  if (typeof value !== "string" || !/^[a-z][a-z0-9+.-]*:\/\/[^/?#]/i.test(value) || !URL.canParse(value)) return false;
  const { username, password } = new URL(value);
  return username === "" && password === "";
}
