import { list } from "../core/chain/errors.ts";
import { invalid, isRefusal, type Refusal } from "../core/chain/outcome.ts";
import type { CredentialPlan } from "../core/engine/credential_plan.ts";
import { pathOf } from "../core/source/locator.ts";
import type { Reader } from "../core/source/reader.ts";
import type { Source } from "../core/source/source.ts";
import { holdsNothing, isDeeper, put, take } from "./member.ts";
import type { RawFields } from "./write_call.ts";

/** How many levels of objects and arrays a document may have: a parser needs some stack for each. */
const MAX_LEVELS = 2_048;

/** Where a mapping puts each field: the inverse of reading. */
export interface Layout {
  /** The name of the document, for a store of documents. */
  readonly document?: string;
  /** Returns why these fields cannot be written; nothing where they can. */
  obstacle(fields: readonly string[]): string | undefined;
  /** Returns the declared names under which these fields are written. */
  names(fields: readonly string[]): readonly string[];
  /** Returns what the store is to hold: these values and what the mapping does not know, without its other members. */
  compose(before: object | undefined, values: RawFields): object | Refusal;
}

/** Returns the layout of a credential in one of its sources. */
export function layoutOf(plan: CredentialPlan, { reader }: Source): Layout {
  return reader.document ? documentLayout(plan, reader.document) : variableLayout(plan, reader);
}

function variableLayout({ names }: CredentialPlan, reader: Reader): Layout {
  const nameOf = (field: string) => reader.names[names.indexOf(field)];
  return {
    obstacle: (fields) => unmapped(fields.filter((field) => nameOf(field) === undefined)),
    names: (fields) => fields.map((field) => nameOf(field)!),
    compose: (_, values) => {
      const after: Record<string, string | undefined> = {};
      for (const name of reader.reads) after[name] = undefined;
      for (const [field, value] of Object.entries(values)) {
        if (typeof value !== "string") return invalid(`${nameOf(field)} is not text`);
        after[nameOf(field)!] = value;
      }
      return after;
    },
  };
}

function documentLayout(
  { fields, names }: CredentialPlan,
  { name: document, locators }: NonNullable<Reader["document"]>,
): Layout {
  const forms = locators.reduce((most, each) => Math.max(most, each.length), 0);
  const locatorOf = (field: string, form: number) => locators[names.indexOf(field)]![form];
  const writable = (field: string, form: number) => locatorOf(field, form)?.includes("{") === false;
  // Hint: forms are never mixed, so all fields go to the first form that has a place for each.
  const formFor = (wanted: readonly string[]) =>
    Array.from({ length: forms }, (_, form) => form).find((form) => wanted.every((field) => writable(field, form))) ??
      -1;
  return {
    document,
    obstacle: (wanted) => {
      if (formFor(wanted) >= 0) return undefined;
      const templates = wanted.filter((field) => locatorOf(field, 0)?.includes("{"));
      if (templates.length > 0) {
        const quoted = templates.map((field) => `"${field}" by ${locatorOf(field, 0)}`);
        return `reads ${list(quoted)}, and a template cannot be written`;
      }
      return unmapped(wanted.filter((field) => locatorOf(field, 0) === undefined)) ??
        `maps no form of ${document} that has ${list(wanted)}`;
    },
    names: (wanted) => wanted.map((field) => `${document}#${locatorOf(field, formFor(wanted))}`),
    compose: (before, values) => {
      const after = asJson(document, holdsNothing(before) ? {} : before!);
      if (isRefusal(after)) return after;
      const form = formFor(Object.keys(values));
      const written = Object.keys(values).map((field) => pathOf(locatorOf(field, form)!));
      for (const [field, each] of locators.entries()) {
        const text = fields[field]!.schema === undefined;
        for (const locator of each) if (!locator.includes("{")) take(after, { path: pathOf(locator), text, written });
      }
      for (const [field, value] of Object.entries(values)) {
        const locator = locatorOf(field, form)!;
        const obstacle = put(after, pathOf(locator), value);
        if (obstacle) return invalid(`${document}#${locator} ${obstacle}`);
      }
      return asJson(document, after);
    },
  };
}

function asJson(document: string, value: object): object | Refusal {
  const problem = `a value of ${document} cannot be written as JSON`;
  try {
    // Hint: Bun takes seconds to write what is nested 30,000 levels deep.
    if (isDeeper(value, MAX_LEVELS)) return invalid(`${problem}: it is nested more than ${MAX_LEVELS} levels deep`);
    return JSON.parse(JSON.stringify(value));
  } catch {
    return invalid(problem);
  }
}

function unmapped(fields: readonly string[]): string | undefined {
  if (fields.length === 0) return undefined;
  return `does not map ${list(fields.map((field) => `"${field}"`))}`;
}
