import { andThen } from "../chain/eventually.ts";
import { isRefusal, type Refusal } from "../chain/outcome.ts";
import { isReference } from "../chain/reference.ts";
import type { ShapeOf, TokenFields } from "../chain/shape.ts";
import { NOTHING, type Nothing, type Values } from "./answer.ts";
import { isData } from "./data.ts";
import { type Ask, type Complain, onlyMembers, present, type Reader, type Target } from "./reader.ts";
import type { Shape } from "./source.ts";
import { TokenUse } from "./token_use.ts";

const shape: Shape<"token"> = {
  name: "token",
  obtained: true,
  onIncomplete: "stop",
  compile,
  use: (store, look, deps) => new TokenUse(store, look, deps),
};

/** The shape of a store in which a request gives values with an expiry. @category Stores */
export const token: ShapeOf<"token"> = shape;

function compile(mapping: unknown, { fields }: Target, complain: Complain): Reader {
  const { fields: own, with: given = {}, ...request } = (mapping === true ? {} : mapping) as TokenFields;
  const identity = fields.filter((field) => field.identity).map(({ name }) => name);
  onlyMembers(own ?? {}, identity, ".fields", complain);
  onlyMembers(given, identity, ".with", complain);
  // Hint: tokens are kept by the request's JSON, in which values that JSON does not have look alike.
  for (const [name, value] of Object.entries(request)) {
    if (!isData(value)) complain(`.${name}`, "Expected data that JSON can represent");
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

function read(answer: unknown, { members, extras, names }: Compiled, ask: Ask): Nothing | Values | Refusal {
  if (isRefusal(answer)) return answer;
  if (answer === undefined) return NOTHING;
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
  return { outcome: "found", values, names };
}
