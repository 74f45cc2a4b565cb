import { isRefusal, type Outcome } from "./outcome.ts";
import type { CredentialPlan, FieldPlan, Source } from "./plan.ts";
import { isThenable } from "./eventually.ts";
import type { Raw } from "./shapes/shape.ts";
import type { Answer } from "./walk.ts";

/** What is made of a source's answer. */
export interface Verdict {
  readonly outcome: Outcome;
  readonly detail?: string | undefined;
  readonly missing?: readonly string[] | undefined;
  /** The fields' values after their schemas, of a hit. */
  readonly values?: readonly unknown[];
}

/** What is made of one setting in a source's answer. */
export interface SettingVerdict extends Verdict {
  readonly value?: unknown;
  readonly raw?: unknown;
}

const MISS: Verdict = { outcome: "miss" };

/** Judges an answer as a whole credential. */
export function judge(plan: CredentialPlan, source: Source, { reading, held, reason }: Answer): Verdict {
  if (reading === undefined) return { outcome: "off", detail: reason };
  if (isRefusal(reading)) return { outcome: reading.outcome, detail: reading.detail };
  const missing = missingOf(plan, source, reading);
  if (!missing) return MISS;
  if (missing.length > 0) return { outcome: "incomplete", detail: "a part of the identity is missing", missing };
  const values: unknown[] = [];
  for (const at of source.wanted) {
    if (reading.values[at] === undefined) continue;
    const checked = check(plan.fields[at]!, reading.values[at], reading.names[at]);
    if (checked.outcome !== "hit") return checked;
    values[at] = checked.value;
  }
  return { outcome: "hit", values, detail: held && `${held.detail}; what is held serves` };
}

/** Judges one setting of an answer. */
export function settingOf(field: FieldPlan, at: number, { reading }: Answer): SettingVerdict {
  if (reading === undefined) return { outcome: "off" };
  if (isRefusal(reading)) return { outcome: reading.outcome, detail: reading.detail };
  if (reading.values[at] === undefined) return MISS;
  return check(field, reading.values[at], reading.names[at]);
}

/** The names of what is missing of an identity; `undefined` where nothing of it is there. */
function missingOf({ fields, required, anyOf }: CredentialPlan, { reader }: Source, raw: Raw): string[] | undefined {
  const { values, names, torn = [] } = raw;
  const nameOf = (at: number) => names[at] ?? reader.names[at] ?? fields[at]!.name;
  const absent = (at: number) => values[at] === undefined;
  if (torn.length === 0 && fields.every(({ identity }, at) => !identity || absent(at))) return undefined;
  const missing = [...torn, ...required.filter(absent).map(nameOf)];
  if (torn.length === 0 && anyOf.length > 0 && anyOf.every(absent)) {
    missing.push(...anyOf.filter((at) => reader.maps[at]).map(nameOf));
  }
  return missing;
}

function check({ schema, presence }: FieldPlan, value: unknown, name: string | undefined): SettingVerdict {
  const wrong = (what: string): SettingVerdict => ({ outcome: "invalid", detail: `${name} ${what}` });
  if (presence === "destination") {
    return isAddress(value) ? { outcome: "hit", value, raw: value } : wrong("is no URL, or has user info in it");
  }
  if (!schema) return typeof value === "string" ? { outcome: "hit", value, raw: value } : wrong("is not text");
  try {
    const result = schema["~standard"].validate(value);
    if (isThenable(result)) return wrong("has a schema that answers later: expected a synchronous one");
    if (!result.issues) return { outcome: "hit", value: result.value, raw: value };
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
