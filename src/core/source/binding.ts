import { type Need, wasRotated } from "./answer.ts";
import type { StorePlan } from "./source.ts";

/** A token that can end with its needs. */
interface Ending {
  readonly needs: readonly Need[];
  endWith(need: Need): void;
}

/** Whether what a store gives ends with this need, as a lease does with its login. */
function binds({ spec, options }: StorePlan, { key }: Need): boolean {
  return spec.binds?.some((name) => options[name] === key) === true;
}

/** Whether another credential took the place of a need; if the need binds, other values make it another one. */
export function wasReplaced(store: StorePlan, now: Need, before: Need): boolean {
  return wasRotated(now, before) ||
    binds(store, before) && now.credential?.generation !== before.credential?.generation;
}

/** Lets a token end no later than the needs that bind it. */
export function endWithNeeds(store: StorePlan, token: Ending): void {
  token.needs.filter((need) => binds(store, need)).forEach((need) => token.endWith(need));
}

// Hint: a renewal may have been asked for with the token alone, which still depends on its login.
/** Returns the needs that were met, and those from before the renewal that were not asked for again. */
export function withNeedsBefore(needs: readonly Need[], before: readonly Need[] = []): readonly Need[] {
  const met = needs.filter(({ credential }) => credential);
  return [...met, ...before.filter(({ key }) => met.every((need) => need.key !== key))];
}
