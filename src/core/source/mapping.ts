import { isRefusal } from "../chain/outcome.ts";
import type { ReadVariable } from "../chain/reference.ts";
import type { Complain } from "./reader.ts";

/** Whether a value counts: it is neither absent nor blank. */
export function present(value: unknown): boolean {
  return value !== undefined && value !== null && (typeof value !== "string" || value.trim() !== "");
}

/** Whether a variable is set and not blank; one that cannot be read counts as not set. */
export function isSet(variable: string, read: ReadVariable): boolean {
  const value = read(variable);
  return present(value) && !isRefusal(value);
}

/** Returns an own member of an object, so that `constructor` or `__proto__` is nothing inherited. */
export function ownMember<T>(object: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** Returns the names that a mapping has for a field, one or several, as a list. */
export function namesFor(field: string, mapped: unknown, complain: Complain): readonly string[] | undefined {
  const names = ownMember(Object(mapped), field);
  return names === undefined ? names : [names].flat().map((name) => {
    if (typeof name === "string") return name;
    complain(`.fields.${field}`, "Expected text");
    return field;
  });
}

/** Returns a name for a message, or the type of what is not text, since not everything can be converted to text. */
export function shownName(name: unknown): string {
  return typeof name === "string" ? name : typeof name;
}

/** Reports the members of an object that are not known. */
export function onlyMembers(
  object: unknown,
  known: readonly string[],
  path: string,
  complain: Complain,
  what = "member",
): void {
  for (const name of Object.keys(Object(object))) {
    if (!known.includes(name)) complain(path + name, `Unknown ${what} "${name}"`, [name, known]);
  }
}
