import { invalid, type Refusal } from "./outcome.ts";

/** The type of each option of a store, by `typeof`; it is a type error to leave one out. */
export type OptionTypes<O> = {
  readonly [N in keyof O]-?: Partial<Pick<O, N>> extends Pick<O, N> ? `${TypeOf<O[N]>}|undefined` : TypeOf<O[N]>;
};

type TypeOf<T> = [NonNullable<T>] extends [string] ? "string"
  : [NonNullable<T>] extends [boolean] ? "boolean"
  : [NonNullable<T>] extends [number] ? "number"
  : [NonNullable<T>] extends [string | URL | readonly string[]] ? "string|object"
  : "object";

/** Returns the names of a store's options. */
// @__NO_SIDE_EFFECTS__
export function namesOf<O>(types: OptionTypes<O>): readonly (keyof O & string)[] {
  return Object.keys(types) as (keyof O & string)[];
}

const WORDS: Readonly<Record<string, string>> = {
  string: "text",
  boolean: "true or false",
  number: "a number",
  object: "an object",
};

// Hint: without a compiler, a list would be sent as text with commas, and the text "false" would count as true.
/** Returns why an option is not of its type; nothing where all are. */
export function wrongType(options: object, types: Readonly<Record<string, string>>): Refusal | undefined {
  for (const [name, allowed] of Object.entries(types)) {
    const all = allowed.split("|");
    const type = typeof (options as Readonly<Record<string, unknown>>)[name];
    if (!all.includes(type)) return invalid(`${name} is not ${WORDS[all[0]!]}`);
  }
}
