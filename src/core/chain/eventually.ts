/**
 * A value now, or a promise of it.
 *
 * @example A look-up that waits only for what it does not have yet
 * ```ts
 * import type { Look, MaybePromise } from "@alphaswarm/credentials";
 *
 * const known = new Map([["user", "reader"]]);
 * const load = (name: string): Promise<string> => Promise.resolve(`loaded ${name}`);
 * const look = (name: string): MaybePromise<string> => known.get(name) ?? load(name);
 * const one: Look<"variables"> = look;
 * console.log(look("user")); // "reader"
 * ```
 * @category Writing a store
 */
export type MaybePromise<T> = T | PromiseLike<T>;

/**
 * Whether a value is a promise, of any realm: `instanceof Promise` is false for some platform promises on edge runtimes, and on
 * workerd the promise of a remote call, such as a Secrets Store's, has the type "function".
 */
export function isThenable<T>(value: MaybePromise<T>): value is PromiseLike<T> {
  return typeof value !== "string" && typeof (value as { then?: unknown } | null | undefined)?.then === "function";
}

/** Calls a function with a value, at once unless it is a promise, so that a walk over synchronous stores is synchronous. */
export function andThen<T, U>(value: MaybePromise<T>, next: (value: T) => MaybePromise<U>): MaybePromise<U> {
  return isThenable(value) ? value.then(next) : next(value);
}

/** Keeps a promise that nothing will await from becoming an unhandled rejection, which would end the process. */
export function ignoreRejection(value: unknown): void {
  if (isThenable(value)) value.then(undefined, () => {});
}

/** Calls a function of the application, and ignores what it throws or rejects with, so that it fails nobody else. */
export function callSafely(run: () => unknown): void {
  try {
    ignoreRejection(run());
  } catch { /* the application's own */ }
}
