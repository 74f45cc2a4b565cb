import { isPlain } from "../../core/source/data.ts";
import type { Entry, EntryFailure, EntryToken, Lease } from "./entry.ts";

/** The version of the format of entries; entries of another version have other names. */
export const FORMAT = 1;

type Form<T> = { readonly [N in keyof T]-?: (value: unknown) => boolean };

const isText = (value: unknown) => typeof value === "string";
const isMoment = (value: unknown) => typeof value === "number" && value >= 0;
const isCount = (value: unknown) => isMoment(value) && Number.isInteger(value);

const TOKEN: Form<EntryToken> = {
  number: isMoment,
  values: (value) => isPlain(value) && !Array.isArray(value),
  lifetime: (value) => value === null || isMoment(value) && value !== 0,
  end: (value) => value === null || isMoment(value),
  stated: (value) => typeof value === "boolean",
  refusals: isCount,
};

const LEASE: Form<Lease> = { owner: isText, since: isMoment, beat: isCount };

const FAILURE: Form<EntryFailure> = {
  outcome: (value) => ["denied", "invalid", "unavailable"].includes(value as string),
  detail: isText,
  need: (value) => value === undefined || isText(value),
  owner: isText,
  at: isMoment,
  until: isMoment,
  before: isCount,
};

/** Whether data has the form of an entry. */
export function isEntry(data: unknown): data is Entry {
  const { token, lease, failure } = Object(data) as Record<keyof Entry, unknown>;
  return isPlain(data) && has(token, TOKEN) && has(lease, LEASE) && has(failure, FAILURE) &&
    // Hint: a token that expires has both, and one that does not has neither.
    (Object(token).lifetime === null) === (Object(token).end === null);
}

function has<T>(data: unknown, form: Form<T>): boolean {
  if (data === undefined) return true;
  return isPlain(data) &&
    Object.entries(form).every(([name, fits]) => (fits as (value: unknown) => boolean)(data[name]));
}
