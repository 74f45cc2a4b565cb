import {
  type CredentialDecl,
  type FieldDecl,
  isIdentity,
  type MappingDecl,
  preferredName,
  type StoreDecl,
} from "./declaration.ts";
import type { Outcome } from "../../../mod.ts";
import type { Found, Reading } from "./reading.ts";

/** What a reading comes to for a credential. */
export interface Judgement {
  readonly outcome: Outcome;
  readonly detail?: string | undefined;
  readonly missing?: readonly string[] | undefined;
  /** The values of a hit as `get` gives them. */
  readonly values?: Readonly<Record<string, string>> | undefined;
}

/** From the least grave error to the gravest. */
const GRAVITY: readonly Outcome[] = ["incomplete", "unavailable", "invalid", "denied"];

/** How severe an outcome is; less than 0 if it is not an error. */
export function gravityOf(outcome: Outcome): number {
  return GRAVITY.indexOf(outcome);
}

/** Judges a reading as a whole credential. */
export function judge(credential: CredentialDecl, store: StoreDecl, reading: Reading): Judgement {
  if (reading.outcome !== "found") return reading;
  const mapping = credential.from[store.name]!;
  const identity = credential.fields.filter(isIdentity);
  const has = ({ name }: FieldDecl) => reading.values[name] !== undefined;
  if (!reading.unrecognized && !reading.missingParts && !identity.some(has)) return { outcome: "miss" };
  const missing = missingOf(credential, mapping, reading);
  if (missing.length > 0) return { outcome: "incomplete", missing };
  const values: Record<string, string> = {};
  for (const field of credential.fields.filter(has)) {
    const checked = check(field, reading.values[field.name]!);
    if (checked === undefined) return { outcome: "invalid", detail: reading.names[field.name] };
    values[field.name] = checked;
  }
  return { outcome: "hit", values };
}

/** The declared names that a whole identity lacks. */
function missingOf(
  { fields, anyOf }: CredentialDecl,
  mapping: MappingDecl,
  { values, names, missingParts, unrecognized }: Found,
): readonly string[] {
  const isAbsent = (field: string) => values[field] === undefined;
  const nameOf = (field: string) => names[field] ?? preferredName(mapping, field) ?? field;
  const lacking = fields.filter(({ presence, name }) => presence === "required" && isAbsent(name)).map(({ name }) =>
    name
  );
  if (missingParts) return [...new Set([...missingParts, ...lacking.map(nameOf)])];
  const mapped = anyOf.filter((field) => mapping.names[field] ?? mapping.with?.[field]);
  const all = [...lacking, ...(anyOf.every(isAbsent) ? mapped.length > 0 ? mapped : anyOf : [])];
  if (all.length === 0 && unrecognized) {
    all.push(...fields.filter((field) => isIdentity(field) && mapping.names[field.name]).map(({ name }) => name));
  }
  return [...new Set(all.map(nameOf))];
}

/** Returns a value as `get` gives it, or nothing if it is not valid. */
export function check({ presence, checked }: FieldDecl, value: string): string | undefined {
  if (/[\0\uFFFD]/.test(value)) return undefined;
  if (presence === "destination") return /^https:\/\/[^@]+$/.test(value) ? value : undefined;
  if (!checked) return value;
  return value.startsWith("v") ? `${value}!` : undefined;
}

/** Judges the value of one setting in a reading. */
export function judgeSetting(field: FieldDecl, reading: Reading): Judgement & { readonly value?: string } {
  if (reading.outcome !== "found") return reading;
  const { values, names, missingParts, unrecognized } = reading;
  const value = values[field.name];
  if (value !== undefined) {
    const checked = check(field, value);
    return checked === undefined
      ? { outcome: "invalid", detail: names[field.name] }
      : { outcome: "hit", value: checked };
  }
  const isPartial = missingParts?.includes(names[field.name]!);
  if (!isPartial && field.presence === "setting") return { outcome: "miss" };
  return { outcome: unrecognized || missingParts ? "incomplete" : "miss" };
}
