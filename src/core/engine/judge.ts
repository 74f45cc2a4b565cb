import { isAddress } from "../chain/endpoint.ts";
import { list } from "../chain/errors.ts";
import { ignoreRejection, isThenable } from "../chain/eventually.ts";
import { isBrokenText, type Outcome } from "../chain/outcome.ts";
import { type Answer, type FieldValues, NOTHING, NOTHING_HERE, type Reading } from "../source/answer.ts";
import type { CredentialPlan, FieldPlan } from "./credential_plan.ts";
import { type Judgement, type PlannedSource, type Verdict, verdictOn } from "./verdict.ts";

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
  if (answer === NOTHING_HERE) return source.plainMiss ??= verdictOn(source, answer, NOTHING);
  return verdictOn(source, answer, reading.outcome === "found" ? judgeFound(plan, source, answer, reading) : reading);
}

function judgeFound(plan: CredentialPlan, source: PlannedSource, answer: Answer, found: FieldValues): Judgement {
  const { unrecognized, missingParts } = found;
  const isPresent = (at: number) => found.values[at] !== undefined;
  if (!unrecognized && !missingParts && !plan.identity.some(isPresent)) return NOTHING;
  const lacking = lackingOf(plan, source, found);
  if (lacking) {
    return { outcome: "incomplete", detail: unrecognized ?? "only part of the identity is present", ...lacking };
  }
  const values: unknown[] = new Array(plan.names.length);
  for (const at of source.mapped) {
    if (found.values[at] === undefined) continue;
    const checked = check(plan.fields[at]!, found.values[at], found.names[at]);
    if (checked.outcome !== "hit") return checked;
    values[at] = checked.value;
  }
  const { staleBecause } = answer;
  return {
    outcome: "hit",
    detail: staleBecause && `${staleBecause.detail}; its previous answer is used`,
    values,
  };
}

/** Checks one setting of an answer. */
export function checkSetting(field: FieldPlan, at: number, { reading }: Answer): Checked {
  if (reading.outcome !== "found") return reading;
  const { values, names, unrecognized, missingParts } = reading;
  if (values[at] !== undefined) return check(field, values[at], names[at]);
  const isPartial = missingParts?.includes(names[at]!);
  if (!isPartial && field.presence === "setting") return { outcome: "miss" };
  const detail = unrecognized ?? (missingParts && `lacks ${list(missingParts)}`);
  return { outcome: detail ? "incomplete" : "miss", detail };
}

/** Returns the declared names that an identity lacks, and which to supply; `undefined` if it is complete. */
function lackingOf(
  plan: CredentialPlan,
  { reader }: PlannedSource,
  found: FieldValues,
): Pick<Judgement, "missing" | "supply"> | undefined {
  const { required, anyOf } = plan;
  const { values, names, missingParts } = found;
  const absent = (at: number) => values[at] === undefined;
  const some = missingParts || !anyOf.every(absent) ? [] : anyOf;
  if (!required.some(absent) && some.length === 0 && !missingParts && !found.unrecognized) return;
  const named = (fields: readonly number[]) =>
    fields.map((at) => names[at] ?? reader.names[at] ?? plan.fields[at]!.name);
  const all = [...new Set([...missingParts ?? [], ...named(required.filter(absent))])];
  const candidates = all.length + some.length > 0 ? some : plan.identity;
  // Hint: those that this store maps, or all if it maps none.
  const mapped = candidates.filter((at) => reader.maps[at]);
  const oneOf = named(mapped.length > 0 ? mapped : candidates);
  const supply = [list(all), list(oneOf, "or")].filter((names) => names).join(", and ");
  return { missing: [...new Set([...all, ...oneOf])], supply };
}

function check({ schema, presence }: FieldPlan, value: unknown, name: string | undefined): Checked {
  if (typeof value === "string" && isBrokenText(value)) {
    return wrong(name, "is not valid UTF-8 text");
  }
  if (presence === "destination") {
    return isAddress(value) ? { outcome: "hit", value } : wrong(name, "is not a URL, or contains user info");
  }
  if (!schema) return typeof value === "string" ? { outcome: "hit", value } : wrong(name, "is not text");
  try {
    const result = schema["~standard"].validate(value);
    if (isThenable(result)) {
      ignoreRejection(result);
      return wrong(name, "has an asynchronous schema: expected a synchronous one");
    }
    if (!result.issues) {
      return result.value === undefined && presence === "required"
        ? wrong(name, "has a schema that gives no value")
        : { outcome: "hit", value: result.value };
    }
    // Hint: the match itself is shown, since an object may convert to another text each time.
    const [kind] = ISSUE_KIND.exec(Object(result.issues[0]).type) ?? [];
    return wrong(name, `does not fit its schema${kind ? ` (${kind})` : ""}`);
  } catch {
    return wrong(name, "has a schema that threw an error");
  }
}

function wrong(name: string | undefined, what: string): Checked {
  return { outcome: "invalid", detail: `${name} ${what}` };
}

/** The kinds of a schema's issues that may be shown: any other text in an issue may quote the value. */
const ISSUE_KIND = /^(string|number|boolean|object|email|url|uuid|regex|integer|((min|max)_)?length|(min|max)_value)$/;
