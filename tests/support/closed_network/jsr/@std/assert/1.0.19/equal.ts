// deno-coverage-ignore-file
import { isDeepStrictEqual } from "node:util";

/**
 * Compares two values deeply, as `@std/assert` does: `0` equals `-0`, and an object without a prototype equals a plain
 * one, neither of which holds for `node:assert`.
 *
 * @param actual The value that was found.
 * @param expected The value that should have been found.
 * @returns Whether they are deeply equal.
 */
export function equal(actual: unknown, expected: unknown): boolean {
  return isDeepStrictEqual(actual, expected) || isDeepStrictEqual(plain(actual, new Map()), plain(expected, new Map()));
}

/** Rebuilds arrays and plain objects with the ordinary prototype, and leaves everything else as it is. */
function plain(value: unknown, seen: Map<object, object>): unknown {
  if (value === 0) return 0;
  if (typeof value !== "object" || value === null) return value;
  const known = seen.get(value);
  if (known !== undefined) return known;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!Array.isArray(value) && prototype !== null && prototype !== Object.prototype) return value;
  const copy: object = Array.isArray(value) ? new Array(value.length) : {};
  seen.set(value, copy);
  for (const name of Reflect.ownKeys(value)) {
    const descriptor = Object.getOwnPropertyDescriptor(value, name);
    if (!descriptor?.enumerable) continue;
    Object.defineProperty(copy, name, {
      value: plain(Reflect.get(value, name), seen),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return copy;
}
