import { callSafely } from "../chain/eventually.ts";
import type { Ambient, Log } from "../chain/host.ts";
import { disposable } from "./disposable.ts";
import { internals } from "./internals.ts";

/** The logs of resolvers that are observed, and the host's own log. */
const observed = /* @__PURE__ */ new WeakMap<Ambient, Set<Log>>();

/**
 * Calls a function with each log event of a resolver, in addition to the log of its host and by the same rules: once
 * the walk in which it happened is over, ignoring what the function throws, and without what listeners do before they
 * first wait.
 *
 * @param resolver The resolver.
 * @param log The function; one that is added twice is called twice.
 * @returns Ends the observation when disposed of. Once nothing observes a resolver whose host has no log, no event is
 * created.
 */
export function observe(resolver: object, log: Log): Disposable {
  const { deps: { ambient }, unlogged } = internals(resolver);
  const logs = observed.get(ambient) ?? new Set(ambient.log && [ambient.log]);
  observed.set(ambient, logs);
  const mine = unlogged((event, walk) => callSafely(() => log(event, walk)));
  logs.add(mine);
  // Hint: one log may end the observation of another.
  ambient.log = (event, walk) => [...logs].forEach((each) => logs.has(each) && each(event, walk));
  return disposable(() => {
    logs.delete(mine);
    if (logs.size === 0) ambient.log = undefined;
  });
}

/** A credential that expires. */
export interface Expiring {
  readonly key: string;
  /** For how many milliseconds it may still be given: 0 if it has expired or was lost. */
  readonly ms: number;
}

/** Returns the latest credential of every key that was resolved, if it expires. */
export function expiring(resolver: object): readonly Expiring[] {
  const { plan, hold, deps: { ambient: { clock } } } = internals(resolver);
  return [...plan.credentials.keys()].flatMap((key) => {
    const { credential, unexpired } = hold(key) ?? {};
    if (credential?.expiresAt === undefined) return [];
    return { key, ms: unexpired ? credential.expiresAt - clock.now() : 0 };
  });
}
