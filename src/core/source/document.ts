import { andThen } from "../chain/eventually.ts";
import { invalid, isRefusal, type Refusal } from "../chain/outcome.ts";
import type { DocumentMapping, ShapeOf, TextMapping } from "../chain/shape.ts";
import { type FieldValues, NOTHING, type Nothing } from "./answer.ts";
import { isPlain } from "./data.ts";
import { compileLocator, type Locator, pathsOf } from "./locator.ts";
import { onlyMembers, ownMember, present, several } from "./mapping.ts";
import { isOccupied, pathsOfOthers } from "./places.ts";
import { type Complain, type DocumentRead, type LookUpContext, type Reader, type Target, valueOf } from "./reader.ts";
import type { Shape } from "./source.ts";
import { StaticAnswers } from "./static_answers.ts";

/** The shape of a store that maps a name to a JSON document. @category Stores */
export const document: ShapeOf<"document"> = {
  name: "document",
  issued: false,
  onIncomplete: "stop",
  compile,
  use: (store, open, deps) => new StaticAnswers(store, open, deps),
} satisfies Shape<"document"> as ShapeOf<"document">;

/** One form of a document: a locator for each field that it has. */
interface Form {
  readonly locators: readonly (Locator | undefined)[];
  readonly names: readonly (string | undefined)[];
}

type Names = Readonly<Record<string, string | readonly string[] | undefined>>;

function compile(mapping: unknown, target: Target, complain: Complain): Reader {
  const { names } = target;
  const whole =
    (typeof mapping === "string"
      ? { document: mapping, fields: Object.fromEntries(names.map((name) => [name, name])) }
      : Object(mapping)) as DocumentMapping;
  const { document: name, fields = {} } = whole;
  const text = whole.text !== undefined;
  onlyMembers(whole, ["document", "text", "fields"], ".", complain);
  onlyMembers(fields, names, ".fields.", complain);
  const locators = names.map((each) => several(ownMember(fields as Names, each) ?? []));
  const label = text ? () => name : (locator: string) => `${name}#${locator}`;
  const forms = text ? [] : compileForms(locators, label, target, complain);
  const own: DocumentRead = { name, text, locators, paths: text ? [] : locators.flat().flatMap(pathsOf) };
  const labels = locators.map(([first]) => first === undefined ? undefined : label(first));
  if (text) checkText(whole, locators, target, complain);
  // Hint: a path that ends so leads to a directory.
  if (typeof name !== "string" || !name || /[\\/]$/.test(name)) complain("", "Expected the name of a document");
  if (locators.every((each) => each.length === 0)) {
    complain(".fields", "Maps no field: expected a locator for at least one");
  }
  return {
    reads: locators.flat().map(label),
    maps: locators.map((each) => each.length > 0),
    names: labels,
    document: own,
    read: (look, context) =>
      andThen(look(name, asking(own, context)), (given) => {
        const answer = valueOf(given, context);
        return text ? readText(answer, name, labels) : readDocument(answer, own, forms, target);
      }),
  };
}

/** Lets a context say whether the plain text of a document is asked for. */
export function asking({ text }: DocumentRead, context: LookUpContext): LookUpContext {
  context.text = text;
  return context;
}

/** Reports the mistakes of a mapping that asks for a plain text. */
function checkText(
  mapping: object,
  locators: readonly (readonly string[])[],
  { fields, spec }: Target,
  complain: Complain,
): void {
  if ((mapping as Partial<TextMapping>).text !== true) return complain(".text", "Expected true, or no text at all");
  if (!spec.text) {
    complain(".text", `A store of the kind "${spec.kind}" gives no plain text: map the members of its document`);
  }
  for (const [at, own] of locators.entries()) {
    if (own.length > 1 || own[0]) complain(`.fields.${fields[at]!.name}`, 'Expected "", which is the whole text');
  }
}

function readText(answer: unknown, name: string, names: FieldValues["names"]): Nothing | FieldValues | Refusal {
  if (isRefusal(answer)) return answer;
  if (!present(answer)) return NOTHING;
  if (typeof answer !== "string") return invalid(`${name} is not text`);
  return { outcome: "found", values: names.map((each) => each === undefined ? undefined : answer), names };
}

function compileForms(
  locators: readonly (readonly string[])[],
  label: (locator: string) => string,
  { fields }: Target,
  complain: Complain,
): readonly Form[] {
  const count = Math.max(...locators.map((each) => each.length), 0);
  return Array.from({ length: count }, (_, at) => ({
    names: locators.map(({ [at]: source }) => source && label(source)),
    locators: locators.map((each, field) => {
      const source = each[at];
      const locator = source === undefined ? undefined : compileLocator(source, label);
      if (typeof locator !== "string") return locator;
      complain(`.fields.${fields[field]!.name}`, locator);
    }),
  }));
}

function readDocument(
  answer: unknown,
  own: DocumentRead,
  forms: readonly Form[],
  target: Target,
): Nothing | FieldValues | Refusal {
  if (isRefusal(answer)) return answer;
  const { name } = own;
  if (answer === undefined || isEmpty(answer)) return NOTHING;
  const misfit = misfitOf(answer);
  if (misfit) return invalid(`${name} is ${misfit}: expected a JSON object`);
  let settings: FieldValues | undefined;
  for (const form of forms) {
    const found = readForm(answer, form, forms.length > 1, target);
    if (isRefusal(found) || found.missingParts || hasIdentity(found, target)) return found;
    if (found.values.some((value) => value !== undefined)) settings ??= found;
  }
  const misplaced = objectForText(answer, forms, target);
  if (misplaced) return invalid(`${misplaced} is not text`);
  const unrecognized = unrecognizedIn(answer, own, target);
  if (!unrecognized) return settings ?? NOTHING;
  return { outcome: "found", values: [], names: [], ...settings, unrecognized };
}

function isEmpty(answer: unknown): answer is null {
  return answer === null || isPlain(answer) && Object.keys(answer).length === 0;
}

// Hint: a `Response` or a `Map` has no members of its own, and would pass for a document that holds nothing.
/** Says what stands in the place of an object with members. */
function misfitOf(answer: unknown): string | undefined {
  if (Array.isArray(answer)) return "an array";
  if (typeof answer !== "object") return "a scalar";
  return Object.keys(answer!).length === 0 ? "not plain data" : undefined;
}

/** Says what is in the place of a credential's identity, such as the form of another tool; nothing where nothing is. */
function unrecognizedIn(answer: object, own: DocumentRead, { fields, siblings }: Target): string | undefined {
  const locatorsOf = (identity: boolean) =>
    own.locators.flatMap((each, at) => fields[at]!.identity === identity ? each : []);
  const identity = locatorsOf(true);
  const places = {
    identity: identity.flatMap(pathsOf),
    settings: locatorsOf(false).flatMap(pathsOf),
    others: pathsOfOthers(own, siblings.map(({ document }) => document)),
  };
  if (identity.length === 0 || !isOccupied(answer, places)) return;
  return `${own.name} is there, but has none of ${[...new Set(identity)].join(", ")}`;
}

function hasIdentity({ values }: FieldValues, { fields }: Target): boolean {
  return fields.some((field, at) => field.identity && values[at] !== undefined);
}

function readForm(
  answer: object,
  { locators, names }: Form,
  hasOtherForms: boolean,
  { fields }: Target,
): FieldValues | Refusal {
  const values: unknown[] = new Array(fields.length);
  const missingParts: string[] = [];
  const missingNames: (string | undefined)[] = [];
  for (const [field, locator] of locators.entries()) {
    const found = locator?.(answer);
    if (found === undefined) continue;
    if (isRefusal(found)) return found;
    // Hint: an object where text is expected belongs to another form, as `principal` does in Polaris's own answer.
    if (hasOtherForms && typeof found.value === "object" && !fields[field]!.schema) continue;
    values[field] = found.value;
    if (!found.missingParts) continue;
    missingParts.push(...found.missingParts);
    missingNames[field] = found.missingParts[0];
  }
  if (missingParts.length === 0) return { outcome: "found", values, names };
  return { outcome: "found", values, names: names.map((own, field) => missingNames[field] ?? own), missingParts };
}

// Hint: an object in an optional field's place may belong to a form that no locator knows.
/** Returns the name of a field that must be text, and whose locator leads to an object. */
function objectForText(answer: object, forms: readonly Form[], { fields }: Target): string | undefined {
  const presence = fields.some((field) => field.presence === "required") ? "required" : "optional";
  for (const { locators, names } of forms) {
    for (const [at, locator] of locators.entries()) {
      const found = fields[at]!.presence === presence ? locator?.(answer) : undefined;
      if (found && !isRefusal(found) && typeof found.value === "object") return names[at];
    }
  }
}
