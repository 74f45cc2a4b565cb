import type { Refusal } from "../core/chain/outcome.ts";
import type { Access } from "../core/engine/access.ts";
import { type ShareEngine, shareOf } from "../core/source/sharing.ts";
import type { Finding } from "./finding.ts";

/** Finds the stores that are on and cannot share their tokens now. It asks the engine of each once. */
export async function unsharedStores({ plan, open, askEngine }: Access): Promise<readonly Finding[]> {
  const stores = plan.stores.filter(({ name, readers }) => readers.length > 0 && open(name).state === "on");
  const found = await Promise.all(stores.map(async (store): Promise<Finding | undefined> => {
    const share = shareOf(store);
    const refusal = share && await askEngine(store.name);
    return refusal && { rule: "unshared", path: `stores.${store.name}.share`, message: messageOf(refusal, share) };
  }));
  return found.filter((finding) => finding !== undefined);
}

const FIXES: Readonly<Record<Refusal["outcome"], string>> = {
  unavailable: "start it, or correct how it is reached",
  denied: "correct its credential, or what the engine grants to it",
  invalid: "correct the options of share, or use another engine",
};

function messageOf({ outcome, detail }: Refusal, { engine, needed }: ShareEngine): string {
  const { credential } = needed;
  // Hint: a problem with the seal does not concern the engine's credential.
  const isNamed = credential === undefined || Object.values(needed).some((key) => detail.includes(`"${key}"`));
  const found = `Cannot share tokens by ${isNamed ? engine : `${engine} with "${credential}"`}: ${detail}`;
  // Hint: a detail with two parts already says what to do.
  return detail.includes(": ") ? found : `${found}: ${FIXES[outcome]}`;
}
