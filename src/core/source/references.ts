import { list } from "../chain/errors.ts";
import { invalid, isRefusal, type Refusal } from "../chain/outcome.ts";
import { type Flag, isReference, notSet, readText, type ReadVariable, type Reference } from "../chain/reference.ts";
import type { Parts } from "../chain/store_kind.ts";
import { isPlain } from "./data.ts";
import { present } from "./mapping.ts";

/** A reference, and where it is: an option, or a path such as `headers.Polaris-Realm`. */
export interface LocatedReference {
  readonly option: string;
  readonly reference: Reference | Flag;
}

/** What reading references gave. */
export interface ReferenceReading {
  /** How the chain writes each option. */
  readonly declared: Record<string, string>;
  /** Why a store cannot be opened or asked, each with the variables of which one is missing. */
  readonly lacking: Map<Refusal, readonly string[]>;
}

/**
 * Replaces the references in a value, including those within lists and plain objects.
 *
 * @param value The value.
 * @param replace Returns what takes the place of a reference; `undefined` leaves it out.
 * @param path Where the value is.
 * @returns A copy, or the same value if there are no references in it.
 */
export function replaceReferences(
  value: unknown,
  replace: (reference: Reference | Flag, path: string) => unknown,
  path: string,
  above: readonly unknown[] = [],
): unknown {
  if (isReference(value)) return replace(value, path);
  if (!isPlain(value) || above.includes(value)) return value;
  let isSame = true;
  const entries = entriesOf(value).map(([name, each]) => {
    const replaced = replaceReferences(each, replace, `${path}.${name}`, [...above, value]);
    if (replaced !== each) isSame = false;
    return [name, replaced] as const;
  });
  if (isSame) return value;
  const kept = entries.filter(([, each]) => each !== undefined);
  return Array.isArray(value) ? kept.map(([, each]) => each) : Object.fromEntries(kept);
}

// Hint: listing the process's variables throws without the permission for all of them.
function entriesOf(value: object): readonly [string, unknown][] {
  try {
    return Object.entries(value);
  } catch {
    return [];
  }
}

/** Lists the references in a value. */
export function referencesIn(value: unknown, path: string): readonly LocatedReference[] {
  const found: LocatedReference[] = [];
  replaceReferences(value, (reference, option) => {
    found.push({ option, reference });
    return reference;
  }, path);
  return found;
}

/** Lists the references among the options of a store. */
export function optionReferences(options: Parts["options"]): readonly LocatedReference[] {
  return Object.entries(options).flatMap(([option, value]) =>
    (option === "enabled" ? [value].flat() : [value]).flatMap((each) => referencesIn(each, option))
  );
}

/** Reads the references in a value, which is of no use if one of them is lacking. */
export function readReferences(
  value: unknown,
  read: ReadVariable,
  { declared, lacking }: ReferenceReading,
  path = "",
): unknown {
  return replaceReferences(value, (reference, at) => {
    const { variable, fallback } = reference as Reference;
    const text = readText(reference as Reference, read);
    declared[at] = text && text === fallback ? text : `$${variable}`;
    if (isRefusal(text)) lacking.set(text, [variable]);
    return present(text) ? text : undefined;
  }, path);
}

/** Reads the options of a store. */
export function readOptions(
  { spec, options }: Pick<Parts, "spec" | "options">,
  read: ReadVariable,
): ReferenceReading & { readonly values: Parts["options"] } {
  const values: Record<string, unknown> = Object.create(null);
  const reading: ReferenceReading = { declared: {}, lacking: new Map() };
  for (const [name, option] of Object.entries(options)) {
    if (name === "enabled") continue;
    if (typeof option === "string") reading.declared[name] = option;
    const value = readReferences(option, read, reading, name);
    if (value !== undefined) values[name] = value;
    else if (isReference(option)) expectNeeded(name);
  }
  if (spec.anyOf) expectOneOf(spec.anyOf);
  return { ...reading, values: values as never };

  function expectNeeded(name: string): void {
    // Hint: `spec.options` may be a list, whose own and inherited members, such as `length`, are not types.
    const type = Object(spec.options)[name];
    if (typeof type === "string" && !type.includes("undefined")) expectOneOf([name]);
  }

  function expectOneOf(names: readonly string[]): void {
    if (names.some((name) => values[name] !== undefined)) return;
    const variables = names.flatMap((name) => (options[name] as Reference | undefined)?.variable ?? []);
    const refusal = variables[1] ? invalid(`neither ${list(variables, "nor")} is set`) : notSet(variables[0]!);
    reading.lacking.set(refusal, variables);
  }
}
