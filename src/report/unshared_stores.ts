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

function messageOf({ outcome, detail }: Refusal, { engine, needed }: ShareEngine): string {
  const found = `Cannot share tokens by ${engine}: ${detail}`;
  // Hint: a detail that is about one of its credentials says what to do with that.
  if (Object.values(needed).some((key) => detail.includes(`"${key}"`))) return found;
  const credential = needed.credential === undefined ? "its credential" : `"${needed.credential}"`;
  if (outcome === "denied") return `${found}: correct ${credential}, or what the engine grants to it`;
  if (outcome === "invalid") return `${found}: correct its connect(), or use an engine of another kind`;
  return `${found}: start it, or correct ${credential}`;
}
