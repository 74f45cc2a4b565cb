import type { HeldCredential } from "../credential.ts";
import type { Default, Fields, Values } from "../field.ts";

/**
 * The credentials of a chain that have the fields which a client needs: an adapter takes a key of these, and another is
 * a compile error. (A signature says `keyof Having<…>` in full, since a name for that would print the whole chain.)
 *
 * @typeParam C The credentials' fields.
 * @typeParam V What the client needs of each field.
 * @category Clients
 */
export type Having<C, V> = { readonly [K in keyof C as Values<C[K]> extends V ? K : never]: C[K] };

/** How an adapter asks for its credential, each time that its client needs it. @category Clients */
export interface ClientOptions<F = Fields> {
  /** A whole identity, which serves where every store said that it has none. */
  readonly default?: Default<F> | undefined;
  /** How long the client waits for it, in milliseconds; 10,000 unless this says otherwise. */
  readonly budget?: number | undefined;
  /** On workerd, `(promise) => ctx.waitUntil(promise)`: lets a renewal finish that this request started. */
  readonly waitUntil?: ((promise: Promise<unknown>) => void) | undefined;
}

/**
 * The values that a client needs of a credential, without those that are absent or that it doesn't declare. The type of
 * the adapter's key vouches for the rest.
 */
export function valuesOf<V>(credential: object, names: readonly (keyof V & string)[]): V {
  const held = credential as HeldCredential;
  const present = names.filter((name) => held.fields.includes(name));
  return Object.fromEntries(present.map((name) => [name, held.get(name)])) as V;
}
