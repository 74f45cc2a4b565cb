import type { Clock } from "../chain/host.ts";
import type { StorePlan } from "../source/source.ts";
import type { StoreInUse } from "../source/store_in_use.ts";
import type { Plan } from "./plan.ts";

/** How long all stores together may take to close. */
const CLOSE_MS = 5_000;

/**
 * Closes stores, each after those that need what it gives, within five seconds in all; never rejects.
 *
 * @param plan The plan of their chain.
 * @param inUse Returns a store in use.
 * @param need Returns a needed credential as it is held.
 * @param clock Tells when the time is up.
 */
export async function closeStores(
  plan: Pick<Plan, "stores" | "credentials">,
  inUse: (name: string) => StoreInUse | undefined,
  need: (key: string) => object | undefined,
  clock: Clock,
): Promise<void> {
  const controller = new AbortController();
  const timeIsUp = new Promise((resolve) => controller.signal.addEventListener("abort", resolve));
  const cancel = clock.after(CLOSE_MS, () => controller.abort());
  const within = (all: readonly Promise<unknown>[]) => Promise.race([timeIsUp, Promise.all(all)]);
  const closing = new Map<StorePlan, Promise<unknown>>();
  const close = (store: StorePlan): Promise<unknown> => {
    // Hint: a store whose dependents do not close in time is closed all the same, so that it releases what it has.
    const begun = closing.get(store) ?? within(dependentsOf(store, plan).map(close))
      .then(() => inUse(store.name)?.close(controller.signal, need));
    closing.set(store, begun);
    return begun;
  };
  await within(plan.stores.map(close));
  cancel();
  controller.abort();
}

/** Returns the stores that need a credential this one may give. */
function dependentsOf(
  giver: StorePlan,
  { stores, credentials }: Pick<Plan, "stores" | "credentials">,
): readonly StorePlan[] {
  const isGiven = (key: string) => credentials.get(key)!.sources.some(({ store }) => store === giver);
  return stores.filter(({ store }) => store.needs.some(isGiven));
}
