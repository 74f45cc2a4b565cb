import type { AnyChain } from "../chain/chain.ts";
import type { Deps } from "../source/source.ts";
import type { StoreInUse } from "../source/store_in_use.ts";
import type { Hold } from "./hold.ts";
import type { Plan } from "./plan.ts";

/** What a resolver is made of. It stays within this folder: what stands on the resolver uses `access`. */
export interface Internals {
  readonly chain: AnyChain;
  readonly plan: Plan;
  readonly deps: Deps;
  readonly store: (name: string) => StoreInUse;
  /** Returns what is kept of a credential; nothing once the resolver is disposed of. */
  readonly hold: (key: string) => Hold | undefined;
}

/** How a resolver gives its internals, whichever copy of this package made it; a method, since inspections run getters. */
export const INTERNALS: unique symbol = /* @__PURE__ */ Symbol.for("@alphaswarm/credentials/resolver");

/** Returns what a resolver is made of. */
export function internals(resolver: object): Internals {
  if (!(INTERNALS in resolver)) throw new TypeError("Expected a resolver, such as getResolver() returns");
  return (resolver as { [INTERNALS](): Internals })[INTERNALS]();
}
