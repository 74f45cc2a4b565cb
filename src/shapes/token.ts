import { isData } from "../data.ts";
import { andThen } from "../eventually.ts";
import { isRefusal, type Refusal } from "../outcome.ts";
import { isReference } from "../reference.ts";
import { keepTokens } from "../renewal.ts";
import {
  type Ask,
  type Complain,
  onlyMembers,
  present,
  type Raw,
  type Reader,
  type Shape,
  type ShapeOf,
  type Target,
  type TokenFields,
} from "./shape.ts";

const shape: Shape<"token"> = { name: "token", compile, keep: keepTokens };

/** The shape of a store in which a request gives values with an expiry. @category Stores */
export const token: ShapeOf<"token"> = shape;

function compile(mapping: unknown, { fields }: Target, complain: Complain): Reader {
  const { fields: own, with: given = {}, ...request } = (mapping === true ? {} : mapping) as TokenFields;
  const identity = fields.filter((field) => field.identity).map(({ name }) => name);
  onlyMembers(own ?? {}, identity, ".fields", complain);
  onlyMembers(given, identity, ".with", complain);
  // Hint: answers are kept by the request's text, in which what JSON can't have looks alike.
  for (const [name, value] of Object.entries(request)) {
    if (!isData(value)) complain(`.${name}`, "Expected plain data, as JSON has it");
  }
  const members = fields.map(({ name, identity }) => {
    if (!identity || Object.hasOwn(given, name)) return undefined;
    if (!own) return name;
    return Object.hasOwn(own, name) ? own[name] : undefined;
  });
  const extras = fields.map(({ name }) => Object.hasOwn(given, name) ? given[name] : undefined);
  const names = fields.map((_, at) => {
    const extra = extras[at];
    return isReference(extra) ? extra.variable : extra === undefined ? members[at] : undefined;
  });
  return {
    request,
    reads: names.filter((name) => name !== undefined),
    maps: fields.map((_, at) => members[at] !== undefined || extras[at] !== undefined),
    names,
    read: (look, ask) => andThen(look(request, ask), (answer) => read(answer, { members, extras, names }, ask)),
  };
}

interface Compiled {
  readonly members: readonly (string | undefined)[];
  readonly extras: readonly TokenExtra[];
  readonly names: readonly (string | undefined)[];
}

type TokenExtra = NonNullable<TokenFields["with"]>[string];

function read(answer: unknown, { members, extras, names }: Compiled, ask: Ask): Raw | Refusal {
  if (isRefusal(answer)) return answer;
  if (answer === undefined) return { values: [], names };
  const values: unknown[] = [];
  for (const [at, member] of members.entries()) {
    const extra = extras[at];
    const value = isReference(extra)
      ? ask.text(extra)
      : extra ?? (member !== undefined && Object.hasOwn(answer as object, member)
        ? (answer as Record<string, unknown>)[member]
        : undefined);
    if (isRefusal(value)) return value;
    values.push(present(value) ? value : undefined);
  }
  return { values, names };
}
