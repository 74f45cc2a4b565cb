import type { Chain } from "./chain.ts";
import type { Fields } from "./field.ts";
import type { Hold } from "./hold.ts";
import type { Ambient } from "./host.ts";
import type { Plan } from "./plan.ts";
import type { LiveStore } from "./sources.ts";
import type { Stores } from "./stores/store.ts";

/** A chain whose types don't matter. */
export type AnyChain = Chain<Stores, Record<string, Fields>>;

/** What a resolver hides from its callers, and describe, reports, bootstrap and the command line stand on. */
export interface Insides {
  readonly chain: AnyChain;
  readonly plan: Plan;
  readonly ambient: Ambient;
  readonly holds: ReadonlyMap<string, Hold>;
  readonly stores: ReadonlyMap<string, LiveStore>;
  readonly installed: ReadonlySet<string>;
}

/** How a resolver gives them, also one that another copy of this package made; a method, since inspections run getters. */
export const INSIDES: unique symbol = Symbol.for("@alphaswarm/credentials/resolver");

/** What a resolver hides from its callers. */
export function insides(resolver: object): Insides {
  if (!(INSIDES in resolver)) throw new TypeError("Expected a resolver, as getResolver() gives one");
  return (resolver as { [INSIDES](): Insides })[INSIDES]();
}
