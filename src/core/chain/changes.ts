import type { Version } from "./answer.ts";

/** What a change is based on. @category Stores */
export interface Before<T> {
  /** What the look-up gave. */
  readonly value: T;
  /** The version that it gave with `answer()`; of several values the one that all of them have. */
  readonly version?: Version | undefined;
}

/**
 * One change, by shape; write nothing if the store no longer has `before`. A document is parsed: numbers beyond 2^53 belong
 * into text.
 *
 * @category Stores
 */
export interface Changes {
  /** Values by name, before and after; `undefined` is an absent one. */
  readonly variables: {
    readonly before: Before<Readonly<Record<string, string | undefined>>>;
    readonly after: Readonly<Record<string, string | undefined>>;
  };
  /**
   * A whole document; `before.value` is `undefined` where there is none. `ensure` first writes an empty one where there is
   * none, to claim it: while that has the same version, other processes wait for it, 60 s at most.
   */
  readonly document: { readonly name: string; readonly before: Before<object | undefined>; readonly after: object };
  /** Tokens are obtained, not written. */
  readonly token: never;
}
