import type { Version } from "./answer.ts";

/**
 * What a change is based on.
 *
 * @typeParam T The value: a document, or values by name.
 *
 * @example A change that is made only if nobody made another one first
 * ```ts
 * import type { Before } from "@alphaswarm/credentials";
 *
 * // The `cas` of Vault's key-value secrets: 0 if there must be none yet.
 * const cas = (before: Before<object | undefined>) => before.version ?? 0;
 * console.log(cas({ value: { user: "reader" }, version: 3 }), cas({ value: undefined }));
 * // 3, 0
 * ```
 * @category Writing a store
 */
export interface Before<T> {
  /** What the look-up gave. */
  readonly value: T;
  /** The version that it gave with {@linkcode answer}; for several values, the one that all of them have. */
  readonly version?: Version | undefined;
}

/**
 * One change, by shape; write nothing if the store no longer has `before`. A document is parsed, so numbers beyond 2^53
 * must be text.
 *
 * @example A change of a map in memory
 * ```ts
 * import type { Changes } from "@alphaswarm/credentials";
 *
 * function apply(
 *   values: Map<string, string | undefined>,
 *   { before, after }: Changes["variables"],
 * ): boolean {
 *   if (Object.keys(after).some((name) => values.get(name) !== before.value[name])) {
 *     return false;
 *   }
 *   for (const [name, value] of Object.entries(after)) values.set(name, value);
 *   return true;
 * }
 * const values = new Map<string, string | undefined>();
 * console.log(apply(values, { before: { value: {} }, after: { user: "reader" } })); // true
 * ```
 * @category Writing a store
 */
export interface Changes {
  /** Values by name, before and after; `undefined` is an absent one. */
  readonly variables: {
    readonly before: Before<Readonly<Record<string, string | undefined>>>;
    readonly after: Readonly<Record<string, string | undefined>>;
  };
  /**
   * A whole document; `before.value` is `undefined` if there is none. `ensure` first writes an empty one if there is
   * none, to claim it: while its version is unchanged, other processes wait for it, 60 s at most.
   */
  readonly document: { readonly name: string; readonly before: Before<object | undefined>; readonly after: object };
  /** Tokens are obtained, not written. */
  readonly token: never;
}
