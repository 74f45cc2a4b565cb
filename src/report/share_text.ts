import type { Shared } from "../core/chain/outcome.ts";
import type { EngineState, ShareDescription } from "../core/chain/share.ts";

/** Says how the tokens of a store are shared: `redis (on), minted 1, received 3, entry 1a2b3c4d`. */
export function shareText({ engine, state, entries, minted, received }: ShareDescription): string {
  return [
    `${engine} (${state ?? "not asked yet"})`,
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

/** Says how a token of a store that shares its tokens was obtained, and why without its engine. */
export function obtainedText(shared: Shared, share: ShareDescription | undefined): string {
  if (shared === "minted") return "minted by this process";
  if (shared === "received") return "received from another machine";
  return `obtained without ${share?.engine ?? "the engine"}${share?.state ? WHY_ALONE[share.state] : ""}`;
}
