import { type Need, wasRotated } from "./answer.ts";
import type { StorePlan } from "./source.ts";

/** A token that may end with a need. */
interface Bindable {
  readonly needs: readonly Need[];
  readonly since: number;
  readonly expiresAt: number;
}

/** Whether what a store gives ends with this need, as a lease does with its login. */
function binds({ spec, options }: StorePlan, { key }: Need): boolean {
  return spec.binds?.some((name) => options[name] === key) === true;
}

/** Whether another credential took the place of a need; of one that binds, other values are another one. */
export function wasReplaced(store: StorePlan, now: Need, before: Need): boolean {
  return wasRotated(now, before) || binds(store, before) && now.values !== before.values;
}

/** Lets a token end with the needs that it is bound to. */
export function bind(store: StorePlan, token: Bindable): void {
  const { expiresAt: own, since } = token;
  for (const need of token.needs) {
    const { expiresAt = Infinity } = need.credential!;
    if (!binds(store, need) || expiresAt >= token.expiresAt) continue;
    // Hint: a login that is merely older than the lease is not a short one.
    const isShort = own < Infinity && expiresAt - (need.generation?.since ?? since) < own - since;
    Object.assign(token, { expiresAt, stated: true, endsWith: isShort ? need.key : undefined });
  }
}

// Hint: what was merely renewed may have been asked for with the token alone, and still stands on its login.
/** Returns the needs that were met, and of those before a renewal the ones that were not. */
export function withNeedsBefore(needs: readonly Need[], before: readonly Need[] = []): readonly Need[] {
  const met = needs.filter(({ credential }) => credential);
  return [...met, ...before.filter(({ key }) => met.every((need) => need.key !== key))];
}
