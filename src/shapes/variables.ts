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
    const given = Object.hasOwn(own, name) ? own[name] : undefined;
    if (given !== undefined) return several(given);
    return prefix === undefined ? [] : [variable(prefix, name)];
  });
  if (names.every((each) => each.length === 0)) {
    complain("", "Maps no field: expected a prefix, or names in fields");
  }
  const nothing: Raw = { values: [], names: names.map(([first]) => first) };
  return {
    reads: names.flat(),
    maps: names.map((each) => each.length > 0),
    names: nothing.names,
    read: (look, ask, wanted) => read(names, nothing, look, ask, wanted),
  };
}

type Names = readonly (readonly string[])[];

// Hint: most stores of a long chain have nothing, and for those nothing is allocated.
function read(
  names: Names,
  nothing: Raw,
  look: RawLook,
  ask: Ask,
  wanted: readonly number[],
): MaybePromise<Raw | Refusal> {
  let values: unknown[] | undefined;
  let pending: PromiseLike<void>[] | undefined;
  for (const field of wanted) {
    const answer = firstPresent(names[field]!, 0, look, ask);
    if (answer === undefined) continue;
    const found = values ??= new Array<unknown>(names.length).fill(undefined);
    if (!isThenable(answer)) {
      found[field] = answer;
      continue;
    }
    const late = answer.then((value) => void (found[field] = value));
    // Hint: where another field's look-up throws at once, nobody is left to await this one.
    late.then(undefined, () => {});
    (pending ??= []).push(late);
  }
  if (values === undefined) return nothing;
  const raw = { values, names: nothing.names };
  return pending ? Promise.all(pending).then(() => settled(raw)) : settled(raw);
}

function settled(raw: Raw): Raw | Refusal {
  return raw.values.find(isRefusal) ?? raw;
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
