import type { ChainDescription, CredentialDescription } from "../../core/engine/describe.ts";
import type { Hints } from "./hints.ts";
import { neededBy, waysToSupply } from "./ways.ts";

/**
 * Lists the credentials that an unconfigured store which is on will need next, and that no store has, or has only in
 * part.
 *
 * @param store The store; one that can be asked reports by itself what it needs.
 * @param description The description that it is part of.
 * @param hints What is known about the chain besides the description.
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
