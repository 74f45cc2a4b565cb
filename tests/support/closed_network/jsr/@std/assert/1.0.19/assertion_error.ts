// deno-coverage-ignore-file
import { AssertionError as NodeAssertionError } from "node:assert";
import { inspect } from "node:util";

/** The error that a failed assertion throws. */
export class AssertionError extends Error {
  /**
   * Creates an assertion error.
   *
   * @param message What was expected.
   * @param options The options of `Error`.
   */
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AssertionError";
  }
}

/**
 * Ends a message as `@std/assert` does.
 *
 * @param msg The caller's own message.
 * @returns A full stop, or the caller's message after a colon.
 */
export function suffix(msg: string | undefined): string {
  return msg ? `: ${msg}` : ".";
}

/**
 * Renders a value for a message.
 *
 * @param value The value.
 * @returns The value as `node:util` shows it.
 */
export function format(value: unknown): string {
  return inspect(value, { depth: 10, sorted: true, compact: false, breakLength: Infinity });
}

/**
 * Renders the difference of two values, line by line.
 *
 * @param actual The value that was found.
 * @param expected The value that should have been found.
 * @returns The difference as `node:assert` shows it.
 */
export function difference(actual: unknown, expected: unknown): string {
  return new NodeAssertionError({ actual, expected, operator: "deepStrictEqual" }).message;
}
