/**
 * Expects a condition to hold.
 *
 * @param condition The condition.
 * @param message What was expected.
 * @throws {Error} If it does not hold.
 */
export function expect(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

/**
 * Expects two values to be equal: the same value, or the same JSON.
 *
 * @param actual The value that was found.
 * @param expected The value that should have been found.
 * @param what What the value is, for the message.
 * @throws {Error} If they differ.
 */
export function expectEqual<T>(actual: T, expected: T, what = "the value"): void {
  if (Object.is(actual, expected)) return;
  const [found, wanted] = [show(actual), show(expected)];
  const comparable = typeof actual === "object" && actual !== null && typeof expected === "object" && expected !== null;
  expect(comparable && found === wanted, `Expected ${what} to be ${wanted}, found ${found}`);
}

/**
 * Expects a function to throw, or the promise that it returns to be rejected.
 *
 * @param action The function.
 * @param what What should have failed, for the message.
 * @returns What was thrown.
 * @throws {Error} If it does not fail.
 */
export async function expectFailure(action: () => unknown, what = "the call"): Promise<unknown> {
  try {
    await action();
  } catch (error) {
    return error;
  }
  throw new Error(`Expected ${what} to fail`);
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}
