import type { Shared } from "../core/chain/outcome.ts";
import type { EngineState, ShareDescription } from "../core/chain/share.ts";
import type { StoreDescription } from "../core/engine/describe.ts";

/** Says how a store shares its tokens, if it does: `redis (on), minted 1, received 3, entry 1a2b3c4d`. */
export function shareText({ share, state }: StoreDescription): string | undefined {
  if (!share) return undefined;
  const { engine, entries, minted, received } = share;
  // Hint: a store that is not on asks nothing.
  const asked = share.state ?? (state === "on" ? "not asked yet" : undefined);
  return [
    asked ? `${engine} (${asked})` : engine,
    ...minted + received > 0 ? [`minted ${minted}`, `received ${received}`] : [],
    ...entries.length > 0 ? [`${entries.length > 1 ? "entries" : "entry"} ${entries.join(", ")}`] : [],
  ].join(", ");
}

const WHY_ALONE: Readonly<Record<EngineState, string>> = {
  on: "",
  away: ", which is away",
  refused: ", which refused its credential",
  misunderstood: ", whose answers were not as expected",
};

/** Says how a shared token was obtained, and why without the engine if it was. */
export function obtainedText(shared: Shared, share: ShareDescription | undefined): string {
  if (shared === "minted") return "minted by this process";
  if (shared === "received") return "received from another machine";
  return `obtained without ${share?.engine ?? "the engine"}${share?.state ? WHY_ALONE[share.state] : ""}`;
}
