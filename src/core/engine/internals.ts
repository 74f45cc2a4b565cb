import type { MaybePromise } from "../chain/eventually.ts";
import type { Ambient, Log } from "../chain/host.ts";
import type { Call } from "../source/source.ts";
import type { Hold, HoldDeps } from "./hold.ts";
import type { Plan } from "./plan.ts";

/** What a resolver consists of, for this folder alone; other folders use `access`, or the resolver's host. */
export interface Internals {
  readonly plan: Plan;
  readonly deps: HoldDeps;
  /** Returns the hold of a credential; `undefined` once the resolver is disposed of. */
  readonly hold: (key: string) => Hold | undefined;
  /** Runs something that may walk, and then tells listeners and the log what happened. */
  readonly run: <T>(ask: (call: Call) => MaybePromise<T>) => MaybePromise<T>;
  /**
   * Wraps a log so that what it asks the resolver for before it first waits is not logged, since logging it would never
   * end.
   */
  readonly unlogged: (log: Log) => Log;
}

/** The method that returns the internals of a resolver, whichever copy of this package made it. */
export const INTERNALS: unique symbol = /* @__PURE__ */ Symbol.for("@alphaswarm/credentials/resolver");

/** Returns what a resolver consists of. */
export function internals(resolver: object): Internals {
  if (!(INTERNALS in resolver)) throw new TypeError("Expected a resolver, such as getResolver() returns");
  return (resolver as { [INTERNALS](): Internals })[INTERNALS]();
}

/** Returns the host of a resolver. */
export function ambientOf(resolver: object): Ambient {
  return internals(resolver).deps.ambient;
}
