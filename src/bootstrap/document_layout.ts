import { list } from "../core/chain/errors.ts";
import { invalid, isRefusal, type Refusal } from "../core/chain/outcome.ts";
import type { CredentialPlan } from "../core/engine/credential_plan.ts";
import type { FieldValues } from "../core/source/answer.ts";
import { isTemplate, locatorParts, pathOf } from "../core/source/locator.ts";
import { ownMember, present } from "../core/source/mapping.ts";
import { follow } from "../core/source/places.ts";
import type { DocumentRead } from "../core/source/reader.ts";
import { type Draft, type Layout, otherNames, type Place, unmapped } from "./layout.ts";
import { holdsNothing, isDeeper, put, take } from "./member.ts";
import type { RawFields } from "./write_call.ts";

/** How many levels of objects and arrays a document may have: a parser needs stack space for each. */
const MAX_LEVELS = 2_048;

/** The layout of a credential in a document. */
export class DocumentLayout implements Layout {
  readonly document: string;
  readonly #text: boolean;
  readonly #plan: CredentialPlan;
  readonly #locators: DocumentRead["locators"];
  /** The indices of the forms. */
  readonly #forms: readonly number[];

  constructor(plan: CredentialPlan, { name, text, locators }: DocumentRead) {
    this.document = name;
    this.#text = text;
    this.#plan = plan;
    this.#locators = locators;
    this.#forms = Array.from({ length: Math.max(0, ...locators.map((each) => each.length)) }, (_, at) => at);
  }

  get otherNames(): string {
    if (this.#text) return otherNames([], []);
    const { names, required, identity } = this.#plan;
    const expected = required.length > 0 ? required : identity;
    const forms = this.#forms.map((form) => [...new Set(expected.flatMap((at) => this.#partsIn(form, at)))]);
    return otherNames(forms, names, ` of ${this.document}`);
  }

  obstacle(wanted: readonly string[]): string | undefined {
    if (this.#formFor(wanted) >= 0) return undefined;
    const first = (field: string) => this.#locatorOf(field, 0);
    const templates = wanted.filter((field) => isTemplate(first(field)));
    if (templates.length > 0) {
      const quoted = templates.map((field) => `"${field}" by ${first(field)}`);
      return `reads ${list(quoted)}, and a template cannot be written`;
    }
    return unmapped(wanted.filter((field) => first(field) === undefined)) ??
      `maps no form of ${this.document} that has ${list(wanted)}`;
  }

  draft(values: RawFields): Draft {
    const form = this.#formFor(Object.keys(values));
    const { names } = this.#plan;
    const places = Object.entries(values).map(([field, value]) => this.#place(this.#locatorOf(field, form)!, value));
    return {
      values: names.map((name) => ownMember(values, name)),
      names: this.#locators.map(({ [form]: locator }) => this.#labelOf(locator)),
      places,
    };
  }

  draftOfForm(given: object, { values, names }: FieldValues): Draft {
    // Hint: for a template, the name may be that of a part of it that is missing.
    const isRead = (form: number) =>
      this.#locators.every((each, at) =>
        [each[form], ...this.#partsIn(form, at)].some((each) => names[at] === this.#labelOf(each))
      );
    const form = this.#forms.find(isRead)!;
    const places = new Map<string, Place>();
    for (const [at, { [form]: locator }] of this.#locators.entries()) {
      // Hint: the reader skips an object where text is expected, since it belongs to another form.
      if (values[at] === undefined && !isTemplate(locator)) continue;
      for (const part of this.#partsIn(form, at)) {
        const value = follow(given, pathOf(part));
        if (present(value)) places.set(part, this.#place(part, value));
      }
    }
    return { values, names, places: [...places.values()], isDocument: true };
  }

  compose(before: object | undefined, { places, isDocument = false }: Draft): object | Refusal {
    const after = asJson(this.document, holdsNothing(before) ? {} : before!);
    if (isRefusal(after)) return after;
    const written = places.map(({ path }) => path);
    for (const [at, each] of this.#locators.entries()) {
      const isText = this.#plan.fields[at]!.schema === undefined;
      for (const locator of each) {
        if (isTemplate(locator) && !isDocument) continue;
        const text = isText || isTemplate(locator);
        for (const part of locatorParts(locator)) take(after, { path: pathOf(part), text, written });
      }
    }
    for (const { name, path, value } of places) {
      const obstacle = put(after, path, value);
      if (obstacle) return invalid(`${name} ${obstacle}`);
    }
    return asJson(this.document, after);
  }

  #place(part: string, value: unknown): Place {
    return { name: this.#label(part), path: pathOf(part), value };
  }

  #labelOf(locator: string | undefined): string | undefined {
    return locator === undefined ? undefined : this.#label(locator);
  }

  #label(part: string): string {
    return this.#text ? this.document : `${this.document}#${part}`;
  }

  #locatorOf(field: string, form: number): string | undefined {
    return this.#locators[this.#plan.names.indexOf(field)]![form];
  }

  #partsIn(form: number, at: number): readonly string[] {
    const locator = this.#locators[at]![form];
    return locator === undefined ? [] : locatorParts(locator);
  }

  // Hint: forms are never mixed, so all fields go to the first form that has a place for each.
  #formFor(wanted: readonly string[]): number {
    const isPlain = (locator: string | undefined) => locator !== undefined && !isTemplate(locator);
    return this.#forms.find((form) => wanted.every((field) => isPlain(this.#locatorOf(field, form)))) ?? -1;
  }
}

/** Returns a copy of what a document is to hold, as JSON represents it. */
export function asJson(document: string, value: object): object | Refusal {
  const problem = `a value of ${document} cannot be written as JSON`;
  try {
    // Hint: Bun takes seconds to serialise what is nested 30,000 levels deep.
    if (isDeeper(value, MAX_LEVELS)) return invalid(`${problem}: it is nested more than ${MAX_LEVELS} levels deep`);
    return JSON.parse(JSON.stringify(value));
  } catch {
    return invalid(problem);
  }
}
