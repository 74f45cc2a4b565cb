import { andThen } from "../chain/eventually.ts";
import { namesOf } from "../chain/option_types.ts";
import { invalid, isRefusal, type Refusal } from "../chain/outcome.ts";
import { isReference } from "../chain/reference.ts";
import type { ShapeOf, TokenFields } from "../chain/shape.ts";
import { type FieldValues, NOTHING, type Nothing } from "./answer.ts";
import { isData } from "./data.ts";
import { onlyMembers, ownMember, present } from "./mapping.ts";
import type { Complain, LookUpContext, Reader, Target } from "./reader.ts";
import type { Shape } from "./source.ts";
import { TokenAnswers } from "./token_answers.ts";

/**
 * The shape of a store that maps a request to values with an expiry.
 *
 * @example A store that a mapping asks for one audience
 * ```ts
 * import { defineStore, httpRefusal, token } from "@alphaswarm/credentials";
 *
 * const sidecar = defineStore({
 *   kind: "sidecar",
 *   shape: token,
 *   request: ["audience"],
 *   open:
 *     ({ url }: { url: string }, { fetch }) =>
 *     async ({ audience }: { audience: string }, { signal }) => {
 *       const response = await fetch(`${url}?audience=${encodeURIComponent(audience)}`, {
 *         signal,
 *       });
 *       if (!response.ok) return httpRefusal(response);
 *       const values = await response.json();
 *       return { values, expiresIn: values.expires_in };
 *     },
 * });
 * const store = sidecar({ priority: 300, url: "http://127.0.0.1:8200/token" });
 * ```
 * @category Writing a store
 */
export const token: ShapeOf<"token"> = {
  name: "token",
  issued: true,
  onIncomplete: "stop",
  compile,
  use: (store, open, deps) => new TokenAnswers(store, open, deps),
} satisfies Shape<"token"> as ShapeOf<"token">;

function compile(mapping: unknown, { fields, spec }: Target, complain: Complain): Reader {
  const { fields: own, with: given, ...request } = (mapping === true ? {} : Object(mapping)) as TokenFields;
  const identity = fields.filter((field) => field.identity).map(({ name }) => name);
  if (mapping !== true && (typeof mapping !== "object" || mapping === null)) {
    complain("", "Expected true, or an object with the parameters of the request");
  }
  if (spec.request) onlyMembers(request, ["fields", "with", ...namesOf(spec.request)], ".", complain);
  onlyMembers(own, identity, ".fields.", complain);
  onlyMembers(given, identity, ".with.", complain);
  // Hint: tokens are kept by the JSON of their request, in which values that JSON cannot represent would look alike.
  for (const [name, value] of Object.entries(request)) {
    if (!isData(value)) complain(`.${name}`, "Expected data that JSON can represent");
  }
  const members = fields.map(({ name, identity }) => {
    if (!identity || Object.hasOwn(Object(given), name)) return undefined;
    return own ? ownMember(own as Names, name) : name;
  });
  const extras = fields.map(({ name }) => ownMember(Object(given) as Extras, name));
  const names = fields.map((_, at) => {
    const extra = extras[at];
    return isReference(extra) ? extra.variable : extra === undefined ? members[at] : undefined;
  });
  return {
    request,
    reads: names.filter((name) => name !== undefined),
    maps: fields.map((_, at) => members[at] !== undefined || extras[at] !== undefined),
    names,
    read: (look, context) =>
      andThen(look(request, context), (answer) => read(answer, { members, extras, names }, context)),
  };
}

interface Compiled {
  readonly members: readonly (string | undefined)[];
  readonly extras: readonly TokenExtra[];
  readonly names: readonly (string | undefined)[];
}

type TokenExtra = NonNullable<TokenFields["with"]>[string];
type Extras = Readonly<Record<string, TokenExtra>>;
type Names = Readonly<Record<string, string | undefined>>;

function read(
  answer: unknown,
  { members, extras, names }: Compiled,
  context: LookUpContext,
): Nothing | FieldValues | Refusal {
  if (isRefusal(answer)) return answer;
  if (answer === undefined) return NOTHING;
  const values: unknown[] = [];
  for (const [at, member] of members.entries()) {
    const extra = extras[at];
    const value = isReference(extra)
      ? context.referred!(extra)
      : extra ?? (member && ownMember(answer as Record<string, unknown>, member));
    if (isRefusal(value)) return value;
    values.push(present(value) ? value : undefined);
  }
  const asked = members.filter((member) => member !== undefined);
  if (asked.length > 0 && members.every((member, at) => member === undefined || values[at] === undefined)) {
    return invalid(
      `the answer has none of ${[...new Set(asked)].join(", ")}: correct the mapping, or what is asked for`,
    );
  }
  return { outcome: "found", values, names };
}
