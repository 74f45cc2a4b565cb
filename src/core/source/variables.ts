import { combineRefusals } from "../chain/errors.ts";
import { ignoreRejection, isThenable, type MaybePromise } from "../chain/eventually.ts";
import { isRefusal, type Refusal } from "../chain/outcome.ts";
import type { ShapeOf, VariableMapping } from "../chain/shape.ts";
import { type FieldValues, NOTHING, type Nothing } from "./answer.ts";
import { onlyMembers, present, several } from "./mapping.ts";
import { type Complain, type LookUpContext, type Reader, type Target, type UntypedLook, valueOf } from "./reader.ts";
import type { Shape } from "./source.ts";
import { StaticAnswers } from "./static_answers.ts";

const shape: Shape<"variables"> = {
  name: "variables",
  issued: false,
  onIncomplete: "next",
  compile,
  use: (store, look, deps) => new StaticAnswers(store, look, deps, { confirmsAbsence: false }),
};

/** The shape of a store that maps a name to a string. @category Stores */
export const variables: ShapeOf<"variables"> = shape;

function compile(mapping: unknown, { fields, variable }: Target, complain: Complain): Reader {
  const { prefix, fields: own = {} } = Object(mapping) as VariableMapping;
  onlyMembers(Object(mapping), ["prefix", "fields"], ".", complain);
  onlyMembers(own, fields.map(({ name }) => name), ".fields.", complain);
  const names = fields.map(({ name }) => {
    const given = Object.hasOwn(own, name) ? own[name] : undefined;
    if (given !== undefined) return several(given);
    return prefix === undefined ? [] : [variable(prefix, name)];
  });
  if (names.every((each) => each.length === 0)) {
    complain("", "Maps no field: expected a prefix, or names in fields");
  }
  const preferred = names.map(([first]) => first);
  const hasAlternatives = names.some(({ length }) => length > 1);
  return {
    reads: names.flat(),
    maps: names.map((each) => each.length > 0),
    names: preferred,
    read: (look, context, wanted) => read({ names, preferred, hasAlternatives }, look, context, wanted),
  };
}

interface Compiled {
  readonly names: readonly (readonly string[])[];
  readonly preferred: readonly (string | undefined)[];
  /** Whether a field has more names than its preferred one. */
  readonly hasAlternatives: boolean;
}

/** What the names of one reading are asked with. */
interface Question {
  readonly look: UntypedLook;
  readonly context: LookUpContext;
  /** The name under which each field is found. */
  readonly used: (string | undefined)[];
}

// Hint: most stores of a long chain have nothing, and for those nothing is allocated.
function read(
  { names, preferred, hasAlternatives }: Compiled,
  look: UntypedLook,
  context: LookUpContext,
  wanted: readonly number[],
): MaybePromise<Nothing | FieldValues | Refusal> {
  const used = (hasAlternatives ? [...preferred] : preferred) as (string | undefined)[];
  const question = { look, context, used };
  let values: unknown[] | undefined;
  let pending: PromiseLike<void>[] | undefined;
  for (const field of wanted) {
    const answer = firstPresent(question, field, names[field]!, 0);
    if (answer === undefined) continue;
    const found = values ??= new Array<unknown>(names.length).fill(undefined);
    if (!isThenable(answer)) {
      found[field] = answer;
      continue;
    }
    const late = answer.then((value) => void (found[field] = value));
    // Hint: where another field's look-up throws synchronously, this one is never awaited.
    ignoreRejection(late);
    (pending ??= []).push(late);
  }
  if (values === undefined) return NOTHING;
  const found: FieldValues = { outcome: "found", values, names: used };
  return pending ? Promise.all(pending).then(() => orRefusal(found)) : orRefusal(found);
}

function orRefusal(found: FieldValues): FieldValues | Nothing | Refusal {
  const refusals = found.values.filter(isRefusal);
  if (refusals.length > 0) return combineRefusals(refusals);
  return found.values.every((value) => value === undefined) ? NOTHING : found;
}

function firstPresent(question: Question, field: number, names: readonly string[], at: number): unknown {
  for (; at < names.length; at++) {
    const name = names[at]!;
    const { look, context } = question;
    const given = look(name, context);
    if (isThenable(given)) {
      const next = at + 1;
      return given.then((later) => {
        const value = valueOf(later, context);
        return present(value) ? named(question, field, name, value) : firstPresent(question, field, names, next);
      });
    }
    const value = valueOf(given, context);
    if (present(value)) return named(question, field, name, value);
  }
}

function named({ used }: Question, field: number, name: string, value: unknown): unknown {
  if (used[field] !== name) used[field] = name;
  return value;
}
