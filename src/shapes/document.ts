import { andThen } from "../eventually.ts";
import { invalid, isRefusal, type Refusal } from "../outcome.ts";
import { compileLocator, type Locator } from "./locator.ts";
import {
  type Complain,
  type DocumentMapping,
  onlyMembers,
  type Raw,
  type Reader,
  several,
  type Shape,
  type ShapeOf,
  type Target,
} from "./shape.ts";

const shape: Shape<"document"> = { name: "document", compile };

/** The shape of a store in which a name gives a JSON document. @category Stores */
export const document: ShapeOf<"document"> = shape;

/** One form of a document: a locator for each field that it has. */
interface Form {
  readonly locators: readonly (Locator | undefined)[];
  readonly names: readonly (string | undefined)[];
}

/** The locators that a mapping gives for each field, in order of preference. */
export function locatorsOf(mapping: unknown, fields: Target["fields"]): readonly (readonly string[])[] {
  if (typeof mapping === "string") return fields.map(({ name }) => [name]);
  const { fields: own = {} } = mapping as DocumentMapping;
  return fields.map(({ name }) => several(Object.hasOwn(own, name) ? own[name]! : []));
}

/** The document that a mapping names. */
export function documentOf(mapping: unknown): string {
  return typeof mapping === "string" ? mapping : (mapping as DocumentMapping).document;
}

function compile(mapping: unknown, target: Target, complain: Complain): Reader {
  if (typeof mapping !== "string") {
    onlyMembers(mapping as object, ["document", "fields"], "", complain);
    onlyMembers((mapping as DocumentMapping).fields ?? {}, target.fields.map(({ name }) => name), ".fields", complain);
  }
  const name = documentOf(mapping);
  const locators = locatorsOf(mapping, target.fields);
  const label = (locator: string | undefined) => locator && `${name}#${locator}`;
  const forms: Form[] = [];
  for (let at = 0; at < Math.max(...locators.map((each) => each.length), 0); at++) {
    forms.push({
      names: locators.map((each) => label(each[at])),
      locators: locators.map((each, field) => {
        const source = each[at];
        const locator = source === undefined ? undefined : compileLocator(source);
        if (typeof locator !== "string") return locator;
        complain(`.fields.${target.fields[field]!.name}`, locator);
      }),
    });
  }
  if (!name) complain("", "Names no document: expected its name");
  if (forms.length === 0) complain(".fields", "Maps no field: expected a locator for at least one");
  return {
    reads: locators.flat().map((locator) => label(locator)!),
    maps: locators.map((each) => each.length > 0),
    names: locators.map(([first]) => label(first)),
    read: (look, ask) => andThen(look(name, ask), (answer) => readDocument(name, answer, forms, target)),
  };
}

function readDocument(
  name: string,
  answer: unknown,
  forms: readonly Form[],
  target: Target,
): Raw | Refusal {
  if (answer === undefined) return { values: [], names: forms[0]?.names ?? [] };
  if (isRefusal(answer)) return answer;
  if (typeof answer !== "object" || answer === null || Array.isArray(answer)) {
    return invalid(`${name} is ${Array.isArray(answer) ? "an array" : "no object"}: expected a JSON object`);
  }
  let spare: Raw | undefined;
  for (const form of forms) {
    const raw = readForm(name, answer, form, forms.length > 1, target);
    if (
      isRefusal(raw) || raw.torn || target.fields.some((field, at) => field.identity && raw.values[at] !== undefined)
    ) {
      return raw;
    }
    if (raw.values.some((value) => value !== undefined)) spare ??= raw;
  }
  const object = misplaced(answer, forms, target);
  if (object && !spare) return invalid(`${object} is no text`);
  return spare ?? { values: [], names: forms[0]?.names ?? [] };
}

function readForm(
  name: string,
  answer: object,
  { locators, names }: Form,
  several: boolean,
  { fields }: Target,
): Raw | Refusal {
  const values: unknown[] = new Array(fields.length);
  const torn: string[] = [];
  const lacking: (string | undefined)[] = [];
  for (const [field, locator] of locators.entries()) {
    const found = locator?.(answer);
    if (found === undefined) continue;
    if (isRefusal(found)) return invalid(`${name}#${found.detail}`);
    // Hint: an object where a text belongs is the way to another form's text, as `principal` in Polaris's own answer.
    if (several && typeof found.value === "object" && !fields[field]!.schema) continue;
    values[field] = found.value;
    if (!found.torn) continue;
    const parts = found.torn.map((part) => `${name}#${part}`);
    torn.push(...parts);
    lacking[field] = parts[0];
  }
  return torn.length > 0
    ? { values, names: names.map((own, field) => lacking[field] ?? own), torn }
    : { values, names };
}

function misplaced(answer: object, forms: readonly Form[], { fields }: Target): string | undefined {
  for (const { locators, names } of forms) {
    for (const [at, locator] of locators.entries()) {
      const found = fields[at]!.identity ? locator?.(answer) : undefined;
      if (found && !isRefusal(found) && typeof found.value === "object") return names[at];
    }
  }
}
