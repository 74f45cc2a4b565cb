/**
 * Marks an answer, whichever copy of this package made it. Only its type is exported.
 *
 * @example An object without the mark, such as a document, is not an answer
 * ```ts
 * import { answer, type Answered } from "@alphaswarm/credentials";
 *
 * const answered: Answered<string> = answer("reader", { version: 3 });
 * // @ts-expect-error: the mark is missing
 * const other: Answered<string> = { value: "reader", version: 3 };
 * ```
 * @category Writing a store
 */
export const ANSWER: unique symbol = /* @__PURE__ */ Symbol.for("@alphaswarm/credentials/answer");

/**
 * The version of a value in a store, such as a number that counts its changes.
 *
 * @example A number, or the tag of a server's answer
 * ```ts
 * import { answer, type Version } from "@alphaswarm/credentials";
 *
 * const versionOf = (headers: Headers): Version | undefined =>
 *   headers.get("etag") ?? undefined;
 * const given = answer("reader", { version: versionOf(new Headers({ etag: '"17"' })) });
 * ```
 * @category Writing a store
 */
export type Version = string | number;

/**
 * What a store knows about a value.
 *
 * @example A secret that was rotated an hour ago and ends tomorrow
 * ```ts
 * import { answer, type AnswerOptions } from "@alphaswarm/credentials";
 *
 * const known: AnswerOptions = {
 *   version: "2026-01-01",
 *   expiresAt: Date.now() + 86_400_000,
 *   age: 3_600_000,
 * };
 * const given = answer("reader", known);
 * ```
 * @category Writing a store
 */
export interface AnswerOptions {
  /**
   * Its version, which differs after every change. `write` gets it back as `before.version`. It is shown in traces, so
   * it must not be a hash of the value.
   */
  readonly version?: Version | undefined;
  /** When it expires, in milliseconds since 1970: it is read again then, and not used after that. */
  readonly expiresAt?: number | undefined;
  /** How long ago it was written by the store's own clock, in milliseconds. */
  readonly age?: number | undefined;
}

/**
 * A value with what the store knows about it.
 *
 * @typeParam T The value: text or a document.
 *
 * @example The value of either kind of answer
 * ```ts
 * import { answer, type Answered } from "@alphaswarm/credentials";
 *
 * const valueOf = (given: string | Answered<string>) =>
 *   typeof given === "string" ? given : given.value;
 * console.log(valueOf("reader"), valueOf(answer("writer", { version: 3 })));
 * // "reader", "writer"
 * ```
 * @category Writing a store
 */
export interface Answered<T> extends AnswerOptions {
  /** Marks it, so that a document with the same members is not taken for one. */
  readonly [ANSWER]: true;
  /** The value; `undefined` is a miss. */
  readonly value: T | undefined;
}

/**
 * Creates the answer of a look-up of `variables` or `document` that knows the value's version, or how long it is good.
 *
 * @param value The value; `undefined` is a miss, which may have a version too.
 * @param options The version, when it expires, and how old it is.
 * @returns The answer, for a look-up to return.
 *
 * @example A version by which a write notices that another one came first
 * ```ts
 * import { answer, defineStore, document, httpRefusal } from "@alphaswarm/credentials";
 *
 * const vault = defineStore({
 *   kind: "vault",
 *   shape: document,
 *   options: ["url"],
 *   open: ({ url }: { url: string }, { fetch }) => async (name, { signal }) => {
 *     const response = await fetch(`${url}/v1/secret/data/${name}`, { signal });
 *     if (response.status === 404) return undefined;
 *     if (!response.ok) return httpRefusal(response);
 *     const { data } = await response.json();
 *     return answer(data.data, { version: data.metadata.version });
 *   },
 *   write: ({ url }, { fetch }) => async ({ name, before, after }, { signal }) => {
 *     const body = JSON.stringify({ data: after, options: { cas: before.version ?? 0 } });
 *     const response = await fetch(`${url}/v1/secret/data/${name}`, {
 *       method: "POST",
 *       body,
 *       signal,
 *     });
 *     return response.status === 400 ? false : response.ok || httpRefusal(response);
 *   },
 * });
 * const store = vault({ priority: 150, url: "http://127.0.0.1:8200" });
 * ```
 * @category Writing a store
 */
export function answer<T>(value: T | undefined, options?: AnswerOptions): Answered<T> {
  return { [ANSWER]: true, value, ...options };
}

/** Whether a value was created by {@linkcode answer}, in whichever copy of this package. */
export function isAnswered(value: unknown): value is Answered<unknown> {
  return typeof value === "object" && value !== null && (value as Partial<Answered<unknown>>)[ANSWER] === true;
}
