import * as v from "valibot";
import type { Problem } from "../errors.ts";

/** A name after another in a path of a chain. */
export type Segment = string | number;

/**
 * What a schema finds wrong, each with its place below a path. A message never quotes what was found there.
 *
 * @param schema The schema.
 * @param value What is checked.
 * @param path Where it is.
 * @returns The problems; none where it fits.
 */
export function problemsOf(schema: v.GenericSchema, value: unknown, path: readonly Segment[]): readonly Problem[] {
  const { issues = [] } = v.safeParse(schema, value, { message: messageOf });
  return issues.map((issue) => ({
    path: pathText([...path, ...(issue.path ?? []).map(({ key }) => key as Segment)]),
    message: issue.message,
  }));
}

/**
 * A path as a chain's problems write it.
 *
 * @param path Its names.
 * @returns For example `credentials["polaris:oauth"].from.vault`.
 */
export function pathText(path: readonly Segment[]): string {
  const [first, ...rest] = path.map(String);
  if (first === undefined) return "the chain";
  return rest.reduce(
    (text, name) => text + (/^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `["${name}"]`),
    first,
  );
}

const NAMES: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  boolean: "true or false",
  Array: "a list",
  Object: "an object",
};

// Hint: a message of valibot's own quotes what it received.
function messageOf({ expected, type, path }: v.BaseIssue<unknown>): string {
  if (type === "strict_object" && expected === "never") return "Unknown member: remove it, or mend its name";
  if (type === "strict_object" && expected !== "Object") return `Missing: expected ${String(path?.at(-1)?.key)}`;
  return `Expected ${NAMES[expected ?? ""] ?? expected ?? "something else"}`;
}
