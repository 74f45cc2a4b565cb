import * as v from "valibot";
import type { Problem } from "../core/chain/errors.ts";

/** One name in the path of a problem. */
export type Segment = string | number;

/**
 * Returns the problems that a schema finds, each with its path. A message never quotes a value.
 *
 * @param schema The schema.
 * @param value The value to check.
 * @param path The path of the value.
 * @returns The problems; none if the value fits.
 */
export function problemsOf(schema: v.GenericSchema, value: unknown, path: readonly Segment[]): readonly Problem[] {
  const { issues = [] } = v.safeParse(schema, value, { message: messageOf });
  return issues.map((issue) => ({
    path: pathText([...path, ...(issue.path ?? []).map(({ key }) => key as Segment)]),
    message: issue.message,
  }));
}

/**
 * Formats the path of a problem.
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
  string: "a string",
  number: "a number",
  boolean: "true or false",
  Array: "a list",
  Object: "an object",
};

// Hint: valibot's own message quotes the value.
function messageOf({ expected, type, path }: v.BaseIssue<unknown>): string {
  if (type === "loose_object" && expected !== "Object") return `Missing: expected ${String(path?.at(-1)?.key)}`;
  return `Expected ${NAMES[expected ?? ""] ?? expected ?? "a different value"}`;
}
