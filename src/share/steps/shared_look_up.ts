import type { Refusal } from "../../core/chain/outcome.ts";
import { LookUp } from "../../core/source/look_up.ts";
import type { ObtainShared } from "../../core/source/sharing.ts";
import type { Deps, StorePlan } from "../../core/source/source.ts";

/** Returns a look-up that asks the other machines before it asks a store. */
export function sharedLookUp(share: ObtainShared, store: StorePlan, deps: Deps): LookUp {
  const obtain: LookUp["obtain"] = (attempt, call) =>
    share(attempt, (named, repeats) => {
      // Hint: even a second try must use the needs that the token was named by.
      const resolveNeed: Deps["resolveNeed"] = (key) =>
        named.needs.find((need) => need.key === key) ?? deps.resolveNeed(key, call);
      const alone = repeats ? new LookUp(store, deps) : withoutResuming(store, deps);
      return alone.obtain(named.again({ store, deps: { ...deps, resolveNeed } }), call);
    }, call);
  return Object.assign(new LookUp(store, deps), { obtain });
}

/** Returns a look-up that does not repeat a try after the machine was suspended, but marks it. */
function withoutResuming(store: StorePlan, deps: Deps): LookUp {
  const lookUp = new LookUp(store, deps);
  const again: LookUp["again"] = (attempt) => {
    if ((attempt.answer as Partial<Refusal>).transient) return LookUp.prototype.again.call(lookUp, attempt) as never;
    attempt.suspended = true;
    return Promise.resolve(attempt);
  };
  return Object.assign(lookUp, { again });
}
