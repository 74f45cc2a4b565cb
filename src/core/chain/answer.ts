/** Marks an answer, whichever copy of this package made it. @category Stores */
export const ANSWER: unique symbol = /* @__PURE__ */ Symbol.for("@alphaswarm/credentials/answer");

/** Which version of a value a store has, such as a number that counts its changes. @category Stores */
export type Version = string | number;

/** What a store knows of a value. @category Stores */
export interface AnswerOptions {
  /**
   * Its version, another one after every change. `write` gets it back as `before.version`. It is shown in traces, so it must
   * not be a hash of the value.
   */
  readonly version?: Version | undefined;
  /** When it expires, in milliseconds since 1970: it is read again then, and not used after that. */
  readonly expiresAt?: number | undefined;
  /** How long ago it was written by the store's own clock, in milliseconds. */
  readonly age?: number | undefined;
}

/** A value with what the store knows of it. @category Stores */
export interface Answered<T> extends AnswerOptions {
  /** Marks it, so that a document with the same members is not taken for one. */
  readonly [ANSWER]: true;
  /** The value; `undefined` is a miss. */
  readonly value: T | undefined;
}

/**
 * Creates the answer of a look-up of `variables` or `document` that knows the value's version, or how long it is good.
 *
 * @param value The value; `undefined` is a miss, of which a version may be known too.
 * @param options The version, when it expires, and how old it is.
 * @returns The answer, for a look-up to return.
 *
 * @example
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
 *     const response = await fetch(`${url}/v1/secret/data/${name}`, { method: "POST", body, signal });
 *     return response.status === 400 ? false : response.ok || httpRefusal(response);
 *   },
 * });
 * const store = vault({ priority: 150, url: "http://127.0.0.1:8200" });
 * ```
 * @category Stores
 */
export function answer<T>(value: T | undefined, options?: AnswerOptions): Answered<T> {
  return { [ANSWER]: true, value, ...options };
}

/** Whether a value is such an answer, whichever copy of this package made it. */
export function isAnswered(value: unknown): value is Answered<unknown> {
  return typeof value === "object" && value !== null && (value as Partial<Answered<unknown>>)[ANSWER] === true;
}
