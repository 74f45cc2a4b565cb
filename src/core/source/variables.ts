import { combineRefusals } from "../chain/errors.ts";
import { ignoreRejection, isThenable, type MaybePromise } from "../chain/eventually.ts";
import { isRefusal, type Refusal } from "../chain/outcome.ts";
import type { ShapeOf, VariableMapping } from "../chain/shape.ts";
import { type FieldValues, NOTHING, type Nothing } from "./answer.ts";
import { namesFor, onlyMembers, present } from "./mapping.ts";
import {
  type Complain,
  type LookUpContext,
  type NotText,
  type Reader,
  type Target,
  type UntypedLook,
  valueOf,
} from "./reader.ts";
import type { Shape } from "./source.ts";
import { StaticAnswers } from "./static_answers.ts";

/**
 * The shape of a store that maps a name to a string.
 *
 * @example A store of values in the runtime's own storage
 * ```ts
 * import { defineStore, variables } from "@alphaswarm/credentials";
 *
 * const storage = defineStore({
 *   kind: "storage",
 *   shape: variables,
 *   open: ({ items }: { items: Storage }) => (name) => items.getItem(name) ?? undefined,
 * });
 * ```
 * @category Writing a store
 */
export const variables: ShapeOf<"variables"> = {
  name: "variables",
  issued: false,
  onIncomplete: "next",
  compile,
  use: (store, open, deps) => new StaticAnswers(store, open, deps),
} satisfies Shape<"variables"> as ShapeOf<"variables">;

function compile(mapping: unknown, { names: fields, spec }: Target, complain: Complain): Reader {
  const { prefix, fields: own } = Object(mapping) as VariableMapping;
  onlyMembers(mapping, ["prefix", "fields"], ".", complain);
  onlyMembers(own, fields, ".fields.", complain);
  const isText = typeof prefix === "string";
  if (!isText && prefix !== undefined) complain(".prefix", "Expected text");
  const names = fields.map((name) => {
    const given = namesFor(name, own, complain);
    if (given || prefix === undefined) return given ?? [];
    return [isText ? spec.variable?.(prefix, name) ?? prefix + name : name];
  });
  const reads: string[] = [];
  for (const each of names) reads.push(...each);
  if (reads.length === 0) complain("", "Maps no field: expected a prefix, or names in fields");
  const preferred = names.map((each) => each[0]);
  return {
    reads,
    maps: names.map((each) => each.length > 0),
    names: preferred,
    readTexts: (variable, wanted) => readTexts(names, wanted, variable, preferred),
    read: (look, context, wanted) => read(names, wanted, { look, context, used: preferred }),
  };
}

// Hint: apart from `read`, since most stores of a long chain have nothing, and finding that out takes no context.
function readTexts(
  names: readonly (readonly string[])[],
  wanted: readonly number[],
  variable: (name: string) => unknown,
  used: readonly (string | undefined)[],
): Nothing | FieldValues | NotText {
  let values: unknown[] | undefined;
  for (const field of wanted) {
    for (const name of names[field]!) {
      const given = variable(name);
      if (given !== undefined && typeof given !== "string") return { name, given };
      if (!present(given)) continue;
      values ??= new Array<unknown>(names.length).fill(undefined);
      values[field] = given;
      if (used[field] !== name) used = used.with(field, name);
      break;
    }
  }
  return values ? { outcome: "found", values, names: used } : NOTHING;
}

/** What the names of one reading are looked up with. */
interface Question {
  readonly look: UntypedLook;
  readonly context: LookUpContext;
  /** The name under which each field is found. */
  used: readonly (string | undefined)[];
}

function read(
  names: readonly (readonly string[])[],
  wanted: readonly number[],
  question: Question,
): MaybePromise<Nothing | FieldValues | Refusal> {
  let values: unknown[] | undefined;
  for (const field of wanted) {
    const answer = firstPresent(question, field, names[field]!, 0);
    if (answer === undefined) continue;
    // Hint: if another field's look-up throws synchronously, this one is never awaited.
    ignoreRejection(answer);
    values ??= new Array<unknown>(names.length).fill(undefined);
    values[field] = answer;
  }
  if (values === undefined) return NOTHING;
  const settled = (values: readonly unknown[]) => orRefusal({ outcome: "found", values, names: question.used });
  return values.some(isThenable) ? Promise.all(values).then(settled) : settled(values);
}

function orRefusal(found: FieldValues): FieldValues | Nothing | Refusal {
  if (found.values.some(isRefusal)) return combineRefusals(found.values.filter(isRefusal));
  return found.values.every((value) => value === undefined) ? NOTHING : found;
}

function firstPresent(question: Question, field: number, names: readonly string[], at: number): unknown {
  for (; at < names.length; at++) {
    const name = names[at]!;
    const given = question.look(name, question.context);
    if (isThenable(given)) {
      const next = at + 1;
      return given.then((later) => take(question, field, name, later) ?? firstPresent(question, field, names, next));
    }
    const value = take(question, field, name, given);
    if (value !== undefined) return value;
  }
}

/** Returns the value that was given for a name, if it counts, and notes under which name the field is found. */
function take(question: Question, field: number, name: string, given: unknown): unknown {
  const value = valueOf(given, question.context);
  if (!present(value)) return undefined;
  if (question.used[field] !== name) question.used = question.used.with(field, name);
  return value;
}
