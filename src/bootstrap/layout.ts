import { list } from "../core/chain/errors.ts";
import type { Refusal } from "../core/chain/outcome.ts";
import type { FieldValues } from "../core/source/answer.ts";
import type { Path } from "../core/source/reader.ts";
import type { RawFields } from "./write_call.ts";

/** A value, and where it is put. */
export interface Place {
  /** The declared name. */
  readonly name: string;
  readonly path: Path;
  readonly value: unknown;
}

/** What is written for a credential. */
export interface Draft {
  /** The values that must be read back, by the field's index. */
  readonly values: readonly unknown[];
  /** The declared name of each value. */
  readonly names: readonly (string | undefined)[];
  readonly places: readonly Place[];
  /**
   * Whether it was given as a document, in which case the parts of the mapping's templates belong to the credential.
   */
  readonly isDocument?: boolean;
}

/** Where a mapping puts each field: the inverse of reading. */
export interface Layout {
  /** The name of the document, for a store of documents. */
  readonly document?: string;
  /** Says what the mapping reads besides members with the names of fields. */
  readonly otherNames: string;
  /** Returns why these fields cannot be written, if they cannot. */
  obstacle(fields: readonly string[]): string | undefined;
  /** Returns the draft for field values. */
  draft(values: RawFields): Draft;
  /** Returns the draft for an object in which the mapping found the identity, or part of it. */
  draftOfForm(given: object, found: FieldValues): Draft;
  /** Returns what the store is to hold: the draft, and what was there that the mapping does not know. */
  compose(before: object | undefined, draft: Draft): object | Refusal;
}

/** Says by which names other than those of the fields an identity is read, in each form. */
export function otherNames(forms: readonly (readonly string[])[], fields: readonly string[], of = ""): string {
  const others = forms.filter((names) => names.some((name) => !fields.includes(name))).map((names) => list(names));
  return others.length > 0 ? `reads ${others.join(", or ")}${of}` : "reads no other names";
}

/** Says which fields are not mapped. */
export function unmapped(fields: readonly string[]): string | undefined {
  if (fields.length === 0) return undefined;
  return `does not map ${list(fields.map((field) => `"${field}"`))}`;
}
