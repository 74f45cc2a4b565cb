import { invalid, type Refusal } from "./outcome.ts";

/** The type of each option of a store, by `typeof`; leaving one out is a type error. */
export type OptionTypes<O> = {
  readonly [N in keyof O]-?: Partial<Pick<O, N>> extends Pick<O, N> ? `${TypeOf<O[N]>}|undefined` : TypeOf<O[N]>;
};

type TypeOf<T> = [NonNullable<T>] extends [string] ? "string"
  : [NonNullable<T>] extends [boolean] ? "boolean"
  : [NonNullable<T>] extends [number] ? "number"
  : [NonNullable<T>] extends [object] ? "object"
  : "string|object";

/**
 * Joins the options of a store and the parameters of a request, which take precedence; `undefined` counts as not given.
 */
export function joined<T extends object>(options: T, request: Partial<T> = {}): T {
  const given = [options, request].flatMap((each) => Object.entries(each)).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as T;
}

/** Returns the names in a list of names, or of names with their types. */
export function namesOf(listed: readonly string[] | object): readonly string[] {
  return Array.isArray(listed) ? listed : Object.keys(listed);
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: "text",
  boolean: "true or false",
  number: "a number",
  object: "an object",
};

/** Returns the options that are not of their type, each with what was expected. */
export function mistyped(
  options: Readonly<Record<string, unknown>>,
  types: Readonly<Record<string, string>>,
): readonly (readonly [name: string, expected: string])[] {
  return Object.entries(types).flatMap(([name, type]) => {
    const allowed = type.split("|");
    return allowed.includes(typeof options[name]) ? [] : [[name, TYPE_NAMES[allowed[0]!]!] as const];
  });
}

// Hint: without a compiler, a list would be sent as text with commas, and the text "false" would count as true.
/** Returns the refusal for the first option that is not of its type, if any. */
export function wrongType(options: object, types: Readonly<Record<string, string>>): Refusal | undefined {
  const [first] = mistyped({ ...options }, types);
  return first && invalid(`${first[0]} is not ${first[1]}`);
}

/** The options of every store. */
export const COMMON_OPTIONS: readonly string[] = [
  "recheck",
  "timeout",
  "priority",
  "enabled",
  "onIncomplete",
  "onDenied",
  "onInvalid",
  "onUnavailable",
];

/** The options of every store whose answers are issued. None of them changes which token it issues. */
export const COMMON_ISSUED_OPTIONS: readonly string[] = /* @__PURE__ */ COMMON_OPTIONS.concat(
  "advisoryWindow",
  "defaultLifetime",
  "onExpired",
);
