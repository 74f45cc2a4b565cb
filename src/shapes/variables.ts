import { isThenable, type MaybePromise } from "../eventually.ts";
import { isRefusal, type Refusal } from "../outcome.ts";
import {
  type Ask,
  type Complain,
  onlyMembers,
  present,
  type Raw,
  type RawLook,
  type Reader,
  several,
  type Shape,
  type ShapeOf,
  type Target,
  type VariableMapping,
} from "./shape.ts";

const shape: Shape<"variables"> = { name: "variables", compile };

/** The shape of a store in which a name gives a string. @category Stores */
export const variables: ShapeOf<"variables"> = shape;

function compile(mapping: unknown, { fields, variable }: Target, complain: Complain): Reader {
  const { prefix, fields: own = {} } = (mapping ?? {}) as VariableMapping;
  onlyMembers((mapping ?? {}) as object, ["prefix", "fields"], "", complain);
  onlyMembers(own, fields.map(({ name }) => name), ".fields", complain);
  const names = fields.map(({ name }) => {
    const given = own[name];
    if (given !== undefined) return several(given);
    return prefix === undefined ? [] : [variable(prefix, name)];
  });
  if (names.every((each) => each.length === 0)) {
    complain("", "Maps no field: expected a prefix, or names in fields");
  }
  return {
    reads: names.flat(),
    maps: names.map((each) => each.length > 0),
    names: names.map(([first]) => first),
    read: (look, ask, wanted) => read(names, look, ask, wanted),
  };
}

type Names = readonly (readonly string[])[];

function read(names: Names, look: RawLook, ask: Ask, wanted: readonly number[]): MaybePromise<Raw | Refusal> {
  const answers: unknown[] = new Array(names.length);
  let pending: PromiseLike<void>[] | undefined;
  for (const field of wanted) {
    const answer = firstPresent(names[field]!, 0, look, ask);
    if (isThenable(answer)) (pending ??= []).push(answer.then((value) => void (answers[field] = value)));
    else answers[field] = answer;
  }
  const first = names.map(([name]) => name);
  return pending ? Promise.all(pending).then(() => reading(answers, first)) : reading(answers, first);
}

function firstPresent(names: readonly string[], at: number, look: RawLook, ask: Ask): unknown {
  for (; at < names.length; at++) {
    const answer = look(names[at], ask);
    if (isThenable(answer)) {
      const next = at + 1;
      return answer.then((value) => present(value) ? value : firstPresent(names, next, look, ask));
    }
    if (present(answer)) return answer;
  }
}

function reading(values: readonly unknown[], names: readonly (string | undefined)[]): Raw | Refusal {
  return values.find(isRefusal) ?? { values, names };
}
