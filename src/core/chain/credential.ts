import type { Fields, Values } from "./field.ts";
import type { Step } from "./outcome.ts";

/**
 * A credential: values that only `get` returns, and where they came from. Printed, serialised or cloned, it shows no
 * value.
 *
 * @typeParam F Its fields.
 * @typeParam K Its key.
 *
 * @example What it shows, and what it does not
 * ```ts
 * import { createResolver, defineChain, memory, required } from "@alphaswarm/credentials";
 * import type { Credential } from "@alphaswarm/credentials";
 *
 * const chain = defineChain({
 *   stores: {
 *     own: memory({ priority: 100, values: { user: "reader", password: "not-a-secret" } }),
 *   },
 *   credentials: {
 *     "neo4j:basic": {
 *       fields: { user: required(), password: required() },
 *       from: { own: { prefix: "" } },
 *     },
 *   },
 * });
 * const credential: Credential = await createResolver(chain).resolve("neo4j:basic");
 * console.log(credential.get("user"), credential.sourceOf("user")); // "reader", "own"
 * console.log(JSON.stringify(credential).includes("not-a-secret")); // false
 * ```
 * @category Credential
 */
export interface Credential<F = Fields, K extends string = string> {
  /** Its key in the chain. */
  readonly key: K;
  /** The store that gave the identity, or `"default"`. */
  readonly source: string;
  /** The names of the fields that are present. */
  readonly fields: readonly string[];
  /** Whether a store that should have answered could not. */
  readonly degraded: boolean;
  /** When it expires, in milliseconds since 1970; `undefined` if it does not. */
  readonly expiresAt: number | undefined;
  /**
   * Counts the values that this process got for the key, from 1. It stays the same while the values and their stores
   * do, even if `degraded` or `expiresAt` changes. A caller's default is counted too.
   */
  readonly generation: number;
  /** The answer of every store that was asked, in that order. */
  readonly trace: readonly Step[];
  /** Returns the value of a field. An optional field that is absent is `undefined`. */
  get<N extends keyof F & string>(name: N): Values<F>[N];
  /** Returns the store that gave a field's value, `"default"`, or `undefined` if the field is absent. */
  sourceOf(name: keyof F & string): string | undefined;
}
