import type { ChainDescription, CredentialDescription } from "../../core/engine/describe.ts";
import type { Hints } from "./hints.ts";
import { neededBy, waysToSupply } from "./ways.ts";

/**
 * Lists the credentials that a store which is on and not configured will need next, and that no store has, or has in part.
 *
 * @param store The store; one that can be asked says itself what it needs.
 * @param description The description that it is part of.
 * @param hints What is known of the chain beside the description.
 * @returns What to supply, and how.
 */
export function unmetNeeds(store: string, description: ChainDescription, hints: Hints): readonly string[] {
  if (description.stores.find(({ name }) => name === store)?.state !== "invalid") return [];
  const isLacking = ({ last }: CredentialDescription) => ["not_found", "incomplete"].includes(last?.error ?? "");
  return neededBy(store, description, hints).filter(isLacking).map((needed) => {
    const ways = waysToSupply(needed, description, hints).map(({ store, names }) =>
      names === undefined ? `by switching ${store} on` : `in ${store}: ${names}`
    );
    return `supply "${needed.key}" too${ways.length > 0 ? `, ${ways.join("; or ")}` : ""}`;
  });
}
