import { isRefusal, type Refusal, unavailable } from "../chain/outcome.ts";
import { type Need, wasRotated } from "./answer.ts";
import type { Expiry } from "./freshness.ts";
import type { StorePlan } from "./source.ts";

/** Whether what a store gives ends with this need, as a lease does with its login. */
function binds({ spec, options }: StorePlan, { key }: Need): boolean {
  return spec.binds?.some((name) => options[name] === key) === true;
}

/** Whether another credential took the place of a need; of one that binds, other values are another one. */
export function wasReplaced(store: StorePlan, now: Need, before: Need): boolean {
  return wasRotated(now, before) || binds(store, before) && now.values !== before.values;
}

/** Cuts the expiry of a token to that of the needs that it ends with. */
export function boundExpiry(
  store: StorePlan,
  needs: readonly Need[],
  now: number,
  expires: Expiry | Refusal,
): Expiry | Refusal {
  if (isRefusal(expires) || !store.spec.binds) return expires;
  const { expiresAt: own } = expires;
  const ends = needs.map((need) => binds(store, need) && need.credential?.expiresAt || Infinity);
  const expiresAt = Math.min(own, ...ends);
  if (expiresAt <= now) return unavailable("the login that it ends with has expired");
  if (expiresAt === own) return expires;
  const { key, generation } = needs[ends.indexOf(expiresAt)]!;
  // Hint: a login that is merely older than the lease is not a short one.
  const isShort = own < Infinity && expiresAt - (generation?.since ?? now) < own - now;
  return { expiresAt, stated: true, endsWith: isShort ? key : undefined };
}

// Hint: what was merely renewed may have been asked for with the token alone, and still stands on its login.
/** Adds to the needs of a renewal those of the token before it that were not asked for again. */
export function withNeedsBefore(needs: readonly Need[], before: readonly Need[] = []): readonly Need[] {
  const kept = before.filter(({ key }) => needs.every((need) => need.key !== key));
  return kept.length > 0 ? [...needs, ...kept] : needs;
}
