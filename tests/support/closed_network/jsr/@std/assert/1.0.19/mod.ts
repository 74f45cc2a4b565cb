// deno-coverage-ignore-file
/**
 * A stand-in for `@std/assert` where JSR is out of reach: the assertions that the tests use, with the real signatures.
 *
 * @module
 */
export { AssertionError } from "./assertion_error.ts";
export { equal } from "./equal.ts";
export * from "./equality.ts";
export * from "./errors.ts";
export * from "./truth.ts";
