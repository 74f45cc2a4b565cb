import { LookUp } from "./look_up.ts";
import type { ObtainShared } from "./sharing.ts";
import type { Deps, StorePlan } from "./source.ts";

/** Returns a look-up that asks the other machines before it asks a store. */
export function sharedLookUp(share: ObtainShared, store: StorePlan, deps: Deps): LookUp {
  const alone = new LookUp(store, deps);
  const obtain: LookUp["obtain"] = (attempt, call) =>
    share(attempt, (named, repeats) => {
      // Hint: a token is named by what it is obtained with, also where it is tried again.
      const resolveNeed: Deps["resolveNeed"] = (key) =>
        named.needs.find((need) => need.key === key) ?? deps.resolveNeed(key, call);
      return alone.obtain(named.again({ store, deps: { ...deps, resolveNeed } }), call, repeats);
    }, call);
  return Object.assign(new LookUp(store, deps), { obtain });
}
