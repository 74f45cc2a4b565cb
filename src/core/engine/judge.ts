import { ignoreRejection, isThenable } from "../chain/eventually.ts";
import { isBrokenText, type Outcome } from "../chain/outcome.ts";
import { type Answer, type FieldValues, NOTHING_HERE, type Reading } from "../source/answer.ts";
import type { Reader } from "../source/reader.ts";
import type { CredentialPlan, FieldPlan } from "./plan.ts";
import { type PlannedSource, Verdict } from "./verdict.ts";

/** The result of checking the value of one field. */
export interface Checked {
  readonly outcome: Outcome;
  readonly detail?: string | undefined;
  readonly value?: unknown;
}

/** Judges an answer as a whole credential. */
export function judge(
  plan: CredentialPlan,
  source: PlannedSource,
  answer: Answer,
  reading: Reading = answer.reading,
): Verdict {
  if (answer === NOTHING_HERE) return source.plainMiss ??= new Verdict(source, answer, "miss");
  if (reading.outcome === "miss") return new Verdict(source, answer, "miss", reading.detail);
  if (reading.outcome !== "found") return new Verdict(source, answer, reading.outcome, reading.detail);
  const { unrecognized } = reading;
  if (!unrecognized && !hasIdentity(plan, reading)) return new Verdict(source, answer, "miss");
  const missing = missingOf(plan, source, reading);
  if (missing.length > 0) {
    const detail = unrecognized ?? "only part of the identity is present";
    const verdict = new Verdict(source, answer, "incomplete", detail);
    verdict.missing = missing;
    return verdict;
  }
  const values: unknown[] = new Array(plan.names.length);
  for (const at of source.mapped) {
    if (reading.values[at] === undefined) continue;
    const { outcome, detail, value } = check(plan.fields[at]!, reading.values[at], reading.names[at]);
    if (outcome !== "hit") return new Verdict(source, answer, outcome, detail);
    values[at] = value;
  }
  const { staleBecause } = answer;
  const verdict = new Verdict(
    source,
    answer,
    "hit",
    staleBecause && `${staleBecause.detail}; its previous answer is used`,
  );
  verdict.values = values;
  return verdict;
}

/** Judges the answer of a store that is asked only for these settings. */
export function judgeSettingsAnswer(source: PlannedSource, answer: Answer, wanted: readonly number[]): Verdict {
  const { reading } = answer;
  if (reading.outcome === "miss") return new Verdict(source, answer, "miss", reading.detail);
  if (reading.outcome !== "found") return new Verdict(source, answer, reading.outcome, reading.detail);
  return new Verdict(source, answer, wanted.some((at) => reading.values[at] !== undefined) ? "hit" : "miss");
}

/** Checks one setting of an answer. */
export function checkSetting(field: FieldPlan, at: number, { reading }: Answer): Checked {
  if (reading.outcome !== "found") return reading;
  const { unrecognized } = reading;
  if (reading.values[at] === undefined) return { outcome: unrecognized ? "incomplete" : "miss", detail: unrecognized };
  return check(field, reading.values[at], reading.names[at]);
}

function hasIdentity({ identity }: CredentialPlan, { values, missingParts }: FieldValues): boolean {
  return missingParts !== undefined || identity.some((at) => values[at] !== undefined);
}

const COMPLETE: readonly string[] = [];

function missingOf(plan: CredentialPlan, { reader }: PlannedSource, found: FieldValues): readonly string[] {
  const { required, fields } = plan;
  const { values, names, missingParts } = found;
  const absent = (at: number) => values[at] === undefined;
  const lacking = required.filter(absent);
  const nameOf = (at: number) => names[at] ?? reader.names[at] ?? fields[at]!.name;
  if (missingParts) return [...new Set([...missingParts, ...lacking.map(nameOf)])];
  const all = [...lacking, ...missingOfAnyOf(plan, reader, absent)];
  if (all.length === 0 && found.unrecognized) all.push(...plan.identity.filter((at) => reader.maps[at]));
  return all.length === 0 ? COMPLETE : [...new Set(all.map(nameOf))];
}

/** Returns the fields of `anyOf` that this store maps, or all of them where it maps none, unless one is present. */
function missingOfAnyOf({ anyOf }: CredentialPlan, { maps }: Reader, absent: (at: number) => boolean) {
  if (!anyOf.every(absent)) return [];
  const mapped = anyOf.filter((at) => maps[at]);
  return mapped.length > 0 ? mapped : anyOf;
}

function check({ schema, presence }: FieldPlan, value: unknown, name: string | undefined): Checked {
  const wrong = (what: string): Checked => ({ outcome: "invalid", detail: `${name} ${what}` });
  if (typeof value === "string" && isBrokenText(value)) {
    return wrong("is not valid UTF-8 text");
  }
  if (presence === "destination") {
    return isAddress(value) ? { outcome: "hit", value } : wrong("is not a URL, or contains user info");
  }
  if (!schema) return typeof value === "string" ? { outcome: "hit", value } : wrong("is not text");
  try {
    const result = schema["~standard"].validate(value);
    if (isThenable(result)) {
      ignoreRejection(result);
      return wrong("has an asynchronous schema: expected a synchronous one");
    }
    if (!result.issues) return { outcome: "hit", value: result.value };
    return wrong(`does not fit its schema${kindOf(result.issues[0])}`);
  } catch {
    return wrong("has a schema that threw an error");
  }
}

/** The kinds of a schema's issue that may be shown: any other text, and what was expected, may quote the value. */
const ISSUE_KIND =
  /^(string|number|boolean|object|array|literal|picklist|union|regex|email|url|uuid|integer|((min|max)_)?length|(min|max)_value|non_empty|(starts|ends)_with)$/;

function kindOf(issue: unknown): string {
  const { type } = Object(issue);
  return ISSUE_KIND.test(type) ? ` (${type})` : "";
}

/** Whether a secret may be sent to an address: it is a URL without user info. */
export function isAddress(value: unknown): boolean {
  if (typeof value !== "string" || !/^[a-z][a-z0-9+.-]*:\/\/[^/?#]/i.test(value) || !URL.canParse(value)) return false;
  const { username, password } = new URL(value);
  return username === "" && password === "";
}
