import { andThen } from "../chain/eventually.ts";
import { invalid, isRefusal, type Refusal } from "../chain/outcome.ts";
import type { DocumentMapping, ShapeOf } from "../chain/shape.ts";
import { type FieldValues, NOTHING, type Nothing } from "./answer.ts";
import { isPlain } from "./data.ts";
import { compileLocator, type Locator, pathsOf } from "./locator.ts";
import { namesFor, onlyMembers, present } from "./mapping.ts";
import { isOccupied, pathsOfOthers } from "./places.ts";
import { type Complain, type DocumentRead, type Reader, type Target, valueOf } from "./reader.ts";
import type { Shape } from "./source.ts";
import { StaticAnswers } from "./static_answers.ts";

/**
 * The shape of a store that maps a name to a JSON document.
 *
 * @example A store of documents behind a URL
 * ```ts
 * import { defineStore, document, httpRefusal } from "@alphaswarm/credentials";
 *
 * const web = defineStore({
 *   kind: "web",
 *   shape: document,
 *   open: ({ url }: { url: string }, { fetch }) => async (name, { signal }) => {
 *     const response = await fetch(new URL(name, url), { signal });
 *     if (response.status === 404) return undefined;
 *     return response.ok ? await response.json() : httpRefusal(response);
 *   },
 * });
 * const store = web({ priority: 150, url: "https://config.example/" });
 * ```
 * @category Writing a store
 */
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

/** Says what a locator is called in details. */
interface Label {
  (locator: string): string;
  (locator: string | undefined): string | undefined;
}

type Names = Readonly<Record<string, string | readonly string[] | undefined>>;

function compile(mapping: unknown, target: Target, complain: Complain): Reader {
  const { names } = target;
  const whole =
    (typeof mapping === "string"
      ? { document: mapping, fields: Object.fromEntries(names.map((name) => [name, name])) }
      : Object(mapping)) as DocumentMapping;
  const { document: given, fields } = whole;
  const name = typeof given === "string" ? given : "";
  const text = !!whole.text;
  onlyMembers(whole, ["document", "text", "fields"], ".", complain);
  onlyMembers(fields, names, ".fields.", complain);
  const locators = names.map((each) => namesFor(each, fields, complain) ?? []);
  const label = ((locator) => locator === undefined ? locator : text ? name : `${name}#${locator}`) as Label;
  const forms = compileForms(locators, { text, label }, target, complain);
  const own: DocumentRead = { name, text, locators, paths: text ? [] : locators.flat().flatMap(pathsOf) };
  const { kind, text: givesText } = target.spec;
  if (text && !givesText) {
    complain(".text", `A store of the kind "${kind}" gives no plain text: map the members of its document`);
  }
  // Hint: a path with a separator at its end leads to a directory.
  if (!name || /[\\/]$/.test(name)) complain("", "Expected the name of a document");
  if (forms.length === 0) complain(".fields", "Maps no field: expected a locator for at least one");
  return {
    reads: locators.flat().map((each) => label(each)),
    maps: locators.map((each) => each.length > 0),
    names: locators.map(([first]) => label(first)),
    document: own,
    read: (look, context) => {
      context.text = text;
      return andThen(look(name, context), (given) => readDocument(valueOf(given, context), own, forms, target));
    },
  };
}

function compileForms(
  locators: readonly (readonly string[])[],
  { text, label }: { readonly text: boolean; readonly label: Label },
  { fields }: Target,
  complain: Complain,
): readonly Form[] {
  const count = Math.max(...locators.map((each) => each.length), 0);
  return Array.from({ length: count }, (_, at) => ({
    names: locators.map(({ [at]: source }) => label(source)),
    locators: locators.map((each, field) => {
      const source = each[at];
      const locator = source === undefined ? source : compileLocator(source, label, text);
      if (typeof locator !== "string") return locator;
      complain(`.fields.${fields[field]!.name}`, locator);
    }),
  }));
}

function readDocument(
  given: unknown,
  own: DocumentRead,
  forms: readonly Form[],
  target: Target,
): Nothing | FieldValues | Refusal {
  if (isRefusal(given)) return given;
  const { name, text } = own;
  if (text ? !present(given) : given === undefined || isEmpty(given)) return NOTHING;
  if (text && typeof given !== "string") return invalid(`${name} is not text`);
  const misfit = !text && misfitOf(given);
  if (misfit) return invalid(`${name} is ${misfit}: expected a JSON object`);
  // Hint: a plain text has no members, and its only locator leads to the whole of it.
  const answer = given as object;
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
/** Says what was found instead of an object with members. */
function misfitOf(answer: unknown): string | undefined {
  if (Array.isArray(answer)) return "an array";
  if (typeof answer !== "object") return "a scalar";
  return Object.keys(answer!).length === 0 ? "not plain data" : undefined;
}

/** Says that a document has something other than the identity in its place, such as another tool's form, if it does. */
function unrecognizedIn(answer: object, own: DocumentRead, { fields, siblings }: Target): string | undefined {
  const locatorsOf = (isIdentity: boolean) =>
    own.locators.filter((_, at) => fields[at]!.identity === isIdentity).flat();
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
    if (isRefusal(found)) return found;
    // Hint: an object where text is expected belongs to another form, as `principal` does in Polaris's own answer.
    if (!found || hasOtherForms && typeof found.value === "object" && !fields[field]!.schema) continue;
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
      const found = fields[at]!.presence === presence && locator?.(answer);
      if (found && !isRefusal(found) && typeof found.value === "object") return names[at];
    }
  }
}
