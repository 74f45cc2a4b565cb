import type { OpenStore } from "../source/store_in_use.ts";
import type { CredentialPlan } from "./credential_plan.ts";
import type { Plan } from "./plan.ts";

/** Whether all stores that serve a credential, or all that need it, are off. */
export function isUnused(
  { stores }: Plan,
  open: (store: string) => OpenStore,
  { key, sources }: CredentialPlan,
): boolean {
  const off = (name: string) => open(name).state === "off";
  const serving = sources.filter(({ mapsIdentity }) => mapsIdentity);
  const needing = stores.filter(({ store }) => store.needs.includes(key));
  return serving.length > 0 && serving.every(({ store }) => off(store.name)) ||
    needing.length > 0 && needing.every(({ name }) => off(name));
}
