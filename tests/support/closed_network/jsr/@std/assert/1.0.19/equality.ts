// deno-coverage-ignore-file
import { AssertionError, difference, format, suffix } from "./assertion_error.ts";
import { equal } from "./equal.ts";

/** An array-like object that is not a string. */
export type ArrayLikeArg<T> = ArrayLike<T> & object;

/** Asserts that two values are deeply equal. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  if (equal(actual, expected)) return;
  throw new AssertionError(`Values are not equal${suffix(msg)}\n${difference(actual, expected)}`);
}

/** Asserts that two values are not deeply equal. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  if (!equal(actual, expected)) return;
  throw new AssertionError(`Expected actual: ${format(actual)} not to be: ${format(expected)}${suffix(msg)}`);
}

/** Asserts that two values are the same, as `Object.is` has it. */
export function assertStrictEquals<T>(actual: unknown, expected: T, msg?: string): asserts actual is T {
  if (Object.is(actual, expected)) return;
  const detail = equal(actual, expected)
    ? `Values have the same structure but are not reference-equal${suffix(msg)}\n${format(actual)}`
    : `Values are not strictly equal${suffix(msg)}\n${difference(actual, expected)}`;
  throw new AssertionError(detail);
}

/** Asserts that two values are not the same, as `Object.is` has it. */
export function assertNotStrictEquals<T>(actual: T, expected: T, msg?: string): void {
  if (!Object.is(actual, expected)) return;
  throw new AssertionError(`Expected "actual" to not be strictly equal to: ${format(actual)}${suffix(msg)}`);
}

/** Asserts that an array-like object holds every one of the expected values. */
export function assertArrayIncludes<T>(actual: ArrayLikeArg<T>, expected: ArrayLikeArg<T>, msg?: string): void {
  const found = Array.from(actual);
  const missing = Array.from(expected).filter((value) => !found.some((candidate) => equal(candidate, value)));
  if (missing.length === 0) return;
  throw new AssertionError(
    `Expected actual: "${format(actual)}" to include: "${format(expected)}"${suffix(msg)}\nmissing: ${format(missing)}`,
  );
}

/** Asserts that an object holds, deeply, at least what the expected one does. */
export function assertObjectMatch(actual: object, expected: Record<PropertyKey, unknown>, msg?: string): void {
  assertEquals<unknown>(subset(actual, expected), expected, msg);
}

/** Keeps of a value what the expected one mentions, so that the difference shows nothing else. */
function subset(actual: unknown, expected: unknown): unknown {
  if (typeof actual !== "object" || actual === null || typeof expected !== "object" || expected === null) return actual;
  if (Array.isArray(actual) && Array.isArray(expected)) {
    return actual.slice(0, expected.length).map((value, index) => subset(value, expected[index]));
  }
  const prototype: unknown = Object.getPrototypeOf(expected);
  if (prototype !== Object.prototype && prototype !== null) return actual;
  const kept: Record<PropertyKey, unknown> = {};
  for (const name of Reflect.ownKeys(expected)) {
    if (name in actual) kept[name] = subset(Reflect.get(actual, name), Reflect.get(expected, name));
  }
  return kept;
}
