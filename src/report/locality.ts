import type { Insides } from "../insides.ts";
import type { Source } from "../plan.ts";

/** Whether asking a store keeps off the network: it is not on, or it is local and so is all that it needs. */
export function keepsOffNetwork({ plan, stores }: Pick<Insides, "plan" | "stores">, { store }: Source): boolean {
  if (stores.get(store.name)!.open.state !== "on") return true;
  if (!store.spec.local) return false;
  const needed = store.store.needs.flatMap((key) => plan.credentials.get(key)!.sources);
  return needed.every((source) => keepsOffNetwork({ plan, stores }, source));
}
